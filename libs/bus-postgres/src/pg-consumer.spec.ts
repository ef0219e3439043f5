import { silentLog } from '@caretab/bus';
import { TestTimers } from '@caretab/doubles';
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

const consumerOf = (pool: Pool, timers: TestTimers): PgConsumer =>
  new PgConsumer({
    ...{ pool, schema: 'bus', timers, log: silentLog },
    options: { group: GROUP, topics: [TOPIC] },
    handle: async () => undefined,
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
