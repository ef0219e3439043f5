import { creditAuthorizations, visitLedgerVisits } from '@caretab/contracts';
import type { JudgedRun } from './judged-run';
import { debtFenOf } from './debt';
import { shippedLineFen } from './line-policy-data';
import { type Published, publishedAnew, publishedIn } from './published';
import { rows } from './quiescence';
import type { Tab } from './tab-record';
import { must } from './violation';

type Topics = readonly { readonly name: string }[];

interface Order {
  readonly orderId: string;
  readonly visitId: string;
}
interface Sums {
  readonly heldFen: number;
  readonly outstandingFen: number;
}
interface Shown extends Sums {
  readonly accountPersonId: string;
}
interface Grant {
  readonly visitId: string;
  readonly personId: string;
  readonly accountPersonId: string;
  readonly heldFen: number;
}

/**
 * Two who are one have one line, and two of them once they are two again: each visit stays under the
 * id that it was opened with and is paid by that person alone; no fen of a line is used twice; the list
 * of either is that of both. By the moments of the merge, the ledger's facts and the bank's book, not by what
 * any service keeps of merges. Throws Violation.
 */
export const mergesAreSo = async (court: JudgedRun): Promise<void> => {
  if (!court.plan.merge) return;
  visitsAreWhose(court);
  payersAreWhose(court);
  nothingIsSpentTwice(court);
  await linesAreWhose(court);
  await listsAreOfBoth(court);
};

/** Under whose id each visit was opened. */
const openedAs = ({
  world,
  merges,
}: JudgedRun): Map<string, { readonly personId: string; at: number }> => {
  const opened = new Map<string, { readonly personId: string; at: number }>();
  for (const { at, type, data } of publishedIn(world, visitLedgerVisits)) {
    const { visitId, personId } = data as { readonly visitId: string; readonly personId?: string };
    if (type === 'VisitOpened') opened.set(visitId, { personId: personId!, at });
    const known = opened.get(visitId);
    // What was sent for another is refused under the other's id.
    if (!known || !merges.isOfTwo(known.personId) || data['reason'] === 'PERSON_DIFFERS') continue;
    must(personId === undefined || personId === known.personId, 'merges', () => ({
      ...{ visitId, type, personId, openedAs: known },
    }));
  }
  return opened;
};

/** One's own, or the survivor's, where a card was read while they were one. */
const visitsAreWhose = (court: JudgedRun): void => {
  const { plan, people, merges } = court;
  const opened = openedAs(court);
  for (const visit of plan.visits) {
    const visitId = people.visitIdOf(visit);
    const seen = opened.get(visitId);
    const own = people.personIds[visit.citizen]!;
    if (!seen) continue;
    const { door } = plan.institutions[visit.institution]!;
    const isRead = door === 'http' && own === merges.mergedId;
    const isOwn = seen.personId === own;
    const isSurvivors = isRead && merges.mayBeOne(seen.at) && seen.personId === merges.survivorId;
    must(isOwn || isSurvivors, 'merges', () => ({ visitId, own, seen, door }));
    if (isSurvivors) merges.readAsSurvivor.add(visitId);
    const isLate = visit.isLater !== undefined && isRead && merges.wereOne(seen.at);
    must(!isLate || isSurvivors, 'merges', () => ({ visitId, own, seen, merged: 'unknown' }));
  }
};

/** Offered in another way: what the citizen who is asked to pay has at hand. */
const ANYONES = ['other-', 'again-'];

/** Whose account an order is debited from: the bound account of who the visit is of, or one offered. */
const payersAreWhose = (court: JudgedRun): void => {
  const { world, people, merges, watch } = court;
  const opened = openedAs(court);
  for (const { orderId, visitId } of rows<Order>(world, 'payment', 'payment_order')) {
    const token = world.acquirer.tokens.get(orderId);
    const personId = opened.get(visitId)?.personId ?? '';
    if (token === undefined || !merges.isOfTwo(personId)) continue;
    const own = `account-${people.personIds.indexOf(personId)}:`;
    must(
      ANYONES.some((begin) => token.startsWith(begin)) || token.startsWith(own),
      'merges',
      () => ({
        ...{ visitId, personId, debited: token, verdict: watch.book.tabs.get(visitId)?.verdict },
      }),
    );
  }
};

const saidByCredit = ({ world, watch }: JudgedRun, ...more: Topics): Published[] =>
  publishedAnew(world, watch.creditAnew.from, creditAuthorizations, ...more);

/**
 * What an open visit holds: as the ledger has it, or as a restored credit decided once more. The ledger keeps
 * the first answer then.
 */
const heldOf = (court: JudgedRun): ((visitId: string, tab: Tab) => number) => {
  const { from } = court.watch.creditAnew;
  const again = new Map<string, number>();
  for (const { at, type, data } of saidByCredit(court)) {
    const { visitId, heldFen } = data as Grant;
    if (at < from) continue;
    if (type === 'CreditAuthorized' || type === 'HoldIncreased') again.set(visitId, heldFen);
    if (type === 'HoldExpired') again.set(visitId, 0);
  }
  // A visit that waits for its end or its grace time holds on, also past the time of its hold.
  const first = ({ declined, heldFen }: Tab): number => (declined ? 0 : heldFen);
  return (visitId, tab) => (from === Infinity ? first(tab) : (again.get(visitId) ?? 0));
};

