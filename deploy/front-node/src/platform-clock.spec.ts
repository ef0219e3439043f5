import { PlatformClock } from './platform-clock';

const AT = Date.parse('2026-03-02T00:00:00Z');

const world = (earlierOffsetMs?: number, knownMs?: number) => {
  const machine = { nowMs: AT, elapsed: 0 };
  const clock = new PlatformClock(
    { now: () => machine.nowMs, elapsedMs: () => machine.elapsed },
    earlierOffsetMs,
    knownMs,
  );
  const pass = (ms: number): void => {
    machine.nowMs += ms;
    machine.elapsed += ms;
  };
  return { machine, clock, pass };
};

test('the platform’s time is the middle of the way, and goes on though the machine’s clock is set', async () => {
  const { machine, clock, pass } = world();
  const measured = await clock.measure(async () => {
    pass(200);
    return new Date(AT + 60_000);
  });
  expect(measured).toMatchObject({ offsetMs: 59_900, roundTripMs: 200 });
  machine.nowMs -= 3_600_000;
  pass(1_000);
  expect(clock.now().getTime()).toBe(AT + 61_100);
});

test('after a start the last offset holds until it is measured', async () => {
  const { clock } = world(-5_000);
  expect(clock.now().getTime()).toBe(AT - 5_000);
  expect(await clock.measure(async () => undefined)).toBeUndefined();
  expect(clock.now().getTime()).toBe(AT - 5_000);
});

test('a machine whose clock was set back is not before what the node knew, nor is it set back later', () => {
  const { machine, clock, pass } = world(0, AT + 3_600_000);
  expect(clock.now().getTime()).toBe(AT + 3_600_000);
  machine.nowMs -= 86_400_000;
  pass(5_000);
  expect(clock.now().getTime()).toBe(AT + 3_605_000);
});
