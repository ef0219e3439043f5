import fc from 'fast-check';
import { fixedClock } from '@caretab/doubles';
import { PERSON, policy, till } from '../../test/till';
import type { Channel, PaymentOutcome, StatementPage } from '../channel/channel';
import { captureTable } from '../collection/order.table';
import { closeMinuteOf, dayThatCloses } from '../journal/book-day';

/** The days around a month's end. */
const DAYS = ['2026-03-30', '2026-03-31', '2026-04-01', '2026-04-02'] as const;
const AFTER = '2026-04-03';
const MINUTE_MS = 60_000;

interface Bank {
  /** When its clearing day ends. */
  readonly close: string;
  readonly saysDate: boolean;
  /** How far its clock is off. */
  readonly offMs: number;
}

/** A bank with a calendar of its own around the one that remembers. */
const withCalendar =
  ({ close, saysDate, offMs }: Bank) =>
  (real: Channel): Channel => {
    const moved = new Map<string, { readonly date: string; readonly amountFen: number }>();
    const dated = (orderId: string, outcome: PaymentOutcome): PaymentOutcome => {
      if (outcome.status !== 'captured') return outcome;
      const at = new Date(outcome.at.getTime() + offMs);
      const clearingDate = dayThatCloses(closeMinuteOf(close), at);
      moved.set(orderId, { date: clearingDate, amountFen: outcome.amountFen });
      return { ...outcome, at, ...(saysDate && { clearingDate }) };
    };
    return {
      pay: async (order) => dated(order.orderId, await real.pay(order)),
      findPayment: async (order) => dated(order.orderId, await real.findPayment(order)),
      refund: (order) => real.refund(order),
      findRefund: (order) => real.findRefund(order),
      statement: async (date): Promise<StatementPage> => ({
        entries: [...moved]
          .filter(([, movement]) => movement.date === date)
          .map(([id, { amountFen }]) => ({ kind: 'capture', id, amountFen })),
      }),
    };
  };

const shop = (bank: Bank, closes: { readonly books: string; readonly channel: string }) => {
  const clock = fixedClock('2026-03-30T08:00:00+08:00');
  const calendars = {
    booksCloseMinute: closeMinuteOf(closes.books),
    channelCloseMinute: closeMinuteOf(closes.channel),
  };
  const world = till({ clock, channel: withCalendar(bank), policy: { ...policy, ...calendars } });
  const payAt = async (visitId: string, at: string, fen: number): Promise<void> => {
    clock.set(at);
    await world.adjudicate({ visitId, patientDueFen: fen });
    await world.collector.runOnce();
  };
  const captures = () =>
    world.store.transact((transaction) => transaction.rows(captureTable).find({}));
  return { ...world, payAt, captures };
};

const MIDNIGHT = { books: '24:00', channel: '24:00' };

test('a capture of 23:59:59.9 that the bank has on its next day is in transit, then matched', async () => {
  const bank = { close: '23:30', saysDate: false, offMs: 0 };
  const world = shop(bank, MIDNIGHT);
  await world.accounts.bind(PERSON, { channel: 'unionpay', token: 'a:ok' });
  await world.payAt('H1-1', '2026-03-31T23:59:59.900+08:00', 30_000);
  world.clock.set('2026-04-01T01:30:00+08:00');
  expect(await world.reconciliations.of('2026-03-31')).toMatchObject({
    agrees: true,
    matched: 0,
    onlyOurs: [],
    inTransit: [{ kind: 'capture', amountFen: 30_000 }],
  });
  expect(await world.captures()).toMatchObject([
    { bookedOn: '2026-03-31', channelDate: '2026-03-31', isChannelDateGiven: false },
  ]);
  world.clock.set('2026-04-02T01:30:00+08:00');
  await world.reconciler.runOnce();
  const { rows } = await world.reconciler.list();
  expect(rows.slice(0, 2)).toMatchObject([
    { date: '2026-04-01', matched: 1, matchedFen: 30_000, onlyTheirs: 0, differsSince: null },
    { date: '2026-03-31', matched: 0, onlyOurs: 0, differsSince: null },
  ]);
  expect(await world.captures()).toMatchObject([
    { bookedOn: '2026-03-31', channelDate: '2026-04-01', isChannelDateGiven: true },
  ]);
});

