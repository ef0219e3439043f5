import { setMaxListeners } from 'node:events';
import type { Steps } from '@caretab/deploy';
import { pause } from '@caretab/hospital';
import { scheduleOf } from './schedule';
import { readStanding, resumeTouched } from './aside';
import type { SupervisedPlatform } from './supervised-platform';
import { Hospitals } from './hospitals';
import { MemoryWatch } from './memory-watch';
import { Nemesis } from './nemesis';
import type { ChaosOptions } from './options';
import { Recoveries } from './recovery';
import type { Held, Outcome } from './report';
import { untilPlatformQuiescent } from './quiescence';
import { type Aside, judge } from './judgement';

/** Ctrl-C while it went on. */
export class CalledOff extends Error {}

/** More than this, and a process of a service grows without bounds. */
const MEMORY_MAX_MB = 600;
const WARM_UP_MS = 3000;
const RECOVERED_TIMEOUT_MS = 120_000;
const PROGRESS_INTERVAL_MS = 10_000;

export interface ChaosRunParts {
  readonly ground: SupervisedPlatform;
  readonly steps: Steps;
  /** Aborted by Ctrl-C. */
  readonly stop: AbortSignal;
}

/** The platform under load and under fire, then healed, at rest, and judged. */
export const runChaos = async (
  options: ChaosOptions,
  { ground, steps, stop }: ChaosRunParts,
): Promise<Outcome> => {
  const startedAt = performance.now();
  /** What is under way when everything is called off is left to break. */
  const unlessStopped = <Result>(work: Promise<Result>): Promise<Result> => {
    work.catch(() => undefined);
    return Promise.race([
      work,
      aborted(stop).then((): never => {
        throw new CalledOff('called off');
      }),
    ]);
  };
  const { field, supervisor } = ground;
  const hospitals = new Hospitals(field, {
    seed: options.seed,
    ratePerSecond: options.ratePerSecond,
  });
  const memory = new MemoryWatch(() => supervisor.pids());
  try {
    await steps.step('hospitals and citizens are registered', () =>
      unlessStopped(hospitals.setUp()),
    );
    const { recoveries, nemesis } = await unlessStopped(
      underFire(options, { ground, steps, stop }, hospitals),
    );
    const aside = await unlessStopped(untilAllGoOn(ground, steps));
    const judged = await steps.step('judged', () =>
      unlessStopped(judge(field, hospitals.book, aside)),
    );
    const findings = [...judged, ...ourFindings(recoveries, memory, supervisor.readyWithOther)];
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    return {
      seed: options.seed,
      minutes: options.durationMs / 60_000,
      load: hospitals.progress(),
      faults: nemesis.done,
      recoveries: recoveries.byKind(),
      deaths: supervisor.deaths,
      memoryMb: memory.peaksMb(),
      findings,
      seconds,
    };
  } finally {
    memory.stop();
    await hospitals.close().catch(() => undefined);
  }
};

/** At rest without the visits that others touched; then an operator has these go on, to rest again. */
const untilAllGoOn = async (ground: SupervisedPlatform, steps: Steps): Promise<Aside> => {
  const { field, hands } = ground;
  await steps.step('at rest: parked messages replayed, nothing left to do', (update) =>
    untilPlatformQuiescent(field, update, hands.visitIds),
  );
  const { touched } = hands;
  const standing = await readStanding(field, ground);
  if (touched.length === 0) return { touched, standing, resumed: [] };
  const resumed = await steps.step(`${touched.length} visits that others touched go on`, () =>
    resumeTouched(field, touched),
  );
  await steps.step('at rest: what waited for them is done', (update) =>
    untilPlatformQuiescent(field, update),
  );
  return { touched, standing, resumed };
};

/** From the first charge until the last is answered. */
const underFire = async (
  { seed, durationMs, kinds }: ChaosOptions,
  { ground, steps, stop }: ChaosRunParts,
  hospitals: Hospitals,
): Promise<{ recoveries: Recoveries; nemesis: Nemesis }> => {
  const recoveries = new Recoveries();
  hospitals.decisions.onDecision((sentAtMs, decidedAtMs) =>
    recoveries.decision(sentAtMs, decidedAtMs),
  );
  const nemesis = new Nemesis({ ground, recoveries, say: (line) => steps.line(line) });
  const closing = new AbortController();
  stop.addEventListener('abort', () => closing.abort(), { once: true });
  // A load that breaks down ends the fire at once.
  const working = hospitals.work(closing.signal);
  const broken = new AbortController();
  working.catch(() => broken.abort());
  const off = AbortSignal.any([stop, broken.signal]);
  // Every lane of the load and every fault listens, for as long as it waits.
  for (const signal of [closing.signal, off, stop]) setMaxListeners(0, signal);
  await steps.step(
    `${kinds.length} kinds of faults for ${(durationMs / 60_000).toFixed(1)} minutes`,
    async () => {
      const telling = setInterval(() => nemesis.say(told(hospitals)), PROGRESS_INTERVAL_MS);
      try {
        await pauseUnless(WARM_UP_MS, off);
        await Promise.all([
          nemesis.run(scheduleOf({ seed, durationMs, kinds }), off),
          pauseUnless(durationMs, off),
        ]);
      } finally {
        clearInterval(telling);
      }
    },
  );
  await steps.step('healed', async () => {
    await nemesis.heal();
    for (
      const giveUpAt = performance.now() + RECOVERED_TIMEOUT_MS;
      recoveries.unrecovered().length > 0 && performance.now() < giveUpAt && !off.aborted;
    )
      await pause(100);
  });
  closing.abort();
  await steps.step('every message is answered, every visit is over', () => working);
  return { recoveries, nemesis };
};

const told = (hospitals: Hospitals): string => {
  const { sent, decided, visits } = hospitals.progress();
  return `· ${sent} charges sent, ${decided} decided, ${visits} visits`;
};

const ourFindings = (
  recoveries: Recoveries,
  memory: MemoryWatch,
  readyWithOther: readonly string[],
): Held[] => {
  const kinds = recoveries.byKind();
  const unrecovered = recoveries.unrecovered();
  const peaks = memory.peaksMb();
  const large = peaks.filter(([, mb]) => mb > MEMORY_MAX_MB);
  return [
    {
      promise: 'after every fault, what it struck was well again, and charges were decided again',
      holds: unrecovered.length === 0 && kinds.length > 0,
      details: `faults without: ${unrecovered.join(', ')}`,
      checked: kinds.reduce((sum, { count }) => sum + count, 0),
    },
    {
      promise: `no process had more than ${MEMORY_MAX_MB} MiB in memory`,
      holds: large.length === 0 && peaks.length > 0,
      details: large.map(([name, mb]) => `${name} ${mb}`).join(', '),
      checked: peaks.length,
    },
    {
      promise: 'no process became ready with another key, or an older copy, of the ledger’s events',
      holds: readyWithOther.length === 0,
      details: readyWithOther.join(', '),
      checked: kinds
        .filter(({ kind }) => kind === 'wrong-key' || kind === 'older-copy')
        .reduce((sum, { count }) => sum + count, 0),
    },
  ];
};

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) =>
    signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true }),
  );

const pauseUnless = async (durationMs: number, signal: AbortSignal): Promise<void> => {
  await Promise.race([pause(durationMs), aborted(signal)]);
};
