import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { PERSON, policy, till } from '../../test/till';
import { payment } from '..';
import { orderTable } from '../collection/order.table';
import { ChannelWatch } from './channel-watch';
import type { PaymentOrder } from './channel';
import { DOUBT_MS, Doubts } from './doubts';
import type { MemoryChannel } from './memory-channel';

let database: TestDatabase;
let store: TypeOrmStore;
const open = () =>
  TypeOrmStore.open({
    ...{ url: database.url, schema: 'payment' },
    ...{ tables: payment.tables, migrations: payment.migrations },
  });
beforeEach(async () => {
  database = await testDatabase();
  store = await open();
});
afterEach(async () => {
  await store.close();
  await database.drop();
});

const VISITS = ['H1-1', 'H1-2', 'H1-3', 'H1-4', 'H1-5'];

/** Five visits that are due, at a bank that is away until the test changes that. */
const world = async () => {
  const bank = { isAway: (_orderId: string): boolean => true };
  const made = till({
    store,
    channel: (real) => {
      const lost = { status: 'no-answer', silence: 'timeout' } as const;
      return new Proxy(real, {
        get: (channel: MemoryChannel, name: 'pay' | 'findPayment') =>
          name === 'pay' || name === 'findPayment'
            ? async (order: PaymentOrder) =>
                bank.isAway(order.orderId) ? lost : channel[name](order)
            : channel[name],
      });
    },
  });
  await made.accounts.bind(PERSON, { channel: 'unionpay', token: 'acct-1:ok' });
  return { ...made, bank };
};

/** The same rows seen by a process that has just begun. */
const restarted = async (clock: ReturnType<typeof till>['clock']) => {
  await store.close();
  store = await open();
  const lines: string[] = [];
  const log = (...[, line]: readonly unknown[]): void => void lines.push(String(line));
  const logger = { warn: log, info: log };
  const watch = new ChannelWatch({ clock, policy: policy.circuit, logger });
  const doubts = new Doubts({ store, clock, watch, logger });
  await doubts.begin();
  return { watch, doubts, lines };
};

test('orders in doubt are named since when, also after a restart, and one request tries their channel', async () => {
  const { adjudicate, collector, clock, bank } = await world();
  for (const visitId of VISITS) await adjudicate({ visitId });
  const since = clock.now();
  await collector.runOnce();
  clock.advance(DOUBT_MS);

  const { watch, doubts, lines } = await restarted(clock);
  expect(doubts.degradations()).toEqual([
    { what: 'orders at unionpay', why: expect.stringContaining('5 have no outcome'), since },
  ]);
  expect(watch.degradations()).toMatchObject([{ what: 'channel unionpay', since }]);
  expect(lines.map((line) => line.split(':')[0])).toEqual([
    'orders are in doubt',
    'circuit opened',
  ]);
  // One request goes; the next waits for what comes of it.
  expect(watch.admit('unionpay')).toBeUndefined();
  expect(watch.admit('unionpay')).toBeInstanceOf(Date);
  watch.note('unionpay', 'o-1', { status: 'not-found' });
  expect(watch.degradations()).toEqual([]);

  bank.isAway = () => false;
  const again = till({ store, clock });
  await again.workThrough();
  await doubts.look();
  expect(doubts.degradations()).toEqual([]);
  expect(lines.at(-1)).toBe('no order is in doubt any more');
});

test('fewer orders in doubt than open the circuit stop nobody after a restart', async () => {
  const { adjudicate, collector, clock } = await world();
  for (const visitId of VISITS.slice(1)) await adjudicate({ visitId });
  await collector.runOnce();
  clock.advance(DOUBT_MS);
  const { watch, doubts } = await restarted(clock);
  expect(doubts.degradations()).toHaveLength(1);
  expect(watch.degradations()).toEqual([]);
  // They are remembered: one order more without an answer opens it.
  watch.note('unionpay', 'o-1', { status: 'no-answer', silence: 'timeout' });
  expect(watch.degradations()).toHaveLength(1);
});

test('orders in doubt of a channel that has answered since stop nobody after a restart', async () => {
  const { payments, adjudicate, collector, clock, bank } = await world();
  for (const visitId of VISITS) await adjudicate({ visitId });
  await collector.runOnce();
  bank.isAway = (orderId) => stuck.has(orderId);
  const stuck = new Set(
    (await store.transact((transaction) => transaction.rows(orderTable).find({}))).map(
      ({ orderId }) => orderId,
    ),
  );
  expect(stuck.size).toBe(5);
  clock.advance(DOUBT_MS);
  await adjudicate({ visitId: 'H1-6' });
  // The stuck ones have opened the circuit: the sixth is its second probe.
  for (let round = 0; round < 8; round += 1) {
    await collector.runOnce();
    clock.advance(1000);
  }
  expect(await payments.of('H1-6')).toMatchObject({ status: 'paid' });
  const { watch, doubts } = await restarted(clock);
  expect(doubts.degradations()).toMatchObject([
    { why: expect.stringContaining('5 have no outcome') },
  ]);
  expect(watch.degradations()).toEqual([]);
});
