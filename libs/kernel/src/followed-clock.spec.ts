import { FollowedClock } from './followed-clock';

const START_MS = Date.parse('2026-11-28T09:00:00Z');
const HOUR_MS = 3_600_000;

/** The machine, and the database that is asked; true time passes for both. */
const rig = () => {
  const off = { machineMs: 0, databaseMs: 0 };
  let trueMs = START_MS;
  const clock = new FollowedClock(
    { now: () => new Date(trueMs + off.machineMs) },
    () => trueMs - START_MS + 500.25,
  );
  /** An answer takes so long each way. */
  const asked = (wayMs = 2) =>
    clock.follow(async () => {
      trueMs += wayMs;
      const answer = new Date(trueMs + off.databaseMs);
      trueMs += wayMs;
      return answer;
    });
  const offMs = (): number => clock.now().getTime() - trueMs;
  return { clock, off, asked, offMs, passes: (ms: number) => (trueMs += ms) };
};

test('it is the machine’s time until it follows another, and again when released', async () => {
  const { clock, off, asked, offMs } = rig();
  off.machineMs = HOUR_MS;
  expect(offMs()).toBe(HOUR_MS);
  await asked();
  expect(Math.abs(offMs())).toBeLessThan(5);
  clock.release();
  expect(offMs()).toBe(HOUR_MS);
});

test.each([
  ['ahead', HOUR_MS],
  ['back', -HOUR_MS],
])('a machine’s clock that leaps an hour %s is not seen', async (_way, leapMs) => {
  const { off, asked, offMs, passes } = rig();
  await asked();
  off.machineMs = leapMs;
  passes(5000);
  expect(Math.abs(offMs())).toBeLessThan(5);
  expect(await asked()).toBe(0);
  expect(Math.abs(offMs())).toBeLessThan(5);
});

test.each([
  ['ahead', HOUR_MS],
  ['back', -HOUR_MS],
])(
  'a database’s clock that leaps an hour %s is followed at the next look',
  async (_way, leapMs) => {
    const { off, asked, offMs } = rig();
    await asked();
    off.databaseMs = leapMs;
    expect(Math.abs(offMs())).toBeLessThan(5);
    expect(Math.abs((await asked()) - leapMs)).toBeLessThan(5);
    expect(Math.abs(offMs() - leapMs)).toBeLessThan(5);
  },
);

test('an answer that took long moves it by what is certain alone', async () => {
  const { off, asked, offMs } = rig();
  await asked();
  off.databaseMs = 900;
  expect(await asked(1000)).toBe(0);
  off.databaseMs = HOUR_MS;
  await asked(1000);
  expect(offMs()).toBeGreaterThan(HOUR_MS - 1100);
  await asked();
  expect(Math.abs(offMs() - HOUR_MS)).toBeLessThan(5);
});

test('where nobody answers the time goes on', async () => {
  const { clock, asked, offMs, passes } = rig();
  await asked();
  await expect(clock.follow(() => Promise.reject(new Error('away')))).rejects.toThrow('away');
  passes(HOUR_MS);
  expect(Math.abs(offMs())).toBeLessThan(5);
});