test('a capture near the edge that the bank has on no day is a difference once its next day is over', async () => {
  const world = shop({ close: '24:00', saysDate: false, offMs: 0 }, MIDNIGHT);
  await world.accounts.bind(PERSON, { channel: 'unionpay', token: 'a:ok' });
  await world.payAt('H1-1', '2026-03-31T23:59:59.900+08:00', 30_000);
  const missing = till({
    store: world.store,
    clock: world.clock,
    channel: (real) =>
      Object.assign(Object.create(real) as Channel, { statement: async () => ({ entries: [] }) }),
  });
  world.clock.set('2026-04-01T01:30:00+08:00');
  expect(await missing.reconciliations.of('2026-03-31')).toMatchObject({ agrees: true });
  world.clock.set('2026-04-02T00:00:00+08:00');
  expect(await missing.reconciliations.of('2026-03-31')).toMatchObject({
    agrees: false,
    onlyOurs: [{ kind: 'capture', amountFen: 30_000 }],
    inTransit: [],
  });
});

test('a date that the bank has said is not moved: another statement is a difference', async () => {
  const world = shop({ close: '24:00', saysDate: true, offMs: 0 }, MIDNIGHT);
  await world.accounts.bind(PERSON, { channel: 'unionpay', token: 'a:ok' });
  await world.payAt('H1-1', '2026-03-31T23:59:59.900+08:00', 30_000);
  const [capture] = await world.captures();
  const other = till({
    store: world.store,
    clock: world.clock,
    channel: (real) =>
      Object.assign(Object.create(real) as Channel, {
        statement: async (date: string) => ({
          entries:
            date === '2026-04-01'
              ? [{ kind: 'capture', id: capture!.orderId, amountFen: 30_000 }]
              : [],
        }),
      }),
  });
  world.clock.set('2026-04-02T01:30:00+08:00');
  expect(await other.reconciliations.of('2026-03-31')).toMatchObject({ agrees: false });
  expect(await other.reconciliations.of('2026-04-01')).toMatchObject({ agrees: false });
});

/** Moments of two days around the month's end, most of them near its midnight. */
const moments = fc
  .array(
    fc.record({
      minute: fc.oneof(fc.integer({ min: 1380, max: 1500 }), fc.integer({ min: 0, max: 2800 })),
      fen: fc.integer({ min: 1, max: 50_000 }),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((all) => [...all].sort((a, b) => a.minute - b.minute));

const banks: fc.Arbitrary<Bank> = fc.oneof(
  fc.record({
    close: fc.constantFrom('24:00', '23:00', '15:00'),
    saysDate: fc.constant(true),
    offMs: fc.integer({ min: -60_000, max: 60_000 }),
  }),
  fc.record({
    close: fc.constantFrom('24:00', '23:30', '23:15'),
    saysDate: fc.constant(false),
    offMs: fc.integer({ min: -60_000, max: 60_000 }),
  }),
);

test('over a month’s end the calendars add up: clearings by our days, statements by the bank’s', async () => {
  await fc.assert(
    fc.asyncProperty(
      moments,
      banks,
      fc.constantFrom('24:00', '23:00'),
      async (paid, bank, books) => {
        const world = shop(bank, { books, channel: '24:00' });
        await world.accounts.bind(PERSON, { channel: 'unionpay', token: 'a:ok' });
        const startMs = Date.parse('2026-03-31T00:00:00+08:00');
        for (const [index, { minute, fen }] of paid.entries())
          await world.payAt(
            `H1-${index}`,
            new Date(startMs + minute * MINUTE_MS + index).toISOString(),
            fen,
          );
        const booked = await world.captures();
        world.clock.set(`${AFTER}T02:00:00+08:00`);
        await world.reconciler.runOnce();
        let [throughBooks, throughBank, matched] = [0, 0, 0];
        for (const date of DAYS) {
          const { parties } = await world.clearings.clear(date);
          const clearedFen = parties.reduce(
            (sum, { party, amountFen }) => sum - (party === 'channel' ? amountFen : 0),
            0,
          );
          const own = booked.filter(({ bookedOn }) => bookedOn === date);
          expect(clearedFen).toBe(own.reduce((sum, { amountFen }) => sum + amountFen, 0));
          const compared = await world.reconciliations.of(date);
          expect(compared).toMatchObject({ agrees: true, inTransit: [] });
          matched += compared.matched;
          throughBooks += clearedFen;
          throughBank += compared.matchedFen;
          // What is between the two calendars is what each record says of itself.
          const betweenFen = (await world.captures()).reduce(
            (sum, { bookedOn, channelDate, amountFen }) =>
              sum +
              (bookedOn <= date && channelDate > date ? amountFen : 0) -
              (bookedOn > date && channelDate <= date ? amountFen : 0),
            0,
          );
          expect(throughBooks - throughBank).toBe(betweenFen);
        }
        expect(matched).toBe(paid.length);
        expect(throughBooks).toBe(paid.reduce((sum, { fen }) => sum + fen, 0));
        expect((await world.captures()).map(({ bookedOn }) => bookedOn)).toEqual(
          booked.map(({ bookedOn }) => bookedOn),
        );
      },
    ),
    { numRuns: 40 },
  );
});
