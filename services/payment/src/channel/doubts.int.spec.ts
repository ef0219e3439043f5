import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { PERSON, policy, till } from '../../test/till';
import { payment } from '..';
import { ChannelWatch } from './channel-watch';
import { DOUBT_MS, Doubts } from './doubts';
import type { MemoryChannel } from './memory-channel';

let database: TestDatabase;
let store: TypeOrmStore;
const open = () =>
  TypeOrmStore.open({
    ...{ url: database.url, schema: 'payment' },
    ...{ tables: payment.tables, migrations: payment.migrations },
  });
beforeAll(async () => {
  database = await testDatabase();
  store = await open();
});
afterAll(async () => {
  await store.close();
  await database.drop();
});

test('an order in doubt is named since when, also after a restart, and one request tries its channel', async () => {
  const bank = { isAway: true };
  const made = till({
    store,
    channel: (real) => {
      const lost = { status: 'no-answer', silence: 'timeout' } as const;
      return new Proxy(real, {
        get: (channel: MemoryChannel, name: 'pay' | 'findPayment') =>
          name === 'pay' || name === 'findPayment'
            ? async (order: never) => (bank.isAway ? lost : channel[name](order))
            : channel[name],
      });
    },
  });
  const { accounts, adjudicate, collector, clock } = made;
  await accounts.bind(PERSON, { channel: 'unionpay', token: 'acct-1:ok' });
  await adjudicate({});
  const since = clock.now();
  await collector.runOnce();
  clock.advance(DOUBT_MS);

  await store.close();
  store = await open();
  const lines: string[] = [];
  const log = (...[, line]: readonly unknown[]): void => void lines.push(String(line));
  const logger = { warn: log, info: log };
  const watch = new ChannelWatch({ clock, policy: policy.circuit, logger });
  const doubts = new Doubts({ store, clock, watch, logger });
  await doubts.begin();
  expect(doubts.degradations()).toEqual([
    { what: 'orders at unionpay', why: expect.stringContaining('1 have no outcome'), since },
  ]);
  expect(watch.degradations()).toMatchObject([{ what: 'channel unionpay', since }]);
  expect(lines.map((line) => line.split(':')[0])).toEqual([
    'orders are in doubt',
    'circuit opened',
  ]);
  // One request goes; the next waits for what comes of it.
  expect(watch.admit('unionpay')).toBeUndefined();
  expect(watch.admit('unionpay')).toBeInstanceOf(Date);
  watch.note('unionpay', { status: 'not-found' });
  expect(watch.degradations()).toEqual([]);

  bank.isAway = false;
  const again = till({ store, clock });
  await again.workThrough();
  await doubts.look();
  expect(doubts.degradations()).toEqual([]);
  expect(lines.at(-1)).toBe('no order is in doubt any more');
});
