import type { Timers } from '@caretab/kernel';
import { divide, type SeedWorker, type SeedResult } from './division';
import { simulationOptionsOf, Usage } from './options';
import { Tally } from './tally';

const good = (seed: number): SeedResult => ({
  seed,
  steps: 10,
  crashes: 0,
  visits: 1,
  kinds: { crash: 1 },
  situations: { refund: 1 },
});
const broken = (seed: number): SeedResult => ({
  ...good(seed),
  violation: { invariant: 'once', details: `of ${seed}` },
});

/** Time that never comes, unless a test lets it. */
const timersOf = (): Timers & { late(): void } => {
  const waiting = new Set<() => void>();
  return {
    sleep: () => new Promise((resolve) => void waiting.add(resolve)),
    late: () => waiting.forEach((wake) => wake()),
  };
};

const dividing = (
  run: (seed: number) => Promise<SeedResult>,
  { seeds = 10, hands = 2, timers = timersOf() as Timers } = {},
) => {
  const begun: number[] = [];
  const done: number[] = [];
  let [started, ended] = [0, 0];
  const start = (): SeedWorker => {
    started += 1;
    return { run: (seed) => (begun.push(seed), run(seed)), end: () => void (ended += 1) };
  };
  const failure = divide({
    from: 1,
    seeds,
    hands,
    start,
    timers,
    seedTimeoutMs: 180_000,
    done: ({ seed }) => void done.push(seed),
  });
  return { failure, begun, done, processes: () => ({ started, ended }) };
};

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('seeds shared among processes', () => {
  test('are each run once, and every process is ended', async () => {
    const { failure, done, processes } = dividing(async (seed) => good(seed), { hands: 3 });
    expect(await failure).toBeUndefined();
    expect([...done].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(processes()).toEqual({ started: 3, ended: 3 });
  });

  test('tell the lowest that fails, though a higher one failed first', async () => {
    let [second, third]: (() => void)[] = [];
    const { failure, begun } = dividing(
      (seed) =>
        new Promise((resolve) => {
          if (seed === 2) second = () => resolve(broken(2));
          else if (seed === 3) third = () => resolve(broken(3));
          else resolve(good(seed));
        }),
    );
    await turn();
    third!();
    await turn();
    second!();
    expect(await failure).toEqual({ seed: 2, violation: { invariant: 'once', details: 'of 2' } });
    expect(begun).toEqual([1, 2, 3]);
  });

  test('fail with the seed whose process dies, and another process takes its place for those below', async () => {
    const { failure, processes } = dividing(
      async (seed) =>
        seed === 4 ? Promise.reject(new Error('its process ended (SIGSEGV)')) : good(seed),
      { hands: 1 },
    );
    expect(await failure).toEqual({ seed: 4, why: 'its process ended (SIGSEGV)' });
    expect(processes()).toEqual({ started: 1, ended: 1 });
  });

  test('fail with the seed that never ends, and its process is ended', async () => {
    const timers = timersOf();
    const { failure, processes } = dividing(
      (seed) => (seed === 5 ? new Promise(() => undefined) : Promise.resolve(good(seed))),
      { hands: 1, timers },
    );
    await turn();
    timers.late();
    expect(await failure).toEqual({ seed: 5, why: 'it did not end within 180 s' });
    expect(processes().ended).toBe(1);
  });
});

test('a tally says which faults and situations never came', () => {
  const tally = new Tally();
  tally.add(good(1));
  tally.add(good(2));
  expect([
    tally.seeds,
    tally.steps,
    tally.faults,
    tally.byFault['crash'],
    tally.situations['refund'],
  ]).toEqual([2, 20, 2, 2, 2]);
  expect(tally.missing).toContain('paused');
  expect(tally.missing).not.toContain('crash');
});

test('the command line of the simulation is read, or refused with how it is meant', () => {
  expect(simulationOptionsOf(['--seeds', '10000', '--workers', '3', '--json'])).toMatchObject({
    from: undefined,
    seeds: 10_000,
    workers: 3,
    json: true,
    seed: undefined,
  });
  for (const wrong of [['--seeds', '0'], ['--workers', 'many'], ['--sedes', '1'], ['--from']])
    expect(() => simulationOptionsOf(wrong)).toThrow(Usage);
});
