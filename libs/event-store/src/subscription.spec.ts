import { fixedClock, TestTimers } from '@caretab/doubles';
import { Outages } from '@caretab/kernel';
import { EventStoreUnavailable } from './errors';
import type { RecordedEvent } from './event-store';
import { PagedSubscription } from './subscription';

test('events that come while a reader rests come together, and the first after a pause at once', async () => {
  const clock = fixedClock('2026-03-02T09:00:00+08:00');
  const timers = new TestTimers(clock);
  const [log, batches]: [string[], string[]] = [[], []];
  const subscription = new PagedSubscription({
    after: 0n,
    readPage: async (after) => ({
      events: log.slice(Number(after)).map((id) => ({ id })) as unknown as RecordedEvent[],
      readTo: BigInt(log.length),
    }),
    handle: async (events) => {
      await timers.sleep(10);
      batches.push(events.map(({ id }) => id).join());
    },
    ...{
      timers,
      pollMs: 60_000,
      restsBelow: 3,
      resting: { factor: 3, maxMs: 25 },
      onTurn: undefined,
    },
    elapsedMs: () => clock.now().getTime(),
  });
  const records = async (ids: readonly string[], thenMs: number): Promise<void> => {
    log.push(...ids);
    subscription.wake();
    await timers.advance(thenMs);
  };
  try {
    await records(['a'], 11);
    expect(batches).toEqual(['a']);
    // It rests until 35 ms.
    await records(['b'], 10);
    await records(['c'], 10);
    expect(batches).toEqual(['a']);
    await records([], 100);
    expect(batches).toEqual(['a', 'b,c']);
    // After a full batch it does not rest.
    await records(['d', 'e', 'f'], 10);
    await records(['g'], 10);
    expect(batches).toEqual(['a', 'b,c', 'd,e,f', 'g']);
  } finally {
    const stopped = subscription.stop();
    await timers.advance(100);
    await stopped;
  }
});

test('a store that is away for two minutes is told in a few lines, for all followers together', async () => {
  const clock = fixedClock('2026-03-02T09:00:00+08:00');
  const timers = new TestTimers(clock);
  const beganMs = clock.now().getTime();
  let isAway = true;
  const told: string[] = [];
  const tell = (_: object, text: string): void => void told.push(text);
  const outages = new Outages(
    { info: tell, warn: tell, error: tell },
    { what: 'follower', level: 'error' },
    () => clock.now().getTime() - beganMs,
  );
  const followers = [1, 2].map(
    () =>
      new PagedSubscription({
        after: 0n,
        readPage: async (after) => {
          if (isAway) throw new EventStoreUnavailable('the server does not answer');
          return { events: [], readTo: after };
        },
        handle: async () => undefined,
        ...{ timers, outages, pollMs: 60_000, onTurn: undefined },
      }),
  );
  await timers.advance(119_000);
  isAway = false;
  await timers.advance(10_000);
  expect(told).toEqual([
    'follower failed, retrying',
    expect.stringMatching(/^follower failed for 6\d s, retrying$/),
    'follower resumed',
  ]);
  const stopped = Promise.all(followers.map((follower) => follower.stop()));
  await timers.advance(100);
  await stopped;
});
