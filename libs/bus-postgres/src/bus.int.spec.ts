import { setTimeout as wait } from 'node:timers/promises';
import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { Client } from 'pg';
import { type CrashableConsumer, partitionOf, type ReceivedMessage } from '@caretab/bus';
import { busSuite } from '@caretab/bus/test';
import { PgBus } from './pg-bus';

let database: TestDatabase;
let count = 0;
beforeAll(async () => void (database = await testDatabase()));
afterAll(() => database.drop());

busSuite('on PostgreSQL', async () => {
  const schema = `bus_${(count += 1)}`;
  const buses: PgBus[] = [];
  const another = async (): Promise<PgBus> => {
    const bus = new PgBus({ url: database.url, schema, sessionMs: 1000, heartbeatMs: 200 });
    buses.push(bus);
    return bus;
  };
  return {
    bus: await another(),
    another,
    crash: (consumer) => (consumer as CrashableConsumer).crash(),
    close: async () => void (await Promise.all(buses.map((bus) => bus.close()))),
  };
});

describe('the log on PostgreSQL', () => {
  const TOPIC = 'test.visits';
  const schema = 'bus_log';
  let bus: PgBus;
  let outside: Client;
  const send = (key: string, value: string) => bus.send(TOPIC, [{ key, value, headers: {} }]);
  const reading = async (group: string): Promise<string[]> => {
    const values: string[] = [];
    await bus.consume(
      { group, topics: [TOPIC] },
      async ({ messages }) =>
        void values.push(...messages.map(({ offset, value }) => `${offset} ${value}`)),
    );
    return values;
  };
  const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
    for (let tries = 0; !(await condition()); tries += 1) {
      if (tries > 2000) throw new Error('what the test waits for did not come');
      await wait(5);
    }
  };
  /** Another process's send, as far as before its commit. */
  const appendOpenly = async (key: string, value: string): Promise<void> => {
    await outside.query('BEGIN');
    const { rows } = await outside.query<{ id: number }>(
      `SELECT id FROM ${schema}.partitions WHERE topic = $1 AND partition = $2`,
      [TOPIC, partitionOf(key, 6)],
    );
    await outside.query(`SELECT ${schema}.append($1, '{0}', $2, '{"{}"}', $3)`, [
      [rows[0]!.id],
      [key],
      [value],
    ]);
  };

  beforeEach(async () => {
    bus = new PgBus({ url: database.url, schema, sessionMs: 1000, heartbeatMs: 200, pollMs: 100 });
    await bus.declare([{ name: TOPIC, partitions: 6, retentionMs: 0 }]);
    outside = new Client(database.url);
    await outside.connect();
  });
  afterEach(async () => {
    await bus.close();
    await outside.query(`DROP SCHEMA ${schema} CASCADE`);
    await outside.end();
  });

  test(
    'a reader never skips a message committed late by an overlapping transaction, ' +
      'and is not held up elsewhere',
    async () => {
      const values = await reading('credit.hold');
      await send('visit-0', 'early');
      await appendOpenly('visit-0', 'late');
      const after = send('visit-0', 'after');
      const elsewhere = Array.from({ length: 20 }, (_, index) => `visit-${index}`).filter(
        (key) => partitionOf(key, 6) !== partitionOf('visit-0', 6),
      )[0]!;
      await send(elsewhere, 'elsewhere');
      await until(() => values.includes('0 early') && values.includes('0 elsewhere'));
      await wait(300);
      expect(values).toHaveLength(2);
      await outside.query('COMMIT');
      await after;
      await until(() => values.length === 4);
      expect(values.slice(2)).toEqual(['1 late', '2 after']);
    },
  );

  test('a dead member is replaced although the clock was set back an hour since its last sign of life', async () => {
    const dead = await bus.consume(
      { group: 'credit.hold', topics: [TOPIC] },
      async () => undefined,
    );
    (dead as CrashableConsumer).crash();
    // What its last heartbeat looks like to a clock that was set back.
    await outside.query(`UPDATE ${schema}.members SET expires_at = expires_at + interval '1 hour'`);
    await send('visit-0', 'after');
    const values = await reading('credit.hold');
    await until(() => values.length === 1);
  });

  test('a send that is undone leaves no gap', async () => {
    const values = await reading('credit.hold');
    await appendOpenly('visit-0', 'undone');
    const after = send('visit-0', 'after');
    await wait(50);
    await outside.query('ROLLBACK');
    await after;
    await until(() => values.length === 1);
    expect(values).toEqual(['0 after']);
  });

  test('senders of several processes neither deadlock nor lose a message nor mix up their order', async () => {
    const others = [1, 2, 3].map(() => new PgBus({ url: database.url, schema }));
    const received: ReceivedMessage[] = [];
    await bus.consume(
      { group: 'credit.hold', topics: [TOPIC], batchSizeMax: 20 },
      async ({ messages }) => void received.push(...messages),
    );
    const keys = Array.from({ length: 30 }, (_, index) => `visit-${index}`);
    const sendAll = async (one: PgBus, name: string): Promise<void> => {
      const sends: Promise<void>[] = [];
      for (let round = 0; round < 20; round += 1) {
        const shifted = [...keys.slice(round), ...keys.slice(0, round)];
        sends.push(
          one.send(
            TOPIC,
            shifted.map((key) => ({ key, value: String(round), headers: { by: name } })),
          ),
        );
        await wait(1);
      }
      await Promise.all(sends);
    };
    await Promise.all([bus, ...others].map((one, index) => sendAll(one, `process-${index}`)));
    await until(() => received.length >= 4 * 20 * 30);
    const rounds = new Map<string, number[]>();
    for (const { key, value, headers } of received)
      rounds.set(`${headers['by']} ${key}`, [
        ...(rounds.get(`${headers['by']} ${key}`) ?? []),
        Number(value),
      ]);
    expect(rounds.size).toBe(120);
    for (const order of rounds.values())
      expect(order).toEqual(Array.from({ length: 20 }, (_, index) => index));
    await Promise.all(others.map((other) => other.close()));
  });

  test('a bus outlives the loss of all of its connections', async () => {
    const values = await reading('credit.hold');
    await send('visit-0', 'before');
    await until(() => values.length === 1);
    await outside.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name ' +
        "LIKE 'caretab-bus%' AND datname = current_database()",
    );
    await until(() =>
      send('visit-0', 'after').then(
        () => true,
        () => false,
      ),
    );
    await until(() => values.includes('1 after'));
  });

  test('a message that PostgreSQL cannot hold is refused without failing the others', async () => {
    const values = await reading('credit.hold');
    const [bad, good] = await Promise.allSettled([
      send('visit-0', 'a\u0000b'),
      send('visit-0', 'good'),
    ]);
    expect([bad!.status, good!.status]).toEqual(['rejected', 'fulfilled']);
    await until(() => values.length === 1);
  });

  test('a send larger than a write is split and keeps its order', async () => {
    const values = await reading('credit.hold');
    await bus.send(
      TOPIC,
      Array.from({ length: 1234 }, (_, index) => ({
        key: 'visit-0',
        value: String(index),
        headers: {},
      })),
    );
    await until(() => values.length === 1234);
    expect(values).toEqual(Array.from({ length: 1234 }, (_, index) => `${index} ${index}`));
  });

  test('readers and writers use their indexes, though statistics call the log empty', async () => {
    await outside.query(`ANALYZE ${schema}.messages`);
    const count = 600;
    const values = await reading('credit.hold');
    for (let sent = 0; sent < count; sent += 20)
      await Promise.all(
        Array.from({ length: 20 }, (_, index) => send(`visit-${index}`, String(sent + index))),
      );
    await until(() => values.length === count);
    // Sessions report what they did once they end.
    await bus.close();
    bus = new PgBus({ url: database.url, schema });
    const { rows } = await outside.query<{ scanned: number }>(
      `SELECT seq_tup_read::int AS scanned FROM pg_stat_user_tables
       WHERE schemaname = $1 AND relname = 'messages'`,
      [schema],
    );
    expect(rows[0]!.scanned).toBeLessThan(count);
  });

  test('pruning leaves what a group has not read, however old it is', async () => {
    const values = await reading('credit.hold');
    await send('visit-0', 'read');
    await until(() => values.length === 1);
    await until(async () => (await bus.lag('credit.hold', [TOPIC])) === 0);
    await bus.close();
    bus = new PgBus({ url: database.url, schema, sessionMs: 1000, heartbeatMs: 200, pollMs: 100 });
    await send('visit-0', 'unread');
    await wait(5);
    expect(await bus.prune()).toBe(1);
    expect(await bus.prune()).toBe(0);
    expect(await bus.lag('credit.hold', [TOPIC])).toBe(1);
    const again = await reading('credit.hold');
    await until(() => again.length === 1);
    expect(again).toEqual(['1 unread']);
  });

  test('pruning deletes what is older than the retention; readers go on after it', async () => {
    await send('visit-0', 'old');
    await send('visit-0', 'old too');
    await wait(5);
    expect(await bus.prune()).toBe(2);
    expect(await bus.prune()).toBe(0);
    expect(await bus.lag('credit.hold', [TOPIC])).toBe(0);
    await send('visit-0', 'new');
    const values = await reading('credit.hold');
    await until(() => values.length === 1);
    expect(values).toEqual(['2 new']);
  });
});
