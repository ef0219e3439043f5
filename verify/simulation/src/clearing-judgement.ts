import type { Reply } from './controller-door';
import type { InvariantWatch } from './invariant-watch';
import type { JudgedRun } from './judged-run';
import { dayOf } from './settlement-days';
import { clearedIsInPayout, type PartyAmount } from './statement-judgement';
import type { AdjudicatedFact } from './tab-record';
import { must } from './violation';

interface Cleared {
  readonly balanceFen: number;
  readonly parties: readonly PartyAmount[];
}
interface Movement {
  readonly visitId: string;
  readonly paymentId: string;
  readonly refundId?: string;
  readonly channel: string;
  readonly amountFen: number;
}

/** Amounts by `<party> <id>`. */
type Amounts = ReadonlyMap<string, number>;

/** What parties are owed (positive) or owe of one movement, and the day of our books that it has. */
interface Booked {
  readonly day: string;
  readonly party: string;
  readonly amountFen: number;
}

/**
 * What channels hold, by the moment at which payment published each movement; what a hospital paid
 * back at its counter is owed to it.
 */
const moved = ({ world, watch }: JudgedRun): Booked[] => {
  const last = new Map<string, Booked>();
  for (const { topic, message } of world.sent) {
    const type = message.headers['ce_type'];
    if (topic !== 'payment.payments') continue;
    if (type !== 'PaymentCaptured' && type !== 'RefundCompleted') continue;
    const movement = JSON.parse(message.value) as Movement;
    const { paymentId, refundId, channel, amountFen, visitId } = movement;
    // A transfer is the fund's own money.
    if (channel === 'transfer') continue;
    const party = channel === 'cash' ? institutionOf(watch, visitId) : `channel ${channel}`;
    const isOwed = refundId !== undefined;
    last.set(refundId ?? paymentId, {
      ...{ day: dayOf(message.headers['ce_time']!), party },
      amountFen: isOwed ? amountFen : -amountFen,
    });
  }
  return [...last.values()];
};

const institutionOf = ({ book }: InvariantWatch, visitId: string): string =>
  `institution ${book.tabs.get(visitId)!.institutionId}`;

/**
 * What hospitals are owed and insurers owe: each verdict in the place of the one before it, on the
 * day on which payment recorded it, whatever day of care the hospital or the bank has.
 */
const settled = ({ watch }: JudgedRun): Booked[] => {
  const before = new Map<string, AdjudicatedFact>();
  return watch.settlements.all.flatMap(({ visitId, revision, day }) => {
    const now = watch.book.tabs.get(visitId)!.verdicts.get(revision)!;
    const earlier = before.get(visitId);
    before.set(visitId, now);
    const sides = [
      [now, 1],
      [earlier, -1],
    ] as const;
    return sides.flatMap(([verdict, sign]) =>
      verdict
        ? [
            { day, party: institutionOf(watch, visitId), amountFen: sign * verdict.grossFen },
            ...lentBy(watch, visitId, sign * verdict.patientDueFen, day),
            ...verdict.payers.map(({ payerId, amountFen }) => ({
              ...{ day, party: `insurer ${payerId}`, amountFen: -sign * amountFen },
            })),
          ]
        : [],
    );
  });
};

/** A bank owes the whole due of what it lends. */
const lentBy = (
  { book }: InvariantWatch,
  visitId: string,
  dueFen: number,
  day: string,
): Booked[] => {
  const { lenderId } = book.tabs.get(visitId)!;
  return lenderId === undefined ? [] : [{ day, party: `bank ${lenderId}`, amountFen: -dueFen }];
};

const sumsOf = (booked: readonly Booked[]): Amounts => {
  const sums = new Map<string, number>();
  for (const { party, amountFen } of booked) sums.set(party, (sums.get(party) ?? 0) + amountFen);
  return sums;
};

/** A clearing of a few visits, one in a page, takes about so long. */
const CLEARING_MS = 300;

/**
 * Two operators clear a day at once, and every process of payment dies meanwhile. Until the day is
 * cleared there is no clearing to be seen, and then there is all of it.
 */
const clearedAmidDeaths = async ({ world, people }: JudgedRun, date: string): Promise<Reply> => {
  const asks = [1, 2].map(() =>
    people.ask('payment', 'POST', '/payment/clearings', { businessDate: date }),
  );
  world.scheduler.after(world.chance.integer(1, CLEARING_MS), 'payment dies as it clears', () =>
    world.killAll('payment'),
  );
  const seen = await people.ask('payment', 'GET', `/payment/clearings/${date}`);
  const [reply, other] = await Promise.all(asks);
  must(JSON.stringify(reply) === JSON.stringify(other), 'inEffectOnce', () => [reply, other]);
  must(
    seen.status === 404 ||
      seen.status === 409 ||
      JSON.stringify(seen.body) === JSON.stringify(reply!.body),
    'inEffectOnce',
    () => ({ date, seen, reply }),
  );
  return reply!;
};

/**
 * A day is cleared once it is over: to nothing, cleared again gives the same, and each party has what
 * was booked by our clock on the day, or on one before that was not cleared. Throws Violation.
 */
export const daysAreCleared = async (court: JudgedRun): Promise<void> => {
  const { world, people } = court;
  const ask = (businessDate: string): Promise<Reply> =>
    people.ask('payment', 'POST', '/payment/clearings', { businessDate });
  const today = world.days().at(-1)!;
  const early = await ask(today);
  must(early.status === 422, 'dayOver', () => ({ today, early }));
  world.leapPastMidnight();
  const booked = [...moved(court), ...settled(court)];
  const all: PartyAmount[] = [];
  let before = '';
  for (const date of [...world.days()].sort().slice(0, -1)) {
    const reply = await clearedAmidDeaths(court, date);
    must(reply.status === 200, 'dayOver', () => ({ date, reply }));
    const first = reply.body as Cleared;
    all.push(...first.parties);
    const sumFen = first.parties.reduce((sum, { amountFen }) => sum + amountFen, 0);
    must(first.balanceFen === 0 && sumFen === 0, 'balance', () => first);
    const again = JSON.stringify((await ask(date)).body);
    must(again === JSON.stringify(first), 'inEffectOnce', () => first);
    const expected = sumsOf(booked.filter(({ day }) => day > before && day <= date));
    const seen: Amounts = new Map(
      first.parties.map(({ party, partyId, amountFen }) => [`${party} ${partyId}`, amountFen]),
    );
    for (const party of new Set([...expected.keys(), ...seen.keys()]))
      // What the fund has is what is left of a sum of nothing.
      if (!party.startsWith('funder'))
        must((expected.get(party) ?? 0) === (seen.get(party) ?? 0), 'calendars', () => ({
          date,
          party,
          expectedFen: expected.get(party) ?? 0,
          seenFen: seen.get(party) ?? 0,
        }));
    before = date;
  }
  await clearedIsInPayout(court, all);
};
