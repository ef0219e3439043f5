import { setTimeout as wait } from 'node:timers/promises';
import { MESSAGE_BYTES_MAX } from '@caretab/contracts';
import type { BatchHandler, Bus, Consumer, Message, ReceivedMessage } from '../src/bus';
import { partitionOf } from '../src/partitioner';

export interface TestBus {
  readonly bus: Bus;
  /** The bus as another process sees it. */
  another(): Promise<Bus>;
  /** Makes a member die without a word. */
  crash(consumer: Consumer): void;
  /** Ends everything that the test opened. */
  close(): Promise<void>;
}

const PARTITIONS = 6;

// Every test has topics and groups of its own: a broker is shared, and neither its log nor its
// members end with a test.
let TOPIC = '';
let PAYMENTS = '';
let HOLD = '';
let CLAIM = '';
let declaration = { name: TOPIC, partitions: PARTITIONS, retentionMs: 60_000 };
let count = 0;
const nameAnew = (): void => {
  const run = `${process.pid.toString(36)}-${Date.now().toString(36)}-${(count += 1)}`;
  [TOPIC, PAYMENTS, HOLD, CLAIM] = [
    `test.visits.${run}`,
    `test.payments.${run}`,
    `credit.hold.${run}`,
    `adjudication.claim.${run}`,
  ];
  declaration = { ...declaration, name: TOPIC };
};

const message = (key: string, value: string): Message => ({
  key,
  value,
  headers: { ce_id: `${key}/${value}` },
});
const keys = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `visit-${index}`);
const numbered = (key: string, count: number, from = 0): Message[] =>
  Array.from({ length: count }, (_, index) => message(key, String(from + index)));

const TRIES_MAX = 5000;
const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
  for (let tries = 0; !(await condition()); tries += 1) {
    if (tries > TRIES_MAX) throw new Error('what the test waits for did not come');
    await wait(5);
  }
};

/** A handler that remembers what it was given. */
const remembering = (): { readonly received: ReceivedMessage[]; readonly handle: BatchHandler } => {
  const received: ReceivedMessage[] = [];
  return { received, handle: async ({ messages }) => void received.push(...messages) };
};

const idsOf = (received: readonly ReceivedMessage[]): string[] =>
  received.map(({ key, value }) => `${key}/${value}`);
const valuesOf = (received: readonly ReceivedMessage[], key: string): string[] =>
  received.filter((one) => one.key === key).map(({ value }) => value);

/**
 * What every bus must do; the embedded one, Kafka and the twin in memory are held to it. `rewinds`:
 * whether the bus can take a group back to an earlier offset.
 */
