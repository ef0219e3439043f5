import { parkedTable } from '@caretab/bus';
import { fixedClock } from '@caretab/doubles';
import { MemoryStore } from '@caretab/store';
import { Backlog } from './backlog';
import { PARKED_MS_MAX, ServiceWatch, STUCK_MS_MAX } from './service-watch';

const NONE = { waiting: () => Promise.resolve({ count: 0, oldest: undefined }) };

const world = () => {
  const clock = fixedClock('2026-03-02T00:00:00Z');
  const store = new MemoryStore();
  const backlog = new Backlog();
  const counts: Record<string, number> = { outbox: 0, 'lag:till.sales': 0, collections: 7 };
  for (const kind of Object.keys(counts))
    backlog.measure(`till.${kind}`, () => Promise.resolve(counts[kind]!));
  const watch = new ServiceWatch({ service: 'till', store, backlog, approvals: NONE, clock });
  return { clock, store, counts, watch };
};

const parked = (id: string, parkedAt: Date) => ({
  id,
  groupName: 'till.sales',
  topic: 'sales',
  partition: 0,
  offsetNo: 1,
  key: 'k',
  messageId: id,
  headers: '{}',
  value: '{}',
  code: 'HANDLER_FAILED',
  reason: 'r',
  traceId: null,
  parkedAt,
  place: '1',
  attempts: 5,
  status: 'parked' as const,
  settledAt: null,
  why: null,
  mended: null,
  holds: false,
  retryAt: null,
});

test('a message that is parked for long degrades its service, and says since when', async () => {
  const { clock, store, watch } = world();
  const since = clock.now();
  await store.transact((transaction) =>
    transaction.rows(parkedTable).insert(parked('a', since) as never),
  );
  await watch.look();
  expect(watch.degradations()).toEqual([]);
  clock.advance(PARKED_MS_MAX);
  expect(watch.degradations()).toEqual([
    { what: 'parked messages', why: '1 wait for an operator', since },
  ]);
  await store.transact((transaction) => transaction.rows(parkedTable).delete({}));
  await watch.look();
  expect(watch.degradations()).toEqual([]);
});

test.each(['outbox', 'lag:till.sales'])(
  '%s that becomes no less for long degrades it',
  async (kind) => {
    const { clock, counts, watch } = world();
    counts[kind] = 10;
    await watch.look();
    counts[kind] = 12;
    clock.advance(STUCK_MS_MAX);
    await watch.look();
    expect(watch.degradations()).toMatchObject([
      { what: kind, why: '12 wait and do not become fewer' },
    ]);
    counts[kind] = 9;
    await watch.look();
    expect(watch.degradations()).toEqual([]);
  },
);

test('work that is being done, and work that is planned, degrade nothing', async () => {
  const { clock, counts, watch } = world();
  for (let count = 100; count > 0; count -= 10) {
    counts['outbox'] = count;
    await watch.look();
    clock.advance(STUCK_MS_MAX - 1);
  }
  expect(watch.degradations()).toEqual([]);
});
