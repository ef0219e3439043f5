import { creditRoutes, type RouteAnswer, visitLedgerRoutes } from '@caretab/contracts';
import { ask, type AskOptions } from '@caretab/host';
import { DomainError } from '@caretab/kernel';
import type { Neighbours, VisitStanding } from './obstacles';

const creditAway = (details: DomainError['details']): DomainError =>
  new DomainError('CREDIT_UNAVAILABLE', 'unavailable', details);
const ledgerAway = (details: DomainError['details']): DomainError =>
  new DomainError('LEDGER_UNAVAILABLE', 'unavailable', details);

/** Credit and the visit ledger over HTTP. Timeout 2 s. */
export class NeighbourClient implements Neighbours {
  constructor(
    private readonly options: {
      readonly credit: AskOptions;
      readonly ledger: AskOptions;
    },
  ) {}

  async credit(
    personId: string,
    close: boolean,
  ): Promise<RouteAnswer<typeof creditRoutes.closeForErasure>> {
    const path = creditRoutes.closeForErasure.path.replace('{personId}', personId);
    const question = { method: 'POST', path, body: { close } } as const;
    const { status, body } = await ask(this.options.credit, question, creditAway);
    if (status === 200) return body as RouteAnswer<typeof creditRoutes.closeForErasure>;
    throw creditAway({ answered: status });
  }

  async visits(personId: string): Promise<readonly VisitStanding[]> {
    const path = visitLedgerRoutes.personVisits.path.replace('{personId}', personId);
    const question = { method: 'GET', path } as const;
    const { status, body } = await ask(this.options.ledger, question, ledgerAway);
    if (status === 200) return (body as RouteAnswer<typeof visitLedgerRoutes.personVisits>).visits;
    throw ledgerAway({ answered: status });
  }
}
