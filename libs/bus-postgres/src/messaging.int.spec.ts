import { setTimeout as wait } from 'node:timers/promises';
import { message, topic } from '@caretab/contracts';
import { DomainError, type ErrorCode, systemTimers } from '@caretab/kernel';
import { TypeOrmStore } from '@caretab/store';
import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { Type } from '@sinclair/typebox';
import { Client } from 'pg';
import {
  type Binding,
  busOfAll,
  messagingMigrations,
  OutboxRelay,
  Parked,
  parkedTable,
  PartitionWork,
  silentLog,
  TWIN_PARTS,
} from '@caretab/bus';
import { PgBus } from './pg-bus';

/** A code of these tests alone. */
const inventedCode = (code: string): ErrorCode => code as ErrorCode;

const tabTopic = topic({
  name: 'test.tabs',
  authors: ['test'],
  description: 'Tabs of a test.',
  keyField: 'tabId',
  partitions: 3,
  retentionMs: 60_000,
  events: { TabRaised: Type.Object({ tabId: Type.String() }, { additionalProperties: false }) },
});
const lateTopic = topic({ ...tabTopic, name: 'test.late-tabs' });
const until = async (condition: () => Promise<boolean>): Promise<void> => {
  for (let tries = 0; !(await condition()); tries += 1) {
    if (tries > 1000) throw new Error('what the test waits for did not come');
    await wait(10);
  }
};
const clock = { now: () => new Date() };
const opened = (id: string, tabId: string) =>
  message(tabTopic, 'TabRaised', { tabId }, { id, time: clock.now(), source: 'test' });

describe('messages through a store and a bus on PostgreSQL', () => {
  let database: TestDatabase;
  let store: TypeOrmStore;
  let replica: TypeOrmStore;
  let bus: PgBus;
  const open = () =>
    TypeOrmStore.open({
      url: database.url,
      schema: 'credit',
      tables: [parkedTable],
      migrations: messagingMigrations,
      poolMax: 4,
    });

  beforeAll(async () => {
    database = await testDatabase();
    [store, replica] = [await open(), await open()];
    bus = new PgBus({ url: database.url });
    await bus.declare([tabTopic]);
  });
  afterAll(async () => {
    await bus.close();
    await Promise.all([store.close(), replica.close()]);
    await database.drop();
  });

  it('reach their handler from outbox to inbox, are parked when refused, and replayed in order', async () => {
    const handled: string[] = [];
    let isOpen = false;
    const binding: Binding = {
      group: 'credit.tab',
      topic: tabTopic,
      batch: false,
      store,
      call: async (event) => {
        const { id } = event as { id: string };
        if (id.startsWith('bad') && !isOpen)
          throw new DomainError(inventedCode('TAB_CLOSED'), 'conflict');
        handled.push(id);
      },
    };
    const work = new PartitionWork({
      ...TWIN_PARTS,
      clock,
      timers: systemTimers,
      log: silentLog,
      random: () => 0,
      retry: { attemptsMax: 2, firstDelayMs: 1, delayMaxMs: 1 },
    });
    const relay = new OutboxRelay({ store, bus: busOfAll(bus) });
    const ids = Array.from(
      { length: 40 },
      (_, index) => `${index % 10 === 0 ? 'bad' : 'good'}-${index}`,
    );
    relay.start();
    await store.transact(async (transaction) =>
      transaction.publish(...ids.map((id, index) => opened(id, `tab-${index % 4}`))),
    );
    const consumer = await bus.consume({ group: 'credit.tab', topics: ['test.tabs'] }, (batch) =>
      work.handle(binding, batch),
    );
    const parked = new Parked({
      ...TWIN_PARTS,
      service: 'credit',
      store,
      strategy: { binding: () => binding },
      clock,
    });
    for (
      let tries = 0;
      (await relay.pending()) + (await bus.lag('credit.tab', ['test.tabs'])) > 0;
      tries += 1
    ) {
      expect(tries).toBeLessThan(1000);
      await wait(10);
    }
    const { messages } = await parked.list();
    expect(messages.map(({ messageId }) => messageId).sort()).toEqual([
      'bad-0',
      'bad-10',
      'bad-20',
      'bad-30',
    ]);
    expect(messages[0]).toMatchObject({
      offsetNo: expect.any(Number) as number,
      parkedAt: expect.any(Date) as Date,
      settledAt: null,
    });
    await parked.discard(messages[3]!.id, 'not wanted');
    isOpen = true;
    expect(await parked.replay({ topic: 'test.tabs' })).toEqual({
      replayed: 3,
      failed: 0,
      skipped: 0,
    });
    const replayed = handled.slice(-3);
    expect([...replayed].sort()).toEqual(
      messages
        .slice(0, 3)
        .map(({ messageId }) => messageId)
        .sort(),
    );
    if (replayed.includes('bad-0') && replayed.includes('bad-20'))
      expect(replayed.indexOf('bad-0')).toBeLessThan(replayed.indexOf('bad-20'));
    expect(new Set(handled).size).toBe(39);
    expect(await parked.count()).toBe(0);
    await consumer.stop();
    await relay.stop();
  });

  it('are all relayed: the relay never skips a message committed late by an overlapping transaction', async () => {
    await bus.declare([lateTopic]);
    const raised = (id: string, tabId: string) =>
      message(lateTopic, 'TabRaised', { tabId }, { id, time: clock.now(), source: 'test' });
    const received: string[] = [];
    const consumer = await bus.consume(
      { group: 'credit.late', topics: [lateTopic.name] },
      async ({ messages }) =>
        void received.push(...messages.map(({ headers }) => headers['ce_id']!)),
    );
    const relay = new OutboxRelay({ store, bus: busOfAll(bus), pollMs: 20 });
    relay.start();
    const outside = new Client(database.url);
    await outside.connect();
    // Draws the smaller id of the outbox and commits last, as any process of this service may.
    await outside.query('begin');
    const late = raised('late', 'tab-1');
    await outside.query(
      'insert into credit.outbox (topic, key, headers, value) values ($1, $2, $3, $4)',
      [late.topic, late.key, late.headers, JSON.stringify(late.value)],
    );
    await replica.transact(async (transaction) => transaction.publish(raised('early', 'tab-2')));
    await until(async () => received.length === 1 && (await relay.pending()) === 0);
    await wait(100);
    expect(received).toEqual(['early']);
    await outside.query('commit');
    await outside.end();
    await until(async () => received.length === 2 && (await relay.pending()) === 0);
    expect(received).toEqual(['early', 'late']);
    await consumer.stop();
    await relay.stop();
  });

  it('are relayed by one replica at a time, and by the other once it ends', async () => {
    let isInside = false;
    const round = (one: TypeOrmStore) =>
      one.withRelayLock(async () => {
        expect(isInside).toBe(false);
        isInside = true;
        await wait(100);
        isInside = false;
        return 'published';
      });
    const first = round(store);
    await wait(50);
    expect(await round(replica)).toBeUndefined();
    expect(await first).toBe('published');
    expect(await round(replica)).toBe('published');
  });
});
