import type { Subject } from '@caretab/access';
import {
  type Route,
  type RouteAnswer,
  type RouteInput,
  visitLedgerRoutes as routes,
} from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import { ask, type AskOptions } from '@caretab/host';

const away = (details: DomainError['details']): DomainError =>
  new DomainError('LEDGER_UNAVAILABLE', 'unavailable', details);

/** Nothing of the visit is read or decided: its log holds what the ledger did not write. */
const refuseSetAside = (status: number, body: unknown): void => {
  const { code } = (body ?? {}) as { readonly code?: unknown };
  if (status === 409 && code === 'VISIT_SET_ASIDE')
    throw new DomainError('VISIT_SET_ASIDE', 'conflict');
};

type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

/** The ledger answers in time; beyond this its answer is not waited for. */
const DECISION_MARGIN_MS = 300;

/** What the ledger answers to who an unidentified patient is said to be. */
const PROPOSAL_REFUSALS: ReadonlyMap<unknown, () => DomainError> = new Map([
  ['VISIT_NOT_UNIDENTIFIED', () => new DomainError('VISIT_NOT_UNIDENTIFIED', 'conflict')],
  ['IDENTIFICATION_PENDING', () => new DomainError('IDENTIFICATION_PENDING', 'conflict')],
  ['IDENTIFICATION_REFUSED', () => new DomainError('IDENTIFICATION_REFUSED', 'conflict')],
]);

export interface AskedCharge {
  readonly chargeId: string;
  readonly amountFen: number;
}

export type ChargeDecision = RouteAnswer<typeof routes.decisions>['decisions'][number];

/** The decisions of the visit ledger, waited for. */
export type DecisionsOn = VisitLedgerClient['decisionsOn'];

/** The visit ledger over HTTP, in the place of who reads at the edge. Timeout 2 s. */
export class VisitLedgerClient {
  constructor(private readonly options: AskOptions) {}

  /** Throws VISIT_UNKNOWN (not-found), VISIT_SET_ASIDE (conflict), LEDGER_UNAVAILABLE (unavailable). */
  visit(visitId: string, carried: Subject): Answer<'showVisit'> {
    return this.get(routes.showVisit, visitId, carried);
  }

  history(visitId: string, carried: Subject): Answer<'history'> {
    return this.get(routes.history, visitId, carried);
  }

  /** Throws COVERAGE_AWAITED (conflict), and what `visit` throws. */
  preSettlement(visitId: string, carried: Subject): Answer<'preSettlement'> {
    return this.get(routes.preSettlement, visitId, carried);
  }

  visitsOf(personId: string, carried: Subject): Answer<'personVisits'> {
    return this.get(routes.personVisits, personId, carried);
  }

  /**
   * The citizen's answer to a late charge. Throws AGREEMENT_UNKNOWN (not-found) where it waits for
   * none, VISIT_SET_ASIDE (conflict), LEDGER_UNAVAILABLE (unavailable).
   */
  async answerLateCharge(
    { visitId, chargeId }: { readonly visitId: string; readonly chargeId: string },
    agreed: boolean,
  ): Promise<void> {
    const path = routes.answerLateCharge.path
      .replace('{visitId}', encodeURIComponent(visitId))
      .replace('{chargeId}', encodeURIComponent(chargeId));
    await this.answered(path, { agreed, by: 'citizen' });
  }

  private async answered(path: string, body: object): Promise<void> {
    const { status, body: said } = await ask(this.options, { method: 'POST', path, body }, away);
    refuseSetAside(status, said);
    if (status === 404 || status === 409) throw new DomainError('AGREEMENT_UNKNOWN', 'not-found');
    if (status !== 200) throw away({ answered: status });
  }

