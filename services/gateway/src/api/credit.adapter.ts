import {
  creditRoutes as routes,
  type RouteAnswer,
  visitConfirmationRoutes as confirmations,
} from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import { ask, type AskOptions } from '@caretab/host';

/** Who pays, and whether their word is awaited. */
export interface Awaited {
  readonly personId: string;
  readonly state: RouteAnswer<typeof confirmations.showVisitConfirmation>['state'];
}

const away = (details: DomainError['details']): DomainError =>
  new DomainError('CREDIT_UNAVAILABLE', 'unavailable', details);

/** Credit over HTTP, for whether a person uses the service, and what they say of a visit. Timeout 2 s. */
export class CreditClient {
  private readonly options: AskOptions | undefined;

  /** `url`: undefined where it is not set. Then credit declines later, at the opening. */
  constructor(url: string | undefined, asking: (asked: string, url: string) => AskOptions) {
    this.options = url === undefined ? undefined : asking('credit', url);
  }

  /**
   * The word of who pays about a visit, given at the desk of an institution or by themselves; false where
   * credit awaits none. Throws CREDIT_UNAVAILABLE (unavailable).
   */
  async confirm(visitId: string, agree: boolean, desk?: string): Promise<boolean> {
    if (!this.options) return false;
    const path = confirmations.confirmVisit.path.replace('{visitId}', encodeURIComponent(visitId));
    const body = { agree, ...(desk !== undefined && { desk }) };
    const { status } = await ask(this.options, { method: 'POST', path, body }, away);
    if (status === 404 || status === 409) return false;
    if (status !== 200) throw away({ answered: status });
    return true;
  }

  /** Who is asked about a visit. Throws VISIT_UNKNOWN (not-found): no one is; CREDIT_UNAVAILABLE (unavailable). */
  async confirmationOf(visitId: string): Promise<Awaited> {
    const none = new DomainError('VISIT_UNKNOWN', 'not-found', {
      visitId,
      why: 'no one is asked about it',
    });
    if (!this.options) throw none;
    const { path: route } = confirmations.showVisitConfirmation;
    const path = route.replace('{visitId}', encodeURIComponent(visitId));
    const { status, body } = await ask(this.options, { method: 'GET', path }, away);
    if (status === 404) throw none;
    if (status !== 200) throw away({ answered: status });
    const said = body as RouteAnswer<typeof confirmations.showVisitConfirmation>;
    return { personId: said.accountPersonId, state: said.state };
  }

  /** Throws NOT_ENROLLED (not-found), CREDIT_UNAVAILABLE (unavailable). */
  async assertEnrolled(personId: string): Promise<void> {
    if (!this.options) return;
    const path = routes.showAccount.path.replace('{personId}', encodeURIComponent(personId));
    const { status, body } = await ask(this.options, { method: 'GET', path }, away);
    const isOpen =
      status === 200 && (body as RouteAnswer<typeof routes.showAccount>).enrolment === 'open';
    if (isOpen) return;
    if (status !== 200 && status !== 404) throw away({ answered: status });
    throw new DomainError('NOT_ENROLLED', 'not-found', {
      why: 'the person does not use the service, or no longer does',
      remedy: 'collect from the person at the counter; the visit stays on no one’s line',
    });
  }
}
