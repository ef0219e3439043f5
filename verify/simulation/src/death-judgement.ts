import { creditAccounts, creditAuthorizations } from '@caretab/contracts';
import type { JudgedRun } from './judged-run';
import { publishedIn } from './published';
import { rows } from './quiescence';
import type { Death, Moment } from './standing-book';
import { must } from './violation';

interface Order {
  readonly orderId: string;
  readonly visitId: string;
}

const GRANTED: ReadonlySet<string> = new Set(['CreditAuthorized', 'HoldIncreased']);
const STEPS: ReadonlySet<string> = new Set([
  'ArrearsReminded',
  'DefaultAnnounced',
  'DefaultReported',
]);
const PERSON_DIED = 'PERSON_DIED';
/** Of accounts that are bound; another one is offered by who lives. */
const BOUND = /^account-/;

/** While every service goes by it that the person is dead; undefined: there is no such time. */
const spanOf = ({
  died,
  back,
}: Death): { readonly from: Moment; readonly to: Moment } | undefined =>
  died.known && {
    from: died.known,
    to: back?.asked ?? { ms: Infinity, sent: Infinity, delivered: Infinity },
  };

/**
 * Of who has died nothing is granted, debited, sent or said of arrears; no one else is taken for dead;
 * and taken back, what was not collected is. By the moments at which staff recorded it, by what was
 * published, and by the bank's book. Throws Violation.
 */
export const theDeadAreLeftAlone = (court: JudgedRun): void => {
  const { standing } = court;
  noOneElseIsDead(court);
  for (const death of standing.deaths) {
    const span = spanOf(death);
    if (span) isLeftAlone(court, death, span);
    if (death.back?.known) goesOn(court, death);
  }
};

const isLeftAlone = (
  { world, plan, people, watch }: JudgedRun,
  { personId }: Death,
  { from, to }: { readonly from: Moment; readonly to: Moment },
): void => {
  for (const { at, type, data } of publishedIn(world, creditAuthorizations, creditAccounts)) {
    const isTheirs = data['personId'] === personId || data['accountPersonId'] === personId;
    const isForbidden = GRANTED.has(type) || STEPS.has(type);
    must(!isTheirs || !isForbidden || at < from.sent || at > to.sent, 'dead', () => ({
      ...{ personId, type, data },
    }));
  }
  for (const { orderId, visitId } of rows<Order>(world, 'payment', 'payment_order')) {
    const atMs = world.acquirer.ordered.get(orderId)?.getTime();
    const payer = watch.book.tabs.get(visitId)?.verdict?.accountPersonId;
    if (atMs === undefined || payer !== personId) continue;
    const isDebited = BOUND.test(world.acquirer.tokens.get(orderId) ?? '');
    must(!isDebited || atMs < from.ms || atMs > to.ms, 'dead', () => ({
      ...{ personId, visitId, orderId, debited: new Date(atMs) },
    }));
  }
  const { email, mobile } = plan.citizens[people.personIds.indexOf(personId)]!;
  for (const { address, noticeId } of world.delivered.slice(from.delivered, to.delivered))
    must(address !== email && address !== mobile, 'dead', () => ({ personId, noticeId }));
};

/** Refused for a death, or missed for one, is what is of a person who may be taken for dead. */
const noOneElseIsDead = ({ world, standing }: JudgedRun): void => {
  for (const { at, type, data } of publishedIn(world, creditAuthorizations)) {
    if (data['reason'] !== PERSON_DIED) continue;
    const personId = data['personId'] as string;
    const whose = [personId, ...standing.guardiansAt(personId, at)];
    must(
      whose.some((one) => standing.mayBeDead(one, at)),
      'dead',
      () => ({ type, data, died: 'no one' }),
    );
  }
};

/** What could not be collected since they were dead is paid, or the bank says why it is not. */
const goesOn = ({ watch, standing }: JudgedRun, { personId }: Death): void => {
  if (!standing.isAlive(personId)) return;
  for (const [visitId, { misses, status }] of watch.book.tabs) {
    const last = misses.at(-1);
    if (last?.accountPersonId !== personId || status === 'settled') continue;
    must(last.reason !== PERSON_DIED, 'dead', () => ({
      ...{ personId, visitId, status, collectedAgain: 'never' },
    }));
  }
};