export const busSuite = (
  name: string,
  makeBus: () => Promise<TestBus>,
  { rewinds = true }: { readonly rewinds?: boolean } = {},
): void => {
  describe(`a bus: ${name}`, () => {
    let test: TestBus;
    let bus: Bus;

    beforeEach(async () => {
      nameAnew();
      test = await makeBus();
      bus = test.bus;
      await bus.declare([declaration]);
    });
    afterEach(() => test.close());

    it('delivers the messages of a key in the order they were sent', async () => {
      const { received, handle } = remembering();
      await bus.consume({ group: HOLD, topics: [TOPIC], batchSizeMax: 7 }, handle);
      for (let round = 0; round < 10; round += 1)
        await Promise.all(keys(8).map((key) => bus.send(TOPIC, numbered(key, 3, round * 3))));
      await until(() => received.length >= 240);
      for (const key of keys(8))
        expect(valuesOf(received, key)).toEqual(
          Array.from({ length: 30 }, (_, index) => String(index)),
        );
    });

    it('keeps the order of sends of one key that are not waited for', async () => {
      const { received, handle } = remembering();
      await bus.consume({ group: HOLD, topics: [TOPIC] }, handle);
      await Promise.all(
        Array.from({ length: 100 }, (_, index) =>
          bus.send(TOPIC, [message('visit-1', String(index))]),
        ),
      );
      await until(() => received.length >= 100);
      expect(valuesOf(received, 'visit-1')).toEqual(
        Array.from({ length: 100 }, (_, index) => String(index)),
      );
    });

    it('gives a key the partition that Kafka clients give it, and offsets without gaps', async () => {
      const { received, handle } = remembering();
      await bus.consume({ group: HOLD, topics: [TOPIC] }, handle);
      await bus.send(
        TOPIC,
        keys(40).map((key) => message(key, '0')),
      );
      await until(() => received.length >= 40);
      for (const { key, partition } of received)
        expect(partition).toBe(partitionOf(key, PARTITIONS));
      for (let partition = 0; partition < PARTITIONS; partition += 1) {
        const offsets = received
          .filter((one) => one.partition === partition)
          .map(({ offset }) => offset);
        expect(offsets).toEqual(offsets.map((_, index) => BigInt(index)));
      }
    });

    it('reads what a topic holds to its end, in no group, and whatever groups have handled', async () => {
      const { received, handle } = remembering();
      await bus.consume({ group: HOLD, topics: [TOPIC] }, handle);
      const none = remembering();
      const read = async (into: ReceivedMessage[]) =>
        bus.read!({ topic: TOPIC, name: HOLD }, async (messages) => void into.push(...messages));
      await read(none.received);
      expect(none.received).toEqual([]);
      for (let round = 0; round < 5; round += 1)
        await bus.send(
          TOPIC,
          keys(20).flatMap((key) => numbered(key, 30, round * 30)),
        );
      await until(() => received.length >= 3000);
      const kept: ReceivedMessage[] = [];
      await read(kept);
      const inPlace = (all: readonly ReceivedMessage[]) =>
        all.map(({ partition, offset, ...message }) => [`${partition}/${offset}`, message]).sort();
      expect(inPlace(kept)).toEqual(inPlace(received));
      for (const key of keys(20)) expect(valuesOf(kept, key)).toEqual(valuesOf(received, key));
      expect(await bus.lag(HOLD, [TOPIC])).toBeGreaterThanOrEqual(0);
      const refused = bus.read!({ topic: TOPIC, name: HOLD }, () =>
        Promise.reject(new Error('no')),
      );
      await expect(refused).rejects.toThrow('no');
    });

    it('carries value, key and headers unchanged, non-ASCII text and empty batches included', async () => {
      const { received, handle } = remembering();
      await bus.consume({ group: HOLD, topics: [TOPIC] }, handle);
      const sent: Message = {
        key: '就诊-1 "x"',
        value: '{"项目":"甲,{}\\\\ \\n","n":1}',
        headers: { ce_id: 'a', note: '\u00e9 "quoted", {braces}' },
      };
      await bus.send(TOPIC, []);
      await bus.send(TOPIC, [sent]);
      await until(() => received.length === 1);
      expect(received[0]).toMatchObject(sent);
    });

    it('takes a message as large as a contract allows, among small ones and in its turn', async () => {
      const { received, handle } = remembering();
      await bus.consume({ group: HOLD, topics: [TOPIC] }, handle);
      const large: Message = {
        key: 'visit-1',
        value: 'x'.repeat(MESSAGE_BYTES_MAX - 64 * 1024),
        headers: { ce_id: 'large' },
      };
      await bus.send(TOPIC, [...numbered('visit-1', 2), large, ...numbered('visit-1', 2, 2)]);
      await until(() => received.length === 5);
      expect(received.map(({ value }) => value.length)).toEqual([1, 1, large.value.length, 1, 1]);
    });

    it('has a message safe once send resolves: a process that comes later reads it', async () => {
      await bus.send(TOPIC, numbered('visit-1', 3));
      const later = await test.another();
      const { received, handle } = remembering();
      await later.consume({ group: HOLD, topics: [TOPIC] }, handle);
      await until(() => received.length === 3);
    });

    it('delivers every message to every group, a new group from the earliest on', async () => {
      const [credit, adjudication] = [remembering(), remembering()];
      await bus.consume({ group: HOLD, topics: [TOPIC] }, credit.handle);
      await bus.send(
        TOPIC,
        keys(30).map((key) => message(key, '0')),
      );
      await bus.consume({ group: CLAIM, topics: [TOPIC] }, adjudication.handle);
      await bus.send(
        TOPIC,
        keys(30).map((key) => message(key, '1')),
      );
      await until(() => credit.received.length >= 60 && adjudication.received.length >= 60);
      expect(idsOf(credit.received).sort()).toEqual(idsOf(adjudication.received).sort());
      expect(new Set(idsOf(credit.received)).size).toBe(60);
    });

    it('reads several topics as one consumer', async () => {
      await bus.declare([{ ...declaration, name: PAYMENTS, partitions: 2 }]);
      const { received, handle } = remembering();
      await bus.consume({ group: HOLD, topics: [TOPIC, PAYMENTS] }, handle);
      await bus.send(TOPIC, [message('visit-1', 'opened')]);
      await bus.send(PAYMENTS, [message('visit-1', 'paid')]);
      await until(() => received.length === 2);
      expect(received.map(({ topic, value }) => `${topic}: ${value}`).sort()).toEqual([
        `${PAYMENTS}: paid`,
        `${TOPIC}: opened`,
      ]);
    });

    it(
      'delivers a batch again from the first uncommitted message when its handler ' +
        'throws, and holds nothing else up',
      async () => {
        const done: string[] = [];
        let failures = 0;
        await bus.consume(
          { group: HOLD, topics: [TOPIC], batchSizeMax: 2 },
          async ({ messages }) => {
            if (messages.some(({ value }) => value === '2') && failures < 2) {
              failures += 1;
              throw new Error('not now');
            }
            done.push(...idsOf(messages));
          },
        );
        await bus.send(TOPIC, numbered('visit-1', 6));
        await until(() => done.length >= 6);
        expect(failures).toBe(2);
        expect(done).toEqual(['0', '1', '2', '3', '4', '5'].map((value) => `visit-1/${value}`));
      },
    );

    it('goes on with the other partitions while one keeps failing', async () => {
      const stuck = partitionOf('visit-0', PARTITIONS);
      const { received, handle } = remembering();
      await bus.consume({ group: HOLD, topics: [TOPIC] }, async (batch) => {
        if (batch.partition === stuck) throw new Error('never');
        await handle(batch);
      });
      await bus.send(
        TOPIC,
        keys(40).map((key) => message(key, '0')),
      );
      const others = keys(40).filter((key) => partitionOf(key, PARTITIONS) !== stuck).length;
      await until(() => received.length === others);
      expect(await bus.lag(HOLD, [TOPIC])).toBeGreaterThanOrEqual(40 - others);
    });

    it('works a partition one batch at a time, and partitions side by side', async () => {
      const inWork = new Set<number>();
      let sideBySide = 0;
      let handled = 0;
      await bus.consume(
        { group: HOLD, topics: [TOPIC], batchSizeMax: 5 },
        async ({ partition, messages }) => {
          expect(inWork.has(partition)).toBe(false);
          inWork.add(partition);
          sideBySide = Math.max(sideBySide, inWork.size);
          await wait(20);
          inWork.delete(partition);
          handled += messages.length;
        },
      );
      await bus.send(
        TOPIC,
        keys(60).map((key) => message(key, '0')),
      );
      await until(() => handled === 60);
      expect(sideBySide).toBeGreaterThan(1);
    });

    it('keeps batches within their limit', async () => {
      const sizes: number[] = [];
      await bus.send(TOPIC, numbered('visit-1', 25));
      await bus.consume(
        { group: HOLD, topics: [TOPIC], batchSizeMax: 10 },
        async ({ messages }) => void sizes.push(messages.length),
      );
      await until(() => sizes.reduce((sum, size) => sum + size, 0) === 25);
      expect(Math.max(...sizes)).toBe(10);
    });

    it('shares the partitions between two members and rebalances without losing a message', async () => {
      const [first, second] = [remembering(), remembering()];
      await bus.consume({ group: HOLD, topics: [TOPIC] }, first.handle);
      await bus.send(
        TOPIC,
        keys(60).map((key) => message(key, '0')),
      );
      await until(() => first.received.length === 60);
      const other = await test.another();
      const leaving = await other.consume({ group: HOLD, topics: [TOPIC] }, second.handle);
      let round = 1;
      await until(async () => {
        await bus.send(
          TOPIC,
          keys(60).map((key) => message(key, String(round))),
        );
        round += 1;
        return second.received.length > 0;
      });
      await until(async () => (await bus.lag(HOLD, [TOPIC])) === 0);
      await leaving.stop();
      await bus.send(
        TOPIC,
        keys(60).map((key) => message(key, 'last')),
      );
      await until(() => idsOf(first.received).filter((id) => id.endsWith('/last')).length === 60);
      const all = idsOf([...first.received, ...second.received]);
      expect(all).toHaveLength(60 * (round + 1));
      expect(new Set(all).size).toBe(all.length);
      expect(second.received.some(({ value }) => value === 'last')).toBe(false);
    });

    it('hands a partition over only after the batch in work is done, and tells that batch to hurry', async () => {
      const events: string[] = [];
      await bus.send(
        TOPIC,
        keys(40).map((key) => message(key, '0')),
      );
      const slow: BatchHandler = async ({ partition, signal }) => {
        events.push(`first begins ${partition}`);
        await until(() => signal.aborted || events.includes('second joined'));
        await wait(300);
        events.push(`first ends ${partition}`);
      };
      await bus.consume({ group: HOLD, topics: [TOPIC], batchSizeMax: 1 }, slow);
      await until(() => events.length > 0);
      const other = await test.another();
      await other.consume(
        { group: HOLD, topics: [TOPIC], batchSizeMax: 1 },
        async ({ partition }) => void events.push(`second has ${partition}`),
      );
      events.push('second joined');
      await until(() => events.some((event) => event.startsWith('second has')));
      for (let partition = 0; partition < PARTITIONS; partition += 1) {
        const takenOverAt = events.indexOf(`second has ${partition}`);
        if (takenOverAt < 0) continue;
        const before = events.slice(0, takenOverAt);
        const count = (what: string): number =>
          before.filter((event) => event === `first ${what} ${partition}`).length;
        expect(count('ends')).toBe(count('begins'));
      }
    });

    it('goes on unhurried when a newcomer leaves again before it got anything', async () => {
      const hurried: boolean[] = [];
      let isHeld = true;
      await bus.consume({ group: HOLD, topics: [TOPIC], batchSizeMax: 1 }, async ({ signal }) => {
        await until(() => !isHeld);
        await wait(1);
        hurried.push(signal.aborted);
      });
      await bus.send(
        TOPIC,
        keys(40).map((key) => message(key, '0')),
      );
      await wait(50);
      const other = await test.another();
      const newcomer = await other.consume({ group: HOLD, topics: [TOPIC] }, async () => undefined);
      await wait(50);
      // A group may let no one leave while a newcomer still waits for the batch in work: then that
      // batch ends first.
      const left = newcomer.stop();
      await wait(50);
      isHeld = false;
      await left;
      await until(async () => (await bus.lag(HOLD, [TOPIC])) === 0);
      // However long the group took to settle, it has: what comes now is not hurried.
      await bus.send(
        TOPIC,
        keys(10).map((key) => message(key, '1')),
      );
      await until(async () => (await bus.lag(HOLD, [TOPIC])) === 0);
      expect(hurried.slice(-10)).toEqual(Array.from({ length: 10 }, () => false));
    });

    it('says what a group has committed of each partition', async () => {
      await bus.send(TOPIC, numbered('visit-1', 3));
      const own = partitionOf('visit-1', PARTITIONS);
      const offsets = async () =>
        (await bus.committed(HOLD, [TOPIC]))
          .filter(({ offset }) => offset > 0n)
          .map(({ topic, partition, offset, first, end }) => ({
            ...{ topic, partition, offset, first, end },
          }));
      expect(await offsets()).toEqual([]);
      expect(await bus.committed(HOLD, [TOPIC])).toHaveLength(PARTITIONS);
      await bus.consume({ group: HOLD, topics: [TOPIC] }, remembering().handle);
      await until(async () => (await bus.lag(HOLD, [TOPIC])) === 0);
      expect(await offsets()).toEqual([
        { topic: TOPIC, partition: own, offset: 3n, first: 0n, end: 3n },
      ]);
    });

    it(`${rewinds ? 'can' : 'cannot'} rewind a group, and says so`, () =>
      expect(bus.rewind !== undefined).toBe(rewinds));

    if (rewinds)
      it('delivers from the offset that a group was rewound to, also to a member at work', async () => {
        const { received, handle } = remembering();
        let isHeld = false;
        await bus.consume({ group: HOLD, topics: [TOPIC] }, async (batch) => {
          await handle(batch);
          await until(() => !isHeld);
        });
        await bus.send(TOPIC, numbered('visit-1', 3));
        await until(async () => (await bus.lag(HOLD, [TOPIC])) === 0);
        isHeld = true;
        await bus.send(TOPIC, numbered('visit-1', 1, 3));
        await until(() => received.length === 4);
        const partition = partitionOf('visit-1', PARTITIONS);
        await bus.rewind!(HOLD, [{ topic: TOPIC, partition, offset: 1n }]);
        isHeld = false;
        await until(() => received.length >= 7);
        await until(async () => (await bus.lag(HOLD, [TOPIC])) === 0);
        expect(valuesOf(received, 'visit-1').slice(-3)).toEqual(['1', '2', '3']);
      });

    it('delivers nothing that was committed again after a clean stop', async () => {
      const [first, second] = [remembering(), remembering()];
      const consumer = await bus.consume(
        { group: HOLD, topics: [TOPIC], batchSizeMax: 3 },
        async (batch) => {
          await wait(5);
          await first.handle(batch);
        },
      );
      await bus.send(
        TOPIC,
        keys(120).map((key) => message(key, '0')),
      );
      await until(() => first.received.length > 10);
      await consumer.stop();
      const before = first.received.length;
      await bus.consume({ group: HOLD, topics: [TOPIC] }, second.handle);
      await until(() => before + second.received.length >= 120);
      const all = idsOf([...first.received, ...second.received]);
      expect(all).toHaveLength(120);
      expect(new Set(all).size).toBe(120);
    });

    it('replaces a member that died, from its last committed message on', async () => {
      const [dead, alive] = [remembering(), remembering()];
      const crashing = await bus.consume({ group: HOLD, topics: [TOPIC] }, dead.handle);
      await bus.send(
        TOPIC,
        keys(30).map((key) => message(key, '0')),
      );
      await until(async () => (await bus.lag(HOLD, [TOPIC])) === 0);
      test.crash(crashing);
      await bus.send(
        TOPIC,
        keys(30).map((key) => message(key, '1')),
      );
      const other = await test.another();
      await other.consume({ group: HOLD, topics: [TOPIC] }, alive.handle);
      await until(() => alive.received.length >= 30);
      expect(idsOf(alive.received).sort()).toEqual(
        keys(30)
          .map((key) => `${key}/1`)
          .sort(),
      );
    });

    it('does not count what a dead member finishes after it was replaced', async () => {
      const finish: (() => void)[] = [];
      const crashing = await bus.consume(
        { group: HOLD, topics: [TOPIC] },
        () => new Promise((resolve) => finish.push(resolve)),
      );
      await bus.send(TOPIC, [message('visit-1', '0')]);
      await until(() => finish.length === 1);
      test.crash(crashing);
      const { received, handle } = remembering();
      let release = false;
      const other = await test.another();
      await other.consume({ group: HOLD, topics: [TOPIC] }, async (batch) => {
        await handle(batch);
        await until(() => release);
      });
      await until(() => received.length === 1);
      finish[0]!();
      await wait(100);
      expect(await bus.lag(HOLD, [TOPIC])).toBe(1);
      release = true;
      await until(async () => (await bus.lag(HOLD, [TOPIC])) === 0);
    });

    it('says how many messages a group has not handled', async () => {
      expect(await bus.lag(HOLD, [TOPIC])).toBe(0);
      await bus.send(
        TOPIC,
        keys(10).map((key) => message(key, '0')),
      );
      expect(await bus.lag(HOLD, [TOPIC])).toBe(10);
      const { handle } = remembering();
      const consumer = await bus.consume({ group: HOLD, topics: [TOPIC] }, handle);
      await until(async () => (await bus.lag(HOLD, [TOPIC])) === 0);
      await consumer.stop();
      await bus.send(TOPIC, [message('visit-1', '1')]);
      expect(await bus.lag(HOLD, [TOPIC])).toBe(1);
      expect(await bus.lag(CLAIM, [TOPIC])).toBe(11);
    });

    it('declares a topic again without touching its messages', async () => {
      await bus.send(TOPIC, numbered('visit-1', 2));
      await bus.declare([declaration]);
      const { received, handle } = remembering();
      await bus.consume({ group: HOLD, topics: [TOPIC] }, handle);
      await until(() => received.length === 2);
    });

    it('refuses a topic that nobody declared', async () => {
      await expect(bus.send('test.unknown', numbered('visit-1', 1))).rejects.toThrow(
        'test.unknown',
      );
      await expect(
        bus.consume({ group: HOLD, topics: ['test.unknown'] }, async () => undefined),
      ).rejects.toThrow('test.unknown');
    });
  });
};
