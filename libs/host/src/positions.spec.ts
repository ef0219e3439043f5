import { type Bus, MemoryBus } from '@caretab/bus';
import { fixedClock } from '@caretab/doubles';
import { MemoryDatabase, MemoryStore } from '@caretab/store';
import { LAG_MS_MAX, Positions } from './positions';

const [GROUP, TOPIC] = ['till.sales', 'sales'];
const WHERE = { group: GROUP, topic: TOPIC, partition: 0 };

/** A consumer as the platform has it: effect, then the position, then the bus commits. */
const world = async () => {
  const bus = new MemoryBus();
  await bus.declare([{ name: TOPIC, partitions: 1, retentionMs: 1000 }]);
  const effects: string[] = [];
  let store = new MemoryStore();
  const positionsOf = (of: Bus = bus, clock = fixedClock('2026-03-02T00:00:00Z')): Positions =>
    new Positions({
      ...{ service: 'till', store, bus: of, clock },
      consumers: [{ group: GROUP, topics: [TOPIC] }],
    });
  await positionsOf().begin();
  await bus.consume({ group: GROUP, topics: [TOPIC] }, async ({ partition, messages }) => {
    effects.push(...messages.map(({ value }) => value));
    const [from, next] = [Number(messages[0]!.offset), Number(messages.at(-1)!.offset) + 1];
    await store.advance(GROUP, TOPIC, { partition, from, next });
  });
  const send = async (...values: string[]): Promise<void> => {
    await bus.send(
      TOPIC,
      values.map((value) => ({ key: 'k', value, headers: {} })),
    );
    while ((await bus.lag(GROUP, [TOPIC])) > 0) await new Promise(setImmediate);
  };
  return {
    bus,
    effects,
    send,
    positionsOf,
    copy: (): MemoryDatabase =>
      (store as unknown as { database: MemoryDatabase }).database.copied(),
    restore: (database: MemoryDatabase) => (store = new MemoryStore({ database })),
  };
};

test('what is handled is in the database and on the bus: nothing was forgotten', async () => {
  const { send, positionsOf } = await world();
  await send('1', '2');
  const positions = positionsOf();
  await positions.look();
  expect(await positions.forgotten()).toEqual([]);
  expect(positions.degradations()).toEqual([]);
});

test('a restored database is noticed, also after it went on; what it forgot comes again', async () => {
  const { send, positionsOf, copy, restore, effects, bus } = await world();
  await send('1');
  const database = copy();
  await send('2', '3');
  restore(database);
  await send('4');
  const positions = positionsOf();
  await positions.look();
  const forgotten = [{ ...WHERE, committed: 4, handled: 1, gone: 0 }];
  expect(await positions.forgotten()).toEqual(forgotten);
  expect(positions.degradations()).toMatchObject([
    { what: 'position of till.sales', why: 'sales/0: the bus is at 4, the database at 1' },
  ]);
  expect(await positions.rewind()).toEqual(forgotten);
  while ((await bus.lag(GROUP, [TOPIC])) > 0) await new Promise(setImmediate);
  expect(effects).toEqual(['1', '2', '3', '4', '2', '3', '4']);
  await positions.look();
  expect(positions.degradations()).toEqual([]);
  expect(await positions.rewind()).toEqual([]);
});

test('a database copied before the first message of a partition is noticed too', async () => {
  const { send, positionsOf, copy, restore } = await world();
  const database = copy();
  await send('1');
  restore(database);
  await positionsOf().begin();
  expect(await positionsOf().forgotten()).toMatchObject([{ committed: 1, handled: 0 }]);
});

test('what the bus no longer keeps is said, and not waited for', async () => {
  const { positionsOf, restore, copy, send, bus } = await world();
  const database = copy();
  await send('1', '2', '3');
  restore(database);
  const pruned: Bus = Object.assign(Object.create(bus) as MemoryBus, {
    committed: async () => [{ topic: TOPIC, partition: 0, offset: 3n, first: 2n, end: 3n }],
  });
  expect(await positionsOf(pruned).rewind()).toMatchObject([{ committed: 3, handled: 0, gone: 2 }]);
  while ((await bus.lag(GROUP, [TOPIC])) > 0) await new Promise(setImmediate);
  expect(await positionsOf().forgotten()).toEqual([]);
});

test('a bus that cannot rewind says so, once there is something to rewind', async () => {
  const { positionsOf, restore, copy, send, bus } = await world();
  const other: Bus = Object.assign(Object.create(bus) as MemoryBus, { rewind: undefined });
  expect(await positionsOf(other).rewind()).toEqual([]);
  const database = copy();
  await send('1');
  restore(database);
  await expect(positionsOf(other).rewind()).rejects.toMatchObject({ code: 'REWIND_UNAVAILABLE' });
});

test('a bus that does not answer yet blocks no start; the next look begins', async () => {
  const { bus, positionsOf, copy } = await world();
  const answering = Object.create(bus) as Bus;
  let answers = 0;
  answering.committed = (...of) =>
    (answers += 1) === 1 ? Promise.reject(new Error('no leader yet')) : bus.committed(...of);
  const positions = positionsOf(answering);
  await positions.begin();
  await positions.look();
  expect(await new MemoryStore({ database: copy() }).positions([GROUP])).toMatchObject([
    { ...WHERE, offset: 0 },
  ]);
  expect(positions.degradations()).toEqual([]);
});

test.each([
  ['the group', 2n],
  ['the database alone', 0n],
])(
  'a log that ends before what %s has read is a lag at first, then a fault',
  async (_who, offset) => {
    const { send, positionsOf, bus } = await world();
    await send('1', '2');
    const cut: Bus = Object.assign(Object.create(bus) as MemoryBus, {
      committed: async () => [{ topic: TOPIC, partition: 0, offset, first: 0n, end: 1n }],
    });
    const clock = fixedClock('2026-03-02T00:00:00Z');
    const positions = positionsOf(cut, clock);
    await positions.look();
    expect(positions.degradations()).toEqual([]);
    clock.advance(LAG_MS_MAX);
    await positions.look();
    expect(positions.degradations()).toMatchObject([
      {
        what: 'the log of sales/0',
        why: expect.stringMatching(/ends at 1, but till.sales has read up to 2/),
      },
    ]);
  },
);
