import { creditRoutes, type RouteAnswer } from '@caretab/contracts';
import { ask, type AskOptions } from '@caretab/host';
import { DomainError } from '@caretab/kernel';
import type { Services } from './merges';
import type { Service } from './obstacles';

const NOT_FOUND = 404;
const away = (details: DomainError['details']): DomainError =>
  new DomainError('CREDIT_UNAVAILABLE', 'unavailable', details);

/** Credit over HTTP. Timeout 2 s. */
export class ServiceClient implements Services {
  constructor(private readonly options: AskOptions) {}

  async of(personId: string): Promise<Service> {
    const path = creditRoutes.showAccount.path.replace('{personId}', personId);
    const { status, body } = await ask(this.options, { method: 'GET', path }, away);
    if (status === NOT_FOUND) return undefined;
    if (status === 200) return (body as RouteAnswer<typeof creditRoutes.showAccount>).enrolment;
    throw away({ answered: status });
  }
}
