import type { Reply } from './controller-door';
import type { JudgedRun } from './judged-run';
import { clearedIsInPayout, type PartyAmount } from './statement-judgement';
import { must } from './violation';

interface Cleared {
  readonly balanceFen: number;
  readonly parties: readonly PartyAmount[];
}
interface Movement {
  readonly paymentId: string;
  readonly refundId?: string;
  readonly channel: string;
  readonly amountFen: number;
}

const SHANGHAI_MS = 8 * 3_600_000;
const dayOf = (instant: string): string =>
  new Date(Date.parse(instant) + SHANGHAI_MS).toISOString().slice(0, 10);

/** What channels hold of a day, by the moment at which payment published each movement. */
const movedFen = ({ world }: JudgedRun): ReadonlyMap<string, ReadonlyMap<string, number>> => {
  const last = new Map<string, { readonly day: string; readonly channel: string; fen: number }>();
  for (const { topic, message } of world.sent) {
    const type = message.headers['ce_type'];
    if (topic !== 'payment.payments') continue;
    if (type !== 'PaymentCaptured' && type !== 'RefundCompleted') continue;
    const { paymentId, refundId, channel, amountFen } = JSON.parse(message.value) as Movement;
    // What went from hand to hand took no channel.
    if (channel === 'cash' || channel === 'transfer') continue;
    const fen = refundId === undefined ? amountFen : -amountFen;
    last.set(refundId ?? paymentId, { day: dayOf(message.headers['ce_time']!), channel, fen });
  }
  const days = new Map<string, Map<string, number>>();
  for (const { day, channel, fen } of last.values()) {
    const channels = days.get(day) ?? new Map<string, number>();
    days.set(day, channels.set(channel, (channels.get(channel) ?? 0) + fen));
  }
  return days;
};

/**
 * A day is cleared once it is over: to nothing, cleared again gives the same, and channels owe what
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
  const moved = movedFen(court);
  const all: PartyAmount[] = [];
  let before = '';
  for (const date of [...world.days()].sort().slice(0, -1)) {
    const reply = await ask(date);
    must(reply.status === 200, 'dayOver', () => ({ date, reply }));
    const first = reply.body as Cleared;
    all.push(...first.parties);
    const sumFen = first.parties.reduce((sum, { amountFen }) => sum + amountFen, 0);
    must(first.balanceFen === 0 && sumFen === 0, 'balance', () => first);
    const again = JSON.stringify((await ask(date)).body);
    must(again === JSON.stringify(first), 'inEffectOnce', () => first);
    const expected = new Map<string, number>();
    for (const [day, channels] of moved)
      if (day > before && day <= date)
        for (const [channel, fen] of channels)
          expected.set(channel, (expected.get(channel) ?? 0) + fen);
    const seen = new Map(
      first.parties
        .filter(({ party }) => party === 'channel')
        .map(({ partyId, amountFen }) => [partyId, -amountFen]),
    );
    for (const channel of new Set([...expected.keys(), ...seen.keys()]))
      must((expected.get(channel) ?? 0) === (seen.get(channel) ?? 0), 'calendars', () => ({
        date,
        channel,
        expectedFen: expected.get(channel) ?? 0,
        seenFen: seen.get(channel) ?? 0,
      }));
    before = date;
  }
  await clearedIsInPayout(court, all);
};
