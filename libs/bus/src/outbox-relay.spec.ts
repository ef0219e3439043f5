import { setTimeout as wait } from 'node:timers/promises';
import { fixedClock, TestTimers } from '@caretab/doubles';
import { MemoryStore, type OutgoingMessage } from '@caretab/store';
import type { Message } from './bus';
import { MemoryBus } from './memory-bus';
import { OutboxRelay } from './outbox-relay';

const outgoing = (key: string, count: number, topic = 'credit.accounts'): OutgoingMessage[] =>
  Array.from({ length: count }, (_, index) => ({
    topic,
    key,
    headers: { ce_id: `${key}-${index}` },
    value: { index },
  }));

/** A bus that can be away. */
class ShakyBus extends MemoryBus {
  isDown = false;
  override async send(topic: string, messages: readonly Message[]): Promise<void> {
    if (this.isDown) throw new Error('no route to broker');
    await super.send(topic, messages);
  }
}

describe('the outbox relay', () => {
  let bus: ShakyBus;
  let store: MemoryStore;
  let relay: OutboxRelay;
  let told: string[];
  const idsOn = (topic: string) => bus.messages(topic).map(({ headers }) => headers['ce_id']);
  const publish = (...messages: OutgoingMessage[]) =>
    store.transact(async (transaction) => transaction.publish(...messages));
  const until = async (check: () => boolean | Promise<boolean>): Promise<void> => {
    for (let tries = 0; !(await check()); tries += 1) {
      if (tries > 1000) throw new Error('did not come to pass');
      await wait(2);
    }
  };
  const empty = (): Promise<void> => until(async () => (await relay.pending()) === 0);

  beforeEach(async () => {
    bus = new ShakyBus();
    await bus.declare(
      ['credit.accounts', 'credit.authorizations'].map((name) => ({
        name,
        partitions: 1,
        retentionMs: 1000,
      })),
    );
    store = new MemoryStore();
    told = [];
    const tell = (_facts: object, text: string): void => void told.push(text);
    relay = new OutboxRelay({
      store,
      bus,
      logger: { info: tell, warn: tell, error: tell },
      batchSizeMax: 10,
    });
  });
  afterEach(() => relay.stop());

  test('publishes what committed transactions left, in order and as JSON', async () => {
    await publish(...outgoing('p-1', 25));
    expect(await relay.pending()).toBe(25);
    relay.start();
    await publish(...outgoing('p-2', 3));
    await empty();
    expect(idsOn('credit.accounts')).toEqual(
      [...outgoing('p-1', 25), ...outgoing('p-2', 3)].map(({ headers }) => headers['ce_id']),
    );
    expect(bus.messages('credit.accounts')[3]).toMatchObject({ key: 'p-1', value: '{"index":3}' });
  });

  test('steps past a topic that cannot be published, however much of it stands at the head', async () => {
    await publish(...outgoing('p-1', 25, 'insurer.unknown.settlements'));
    await publish(...outgoing('p-2', 15));
    relay.start();
    await until(() => idsOn('credit.accounts').length === 15);
    expect(await relay.pending()).toBe(25);
    expect(told).toContain('outbox publishing failed, retrying');
    expect(told.filter((line) => line.includes('failed'))).toHaveLength(1);

    await bus.declare([{ name: 'insurer.unknown.settlements', partitions: 1, retentionMs: 1000 }]);
    await empty();
    expect(idsOn('insurer.unknown.settlements')).toEqual(
      outgoing('p-1', 25).map(({ headers }) => headers['ce_id']),
    );
    expect(told).toContain('outbox publishing resumed');
  });

  test('publishes nothing of a transaction that was undone', async () => {
    relay.start();
    await expect(
      store.transact(async (transaction) => {
        transaction.publish(...outgoing('p-1', 1));
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    await wait(20);
    expect(idsOn('credit.accounts')).toEqual([]);
  });

  test('is woken by a commit rather than by its poll', async () => {
    relay = new OutboxRelay({ store, bus, pollMs: 60_000 });
    relay.start();
    await wait(20);
    await publish(...outgoing('p-1', 1));
    await empty();
  });

  test('goes on trying while the bus is away, says so once, and loses nothing', async () => {
    bus.isDown = true;
    relay.start();
    await publish(...outgoing('p-1', 2));
    await wait(350);
    expect(told).toEqual(['outbox publishing failed, retrying']);
    expect(await relay.pending()).toBe(2);
    bus.isDown = false;
    await empty();
    await wait(5);
    expect(idsOn('credit.accounts')).toEqual(['p-1-0', 'p-1-1']);
    expect(told).toEqual(['outbox publishing failed, retrying', 'outbox publishing resumed']);
  });

  test('publishes the other topics while one cannot be published', async () => {
    relay.start();
    await publish(...outgoing('p-1', 1, 'credit.unknown'), ...outgoing('p-1', 2));
    await wait(50);
    expect(idsOn('credit.accounts')).toEqual(['p-1-0', 'p-1-1']);
    expect(await relay.pending()).toBe(1);
  });

  test('sends again what it could not mark, rather than losing it', async () => {
    const mark = store.markPublished.bind(store);
    let failures = 0;
    store.markPublished = async (ids) => {
      if ((failures += 1) === 1) throw new Error('connection lost');
      await mark(ids);
    };
    relay.start();
    await publish(...outgoing('p-1', 1));
    await empty();
    expect(idsOn('credit.accounts')).toEqual(['p-1-0', 'p-1-0']);
  });

  test('leaves the outbox alone while another replica has it', async () => {
    let isTaken = true;
    const locking = Object.assign(store, {
      withRelayLock: async <Result>(work: () => Promise<Result>) => (isTaken ? undefined : work()),
    });
    relay = new OutboxRelay({ store: locking, bus, pollMs: 5 });
    relay.start();
    await publish(...outgoing('p-1', 1));
    await wait(30);
    expect(idsOn('credit.accounts')).toEqual([]);
    isTaken = false;
    await empty();
  });

  test('stops and starts again', async () => {
    relay.start();
    await relay.stop();
    await publish(...outgoing('p-1', 1));
    await wait(20);
    expect(await relay.pending()).toBe(1);
    relay.start();
    await empty();
  });
});

test('a relay without messages looks every five seconds, and at once after a commit', async () => {
  const timers = new TestTimers();
  const bus = new MemoryBus(timers);
  await bus.declare([{ name: 'credit.accounts', partitions: 1, retentionMs: 1000 }]);
  let looks = 0;
  const store = new MemoryStore({
    at: (point, what) => void (looks += Number(point === 'outbox' && what === 'read')),
  });
  const relay = new OutboxRelay({ store, bus, timers, clock: fixedClock('2026-03-02T00:00:00Z') });
  relay.start();
  await timers.advance(10_000);
  const before = looks;
  await timers.advance(60_000);
  // Every half second it would be 120.
  expect(looks - before).toBeLessThanOrEqual(13);
  await store.transact(async (transaction) => transaction.publish(...outgoing('p-1', 1)));
  await timers.advance(10);
  expect(bus.messages('credit.accounts')).toHaveLength(1);
  const stopped = relay.stop();
  await timers.advance(10_000);
  await stopped;
});
