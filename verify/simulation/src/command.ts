import { setTimeout as sleep } from 'node:timers/promises';
import { divide, type Failure } from './division';
import { startSeedWorker } from './seed-worker';
import { type SimulationOptions, Usage } from './options';
import { plantedBugs } from './planted-bugs';
import type { PlantedBug } from './planting';
import { shrink } from './shrink';
import { BEGINS, simulate } from './simulate';
import { Tally } from './tally';
import { INVARIANTS } from './violation';

const PROGRESS_INTERVAL_MS = 5_000;
/**
 * A seed takes a fraction of a second; one that takes this long, on however busy a machine, never
 * ends.
 */
const SEED_TIMEOUT_MS = 180_000;
const DETAILS_LENGTH_MAX = 2000;

interface Voice {
  readonly say: (text: string) => void;
  readonly print: (text: string) => void;
}

const bugOf = (name: string | undefined): PlantedBug | undefined => {
  const bug = plantedBugs.find((each) => each.name === name);
  if (name !== undefined && !bug)
    throw new Usage(
      `There is no planted bug called ${name}: ${plantedBugs.map((each) => each.name).join(', ')}.`,
      2,
    );
  return bug;
};

/**
 * Runs seeds until one fails or all have held; prints progress, the result and one JSON line.
 * Resolves to the exit status.
 */
export const runCommand = async (
  options: SimulationOptions,
  print: (text: string) => void,
): Promise<number> => {
  const voice: Voice = { say: options.json ? (): void => undefined : print, print };
  const planted = bugOf(options.planted);
  if (options.seed !== undefined) return one(options.seed, planted, voice);
  const from = options.from ?? planted?.seed ?? 1;
  const startedAt = performance.now();
  const tally = new Tally();
  const secondsNow = (): number => Math.round((performance.now() - startedAt) / 100) / 10;
  const progress = setInterval(
    () => voice.say(progressOf(tally, options.seeds, secondsNow())),
    PROGRESS_INTERVAL_MS,
  );
  const failure = await divide({
    from,
    seeds: options.seeds,
    hands: options.workers,
    start: () => startSeedWorker(planted?.name),
    seedTimeoutMs: SEED_TIMEOUT_MS,
    done: (result) => tally.add(result),
    timers: { sleep: (durationMs, signal) => sleep(durationMs, undefined, { signal, ref: false }) },
  });
  clearInterval(progress);
  const seconds = secondsNow();
  if (failure?.violation) await tell(failure.seed, planted, voice);
  const isGood = planted
    ? failure?.violation !== undefined && planted.breaks.includes(failure.violation.invariant)
    : !failure;
  voice.say(resultOf(tally, seconds, failure, planted));
  const { seeds, steps, faults, crashes, visits, byFault, situations } = tally;
  print(
    JSON.stringify({
      result: isGood ? 'held' : 'broken',
      from,
      seeds,
      steps,
      faults,
      crashes,
      visits,
      seconds,
      seedsPerSecond: Math.round((seeds / seconds) * 10) / 10,
      workers: options.workers,
      byFault,
      situations,
      ...(planted && { planted: planted.name }),
      ...(failure && failed(failure)),
    }),
  );
  return isGood ? 0 : 1;
};

const failed = ({ seed, violation, why }: Failure): object => ({
  failedSeed: seed,
  ...(violation
    ? { invariant: violation.invariant, details: violation.details.slice(0, DETAILS_LENGTH_MAX) }
    : { why }),
});

const progressOf = (tally: Tally, seeds: number, seconds: number): string => {
  const rate = tally.seeds / seconds;
  const left = rate > 0 ? `, ${Math.round((seeds - tally.seeds) / rate)} s left` : '';
  return (
    `  ${tally.seeds} of ${seeds} seeds, ${rate.toFixed(1)} a second${left}: ` +
    `${tally.steps} steps, ${tally.faults} faults, ${tally.crashes} crashes`
  );
};

const resultOf = (
  tally: Tally,
  seconds: number,
  failure: Failure | undefined,
  planted: PlantedBug | undefined,
): string => {
  const work =
    `${tally.seeds} seeds in ${seconds} s: ${tally.visits} visits, ${tally.steps} ` +
    `steps, ${tally.faults} faults, ${tally.crashes} crashes.`;
  if (!failure)
    return (
      `${work} ` +
      `${planted ? `✗ The planted bug was not found: ${planted.what}.` : '✔ Every invariant held after every step.'}`
    );
  const what = failure.violation ? INVARIANTS[failure.violation.invariant] : failure.why;
  return (
    `${work} ` +
    `${planted && failure.violation ? '✔ The planted bug was found' : '✗ Broken'} ` +
    `with seed ${failure.seed}: ${what}. Again, step by step: npm run simulate -- ` +
    `--seed ${failure.seed}${planted ? ` --planted ${planted.name}` : ''}`
  );
};

/** The failure, and the shortest history that still has it. */
const tell = async (
  seed: number,
  planted: PlantedBug | undefined,
  { say }: Voice,
): Promise<void> => {
  const found = await simulate(seed, { planted });
  if (!found.violation)
    return say(
      `seed ${seed} failed in its worker but holds here: something in it is not of the seed`,
    );
  say(
    `seed ${seed} after ${found.steps} steps and ${found.faults.length} faults: ` +
      `${found.violation.message}\n  looking for the shortest history …`,
  );
  const shortest = await shrink(found, { planted });
  say(shortest.history.slice(Math.max(0, shortest.history.indexOf(BEGINS))).join('\n'));
  say(
    `shortest history: ${shortest.steps} steps, ${shortest.plan.visits.length} ` +
      `visits, ${shortest.faults.length} faults (of ${found.steps}, ` +
      `${found.plan.visits.length}, ${found.faults.length})`,
  );
};

const one = async (
  seed: number,
  planted: PlantedBug | undefined,
  { say, print }: Voice,
): Promise<number> => {
  const outcome = await simulate(seed, { planted, keepsHistory: true });
  say(outcome.history.join('\n'));
  const { violation, steps, crashes, digest, kinds: byFault } = outcome;
  print(
    JSON.stringify({
      result: violation ? 'broken' : 'held',
      seed,
      steps,
      faults: outcome.faults.length,
      crashes,
      visits: outcome.plan.visits.length,
      digest,
      byFault,
      ...(violation && failed({ seed, violation })),
    }),
  );
  return violation ? 1 : 0;
};