/** What a visit owes, by the ledger's facts and the bank's, with the platform at rest. */
const owedBy = (court: JudgedRun, visitId: string, tab: Tab): Sums => {
  if (tab.declined || tab.status === 'unknown' || tab.status === 'cancelled')
    return { heldFen: 0, outstandingFen: 0 };
  const isOwed = tab.status === 'adjudicated' || tab.lenderId !== undefined;
  // What is owed back is no one's line.
  const outstandingFen = isOwed ? Math.max(0, debtFenOf(court, visitId, tab)) : 0;
  return { heldFen: 0, outstandingFen };
};

/** Whom each visit was billed to when it was granted last. */
const billedIn = (court: JudgedRun): Map<string, string> =>
  new Map(
    saidByCredit(court).flatMap(({ type, data }) => {
      const { visitId, accountPersonId } = data as Grant;
      return type === 'CreditAuthorized' ? [[visitId, accountPersonId] as const] : [];
    }),
  );

/** With the platform at rest: each line bears what its visits take, to the fen. Throws Violation. */
export const linesAreWhose = async (court: JudgedRun): Promise<void> => {
  const { plan, people, watch, merges } = court;
  if (!merges.isDecided) return;
  const due = new Map(people.personIds.map((id) => [id, { heldFen: 0, outstandingFen: 0 }]));
  const held = heldOf(court);
  for (const [visitId, accountPersonId] of billedIn(court)) {
    const sums = due.get(merges.lineOf(accountPersonId))!;
    const tab = watch.book.tabs.get(visitId)!;
    const isOpen = tab.status === 'open' || tab.status === 'closed';
    const taken = isOpen
      ? { heldFen: held(visitId, tab), outstandingFen: 0 }
      : owedBy(court, visitId, tab);
    sums.heldFen += taken.heldFen;
    sums.outstandingFen += taken.outstandingFen;
  }
  for (const [citizen, personId] of people.personIds.entries()) {
    if (plan.citizens[citizen]!.guardian !== undefined) continue;
    const { status, body } = await people.ask('credit', 'GET', `/credit/accounts/${personId}`);
    if (status !== 200) continue;
    const { accountPersonId, heldFen, outstandingFen } = body as Shown;
    const line = merges.lineOf(personId);
    const right = due.get(line)!;
    const isSo =
      accountPersonId === line &&
      heldFen === right.heldFen &&
      outstandingFen === right.outstandingFen;
    must(isSo, 'merges', () => ({
      ...{ personId, line, right },
      shown: { accountPersonId, heldFen, outstandingFen },
    }));
  }
};

/**
 * While they are one, what is granted of the one line to either fits it beside what both hold: no fen is
 * held twice through two names.
 */
const nothingIsSpentTwice = (court: JudgedRun): void => {
  const { plan, merges, watch } = court;
  const lineFen = shippedLineFen(plan.citizens[plan.merge!.survivor]!.score);
  const { from, until } = watch.creditAnew;
  const over = new Set<string>();
  const held = new Map<string, number>();
  let isAnew = false;
  for (const { at, type, data } of saidByCredit(court, visitLedgerVisits)) {
    const { visitId, accountPersonId, heldFen } = data as Grant;
    if (at >= from && !isAnew) held.clear();
    isAnew = at >= from;
    // What is granted once more to a visit that is over ends with the next message.
    const isGrant = (type === 'CreditAuthorized' || type === 'HoldIncreased') && !over.has(visitId);
    if (OVER.has(type)) held.delete(visitId);
    if (ENDED.has(type)) over.add(visitId);
    if (!isGrant || !merges.isOfTwo(accountPersonId)) continue;
    const isMore = heldFen > (held.get(visitId) ?? 0);
    held.set(visitId, heldFen);
    const sumFen = [...held.values()].reduce((sum, one) => sum + one, 0);
    // A restored credit learns that they are one beside their visits.
    const wereOne = merges.wereOne(at) && !(at >= from && at < until);
    must(!isMore || !wereOne || sumFen <= lineFen, 'merges', () => ({
      ...{ type, visitId, heldFen, lineFen, held: [...held] },
    }));
  }
};

const ENDED: ReadonlySet<string> = new Set(['VisitCancelled', 'VisitAdjudicated']);

/** From here on a visit holds nothing, or soon will. */
const OVER: ReadonlySet<string> = new Set([
  'VisitCancelled',
  'VisitAdjudicated',
  'HoldExpired',
  'HoldReleased',
]);

const listsAreOfBoth = async (court: JudgedRun): Promise<void> => {
  const { people, watch, merges } = court;
  if (!merges.isDecided) return;
  const opened = openedAs(court);
  for (const personId of [merges.survivorId!, merges.mergedId!]) {
    const isTheirs = (of: string): boolean =>
      merges.areOne ? merges.isOfTwo(of) : of === personId;
    const due = [...opened].flatMap(([visitId, of]) =>
      isTheirs(of.personId) && watch.book.tabs.has(visitId) ? [visitId] : [],
    );
    const path = `/visit-ledger/persons/${personId}/visits`;
    const { body } = await people.ask('visit-ledger', 'GET', path);
    const { visits } = body as { readonly visits: readonly { readonly visitId: string }[] };
    const listed = visits.map(({ visitId }) => visitId);
    must(listed.sort().join() === due.sort().join(), 'merges', () => ({ personId, listed, due }));
  }
};
