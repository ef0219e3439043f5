import type { Bus } from '@caretab/bus';
import { MemoryStore } from '@caretab/store';
import { Congestion } from './congestion';
import { LEDGER_GROUP, CongestionWatch } from './congestion-watch';

const noWait = { sleep: async () => undefined };
const outcome = (congestion: Congestion): unknown => {
  try {
    congestion.check();
    return 'open';
  } catch (error) {
    return error;
  }
};

describe('what is behind the door', () => {
  test.each(['outbox', 'lag'] as const)(
    'closes it above its bound and opens it again by itself when a fifth is gone: %s',
    (which) => {
      const heard: boolean[] = [];
      const congestion = new Congestion(
        { outboxMax: 100, lagMax: 100 },
        noWait,
        (isOpen) => void heard.push(isOpen),
      );
      const states = [100, 101, 90, 81, 80, 95, 101, 0].map(
        (count) => (congestion.measured({ [which]: count }), congestion.isOpen),
      );
      expect(states).toEqual([true, false, false, false, true, true, false, true]);
      expect(heard).toEqual([false, true, false, true]);
    },
  );
  test('says why, and asks to come again later than a full room does', () => {
    const congestion = new Congestion({ outboxMax: 100, lagMax: 100 }, noWait);
    congestion.measured({ lag: 1000 });
    expect(outcome(congestion)).toMatchObject({
      code: 'OVERLOADED',
      kind: 'overloaded',
      details: { why: 'the lag of the ledger is above its limit', retryAfterSeconds: 5 },
    });
    expect(congestion.refused).toBe(1);
  });
  test('closes it by either measure alone, and one that is fine does not open it for the other', () => {
    const congestion = new Congestion({ outboxMax: 100, lagMax: 100 }, noWait);
    congestion.measured({ outbox: 500 });
    congestion.measured({ lag: 0 });
    expect(congestion.isOpen).toBe(false);
    congestion.measured({ outbox: 0 });
    expect(congestion.isOpen).toBe(true);
  });
  test('closes nothing while nobody can say how much it is', () => {
    const congestion = new Congestion({ outboxMax: 100, lagMax: 100 }, noWait);
    congestion.measured({ lag: 500 });
    congestion.measured({ lag: undefined });
    expect(outcome(congestion)).toBe('open');
  });
  test('an HL7 message waits for the door to open, and only so long', async () => {
    let slept = 0;
    const congestion: Congestion = new Congestion(
      { outboxMax: 100, lagMax: 100 },
      {
        sleep: async () => {
          if ((slept += 1) === 3) congestion.measured({ lag: 0 });
        },
      },
    );
    congestion.measured({ lag: 500 });
    await congestion.opened(2000);
    expect(slept).toBe(3);
    congestion.measured({ lag: 500 });
    await expect(congestion.opened(1000)).rejects.toMatchObject({ code: 'OVERLOADED' });
    expect(slept).toBe(13);
  });
});

describe('the watch', () => {
  const logged: string[] = [];
  const say = (_: unknown, text: string): void => void logged.push(text);
  const watching = (lag: Bus['lag'], store = new MemoryStore()) => {
    const congestion = new Congestion({ outboxMax: 2, lagMax: 10 }, noWait);
    return {
      congestion,
      store,
      watch: new CongestionWatch({
        store,
        bus: { lag } as Bus,
        timers: { sleep: () => new Promise(() => undefined) },
        congestion,
        logger: { warn: say, info: say } as never,
        outboxMax: 2,
      }),
    };
  };
  beforeEach(() => void logged.splice(0));

  test('asks how far the ledger is behind on what hospitals say', async () => {
    const asked: unknown[] = [];
    const { watch, congestion } = watching(
      async (group, topics) => (asked.push(group, topics), 11),
    );
    await watch.lag();
    expect(asked).toEqual([LEDGER_GROUP, ['hospital.visit-events']]);
    expect(congestion.isOpen).toBe(false);
  });
  test('counts what was accepted and not yet published', async () => {
    const { watch, congestion, store } = watching(async () => 0);
    const publish = (count: number) =>
      store.transact(async (transaction) =>
        transaction.publish(
          ...Array.from({ length: count }, () => ({
            topic: 't',
            key: 'k',
            headers: {},
            value: null,
          })),
        ),
      );
    await publish(2);
    await watch.outbox();
    expect(congestion.isOpen).toBe(true);
    await publish(1);
    await watch.outbox();
    expect(congestion.isOpen).toBe(false);
    await store.markPublished((await store.unpublished(10)).map(({ id }) => id));
    await watch.outbox();
    expect(congestion.isOpen).toBe(true);
  });
  test('lets the outbox alone decide while the bus is away, and says so once', async () => {
    let isAway = true;
    const { watch, congestion } = watching(async () => {
      if (isAway) throw new Error('no brokers');
      return 3;
    });
    congestion.measured({ lag: 100 });
    for (let turn = 0; turn < 3; turn += 1) await watch.lag();
    expect(congestion.isOpen).toBe(true);
    expect(logged).toEqual([expect.stringContaining('backpressure depends on the outbox alone')]);
    isAway = false;
    await watch.lag();
    expect(logged).toHaveLength(2);
  });
});
