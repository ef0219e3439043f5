import { type BatchHandler, silentLog } from '@caretab/bus';
import { fixedClock, TestTimers } from '@caretab/doubles';
import { type OutageLog, Outages } from '@caretab/kernel';
import type { Pool } from 'pg';
import { PgConsumer } from './pg-consumer';
import { PgMembership } from './pg-membership';

const TOPIC = 'test.visits';
const GROUP = 'credit.hold';
const CLAIM = { partition_id: 1, offset: '0', generation: '1' };

/** A bus without a message: it remembers what it was asked. */
const emptyBus = () => {
  const asked: string[] = [];
  const pool = {
    query: async (query: string | { readonly text: string }) => {
      const text = typeof query === 'string' ? query : query.text;
      asked.push(text);
      return { rows: /generation = generation \+ 1|AND owner = \$2$/.test(text) ? [CLAIM] : [] };
    },
  };
  return { asked, pool: pool as unknown as Pool };
};

const outagesOf = (log: OutageLog): Outages =>
  new Outages(log, { what: 'bus consumer' }, () => nowMs());
let nowMs = (): number => 0;

const consumerOf = (
  pool: Pool,
  timers: TestTimers,
  handle: BatchHandler = async () => undefined,
  log: OutageLog = silentLog,
): PgConsumer =>
  new PgConsumer({
    ...{ pool, schema: 'bus', timers, handle, outages: outagesOf(log) },
    options: { group: GROUP, topics: [TOPIC], rest: { factor: 3, maxMs: 80 } },
    partitions: [{ id: 1, topic: TOPIC, partition: 0 }],
    membership: new PgMembership(pool, 'bus', GROUP, { id: 'm', topics: [TOPIC] }, 10_000),
    ...{ heartbeatMs: 3_000, pollMs: 500, restMaxMs: 10, sideBySideMax: 4 },
    announce: () => undefined,
    onEnd: () => undefined,
  });

test('a consumer without messages reads every five seconds, and at once when it is woken', async () => {
  const { asked, pool } = emptyBus();
  const timers = new TestTimers();
  const consumer = consumerOf(pool, timers);
  await consumer.start();
  const reads = (): number => asked.filter((text) => /messages/.test(text)).length;
  await timers.advance(10_000);
  const [readsBefore, askedBefore] = [reads(), asked.length];
  await timers.advance(60_000);
  // Every half second it would be 120, and twenty heartbeats of two statements.
  expect(reads() - readsBefore).toBeLessThanOrEqual(13);
  expect(asked.length - askedBefore).toBeLessThanOrEqual(53);
  const beforeNews = reads();
  consumer.wake([1]);
  await timers.advance(20);
  expect(reads()).toBe(beforeNews + 1);
  consumer.crash();
});

/** A partition that grows. */
const busWith = (messages: readonly string[]) => {
  const { pool } = emptyBus();
  const empty = pool.query.bind(pool) as (query: unknown) => Promise<unknown>;
  const query = async (asked: { readonly text: string; readonly values: unknown[] }) => {
    if (!/\.messages/.test(asked.text ?? '')) return empty(asked);
    const from = Number((asked.values[1] as string[])[0]);
    const rows = messages.slice(from).map((value, index) => ({
      ...{ partition_id: 1, offset: String(from + index), key: 'k', headers: '{}', value },
    }));
    return { rows };
  };
  return { query } as unknown as Pool;
};

test('what comes while a partition rests is handled together, and the first after a pause at once', async () => {
  const clock = fixedClock('2026-03-02T09:00:00+08:00');
  const timers = new TestTimers(clock);
  const elapsed = jest.spyOn(performance, 'now').mockImplementation(() => clock.now().getTime());
  const [messages, batches]: [string[], string[]] = [[], []];
  const consumer = consumerOf(busWith(messages), timers, async (batch) => {
    await timers.sleep(100);
    batches.push(batch.messages.map(({ value }) => value).join());
  });
  const sends = async (value: string, thenMs: number): Promise<void> => {
    messages.push(value);
    consumer.wake([1]);
    await timers.advance(thenMs);
  };
  try {
    await consumer.start();
    await timers.advance(1_000);
    await sends('a', 110);
    expect(batches).toEqual(['a']);
    // It rests until 180 ms.
    await sends('b', 30);
    await sends('c', 30);
    await timers.advance(200);
    expect(batches).toEqual(['a', 'b,c']);
    await timers.advance(10_000);
    await sends('d', 101);
    expect(batches).toEqual(['a', 'b,c', 'd']);
  } finally {
    consumer.crash();
    elapsed.mockRestore();
  }
});

test('a database that is away for two minutes is told in a few lines, for all loops together', async () => {
  const { pool } = emptyBus();
  let isAway = false;
  const query = async (asked: never): Promise<unknown> => {
    if (isAway) throw Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    return pool.query(asked);
  };
  const told: string[] = [];
  const tell = (_: object, text: string): void => void told.push(text);
  const clock = fixedClock('2026-03-02T09:00:00+08:00');
  const beganMs = clock.now().getTime();
  nowMs = () => clock.now().getTime() - beganMs;
  const timers = new TestTimers(clock);
  const consumer = consumerOf({ query } as unknown as Pool, timers, async () => undefined, {
    ...{ info: tell, warn: tell, error: tell },
  });
  await consumer.start();
  isAway = true;
  await timers.advance(120_500);
  isAway = false;
  await timers.advance(10_000);
  expect(told).toEqual([
    'bus consumer failed, retrying',
    expect.stringMatching(/^bus consumer failed for 6\d s, retrying$/),
    'bus consumer resumed',
  ]);
  consumer.crash();
});