  /** Throws LEDGER_UNAVAILABLE (unavailable). */
  async unidentifiedVisits(
    institutionId: string,
    after: string | undefined,
    carried: Subject,
  ): Answer<'listUnidentifiedVisits'> {
    const query = new URLSearchParams({ institutionId, ...(after !== undefined && { after }) });
    const path = `${routes.listUnidentifiedVisits.path}?${query}`;
    const { status, body } = await ask(this.options, { method: 'GET', path, carried }, away);
    if (status !== 200) throw away({ answered: status });
    return body as RouteAnswer<typeof routes.listUnidentifiedVisits>;
  }

  /**
   * Who an unidentified patient is, by two people. Throws VISIT_UNKNOWN (not-found),
   * VISIT_NOT_UNIDENTIFIED, IDENTIFICATION_PENDING, IDENTIFICATION_REFUSED, VISIT_SET_ASIDE
   * (conflict), LEDGER_UNAVAILABLE (unavailable).
   */
  async proposePatient(
    visitId: string,
    proposal: RouteInput<typeof routes.proposePatient>['body'],
  ): Answer<'proposePatient'> {
    const path = routes.proposePatient.path.replace('{visitId}', encodeURIComponent(visitId));
    const question = { method: 'POST', path, body: proposal } as const;
    const { status, body } = await ask(this.options, question, away);
    if (status === 200) return body as RouteAnswer<typeof routes.proposePatient>;
    refuseSetAside(status, body);
    const { code } = (body ?? {}) as { readonly code?: unknown };
    if (status === 404 && code === 'VISIT_UNKNOWN')
      throw new DomainError('VISIT_UNKNOWN', 'not-found', {
        why: 'the ledger has no such visit (yet)',
      });
    throw PROPOSAL_REFUSALS.get(code)?.() ?? away({ answered: status });
  }

  /**
   * Whether they are the patient whom no one knew. Throws AGREEMENT_UNKNOWN (not-found) where no
   * answer is awaited, VISIT_SET_ASIDE (conflict), LEDGER_UNAVAILABLE (unavailable).
   */
  async answerIdentification(
    { visitId, linkId }: { readonly visitId: string; readonly linkId: string },
    agreed: boolean,
  ): Promise<void> {
    const path = routes.answerIdentification.path
      .replace('{visitId}', encodeURIComponent(visitId))
      .replace('{linkId}', encodeURIComponent(linkId));
    await this.answered(path, { agreed, by: 'citizen' });
  }

  /**
   * What the ledger decides on these charges within `waitMs`. Where it cannot be asked they are
   * undecided: they are accepted all the same.
   */
  async decisionsOn(
    visitId: string,
    charges: readonly AskedCharge[],
    { waitMs, carried }: { readonly waitMs: number; readonly carried: Subject },
  ): Promise<readonly ChargeDecision[]> {
    const path = routes.decisions.path.replace(/\{\w+\}/, encodeURIComponent(visitId));
    const options = { ...this.options, deadlineMs: waitMs + DECISION_MARGIN_MS };
    try {
      const question = { method: 'POST', path, body: { charges, waitMs }, carried } as const;
      const { status, body } = await ask(options, question, away);
      if (status === 200) return (body as RouteAnswer<typeof routes.decisions>).decisions;
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
    }
    return charges.map(({ chargeId }) => ({ chargeId, decision: 'undecided' }));
  }

  private async get<R extends Route>(
    route: R,
    id: string,
    carried: Subject,
  ): Promise<RouteAnswer<R>> {
    const path = route.path.replace(/\{\w+\}/, encodeURIComponent(id));
    const { status, body } = await ask(this.options, { method: 'GET', path, carried }, away);
    // Our own ledger answers by the same declaration; its answer is passed on as it is.
    if (status === 200) return body as RouteAnswer<R>;
    refuseSetAside(status, body);
    if (status === 404)
      throw new DomainError('VISIT_UNKNOWN', 'not-found', {
        why: 'the ledger has no such visit (yet)',
      });
    if (status === 409 && (body as { code?: unknown } | undefined)?.code === 'COVERAGE_AWAITED')
      throw new DomainError('COVERAGE_AWAITED', 'conflict', { visitId: id });
    throw away({ answered: status });
  }
}
