import { creditAuthorizations } from '@caretab/contracts';
import type { JudgedRun } from './judged-run';
import { publishedIn } from './published';
import { rows } from './quiescence';
import type { Revoked } from './standing-book';
import { mayEnd } from './obliged';
import { must } from './violation';

interface Order {
  readonly orderId: string;
  readonly visitId: string;
}

/**
 * What was revoked is not used: without the consent to the service nothing is granted, and it is
 * closed once nothing is owed, not before; without the mandate no bound account is debited. By the
 * moment of the revocation, what was published and the bank's book. Throws Violation.
 */
export const revokedIsNotUsed = async (court: JudgedRun): Promise<void> => {
  if (court.plan.restores) return;
  for (const revoked of court.standing.revoked) {
    noDebit(court, revoked);
    if (revoked.purpose !== 'service') continue;
    nothingGranted(court, revoked);
    await isClosed(court, revoked);
  }
};

/** All end with the service: the mandate too. */
const noDebit = ({ world, watch }: JudgedRun, { personId, turn: { known } }: Revoked): void => {
  if (!known) return;
  for (const { orderId, visitId } of rows<Order>(world, 'payment', 'payment_order')) {
    const atMs = world.acquirer.ordered.get(orderId)?.getTime() ?? 0;
    const token = world.acquirer.tokens.get(orderId) ?? '';
    const payer = watch.book.tabs.get(visitId)?.verdict?.accountPersonId;
    must(
      payer !== personId || atMs < known.ms || !token.startsWith('account-'),
      'consents',
      () => ({ personId, visitId, orderId, debited: new Date(atMs) }),
    );
  }
};

const nothingGranted = ({ world }: JudgedRun, { personId, turn: { known } }: Revoked): void => {
  for (const { at, type, data } of publishedIn(world, creditAuthorizations))
    must(
      type !== 'CreditAuthorized' || data['personId'] !== personId || !known || at < known.sent,
      'consents',
      () => ({ personId, type, data }),
    );
};

const isClosed = async (court: JudgedRun, { personId }: Revoked): Promise<void> => {
  const { people, plan } = court;
  const citizen = people.personIds.indexOf(personId);
  const { status, body } = await people.ask('credit', 'GET', `/credit/accounts/${personId}`);
  // They had closed it themselves, or had never opened it.
  const hasLeft = plan.deeds.some((deed) => deed.kind === 'leave' && deed.citizen === citizen);
  if (status !== 200 || hasLeft || people.forgotten.has(citizen)) return;
  const { enrolment } = body as { readonly enrolment: string };
  const due = mayEnd(court, citizen) ? 'closed' : 'ending';
  must(enrolment === due, 'consents', () => ({ personId, enrolment, due }));
};
