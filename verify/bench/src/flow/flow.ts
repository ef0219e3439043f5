import { availableParallelism, loadavg } from 'node:os';
import { SERVICES, Setup, untilQuiet } from '@caretab/deploy';
import { pause } from '@caretab/hospital';
import { type Machine, onMachine } from '../machine';
import type { Progress } from '../progress';
import { checkpoint } from '../raw-postgres';
import { faultsOf } from './account';
import { Hospitals } from './hospitals';
import type { FlowOptions } from './options';
import { rawFlow } from './raw';
import type { FlowResult } from './report';
import { BUS_DATABASE, databaseOf, type FlowSite, startFlowSite, urlFor } from './site';
import { type Spread, spreadOf, type Steps, stepsOf } from './spread';
import { costOf, snapshotOf } from './usage';
import { CHARGES_PER_VISIT, CITIZENS_OF_RUN, INSTITUTIONS } from './visits';

const RAW_MS = 3_000;
const POLL_MS = 50;

interface Stage {
  readonly options: FlowOptions;
  readonly progress: Progress;
  readonly site: FlowSite;
  readonly hospitals: Hospitals;
}

/** One run. Rejects when it is void before its end. */
export const flow = (options: FlowOptions, progress: Progress): Promise<FlowResult> =>
  onMachine(progress, (machine) => run(options, progress, machine));

const run = async (
  options: FlowOptions,
  progress: Progress,
  machine: Machine,
): Promise<FlowResult> => {
  const site = await startFlowSite(options, machine, progress);
  const died = Promise.race([...site.processes.values()].map((process) => process.died));
  return Promise.race([measureAll(options, progress, site), died]);
};

const measureAll = async (
  options: FlowOptions,
  progress: Progress,
  site: FlowSite,
): Promise<FlowResult> => {
  const quiet = (): Promise<void> => untilQuiet(site.api, SERVICES);
  await progress.step(`the service opened for ${CITIZENS_OF_RUN.length} citizens`, () =>
    new Setup(site.api, quiet).run(INSTITUTIONS, CITIZENS_OF_RUN, site.webhookUrl, (id) =>
      site.keyOf(id),
    ),
  );
  const hospitals = new Hospitals(site, options.visits);
  await hospitals.start();
  const stage: Stage = { options, progress, site, hospitals };
  const full = await fullLoad(stage);
  const half = await halfLoad(stage, full.perSecond / 2);
  await progress.step('nothing is left to do', quiet);
  const visits = [...hospitals.sent.values()];
  const faults = await progress.step(`${visits.length} visits accounted for`, () =>
    faultsOf(site, visits),
  );
  await hospitals.stop();
  const limits = await progress.step('raw limits', () =>
    rawFlow(site.database.url, {
      ...{ visits: visits.length, forMs: RAW_MS },
      databases: [...SERVICES.map(databaseOf), BUS_DATABASE].map((name) =>
        urlFor(site.database.url, '', name),
      ),
    }),
  );
  return {
    bench: 'flow',
    bus: options.bus,
    value: round(full.perSecond, 2),
    raw: round(limits.copiedPerSecond, 1),
    ratioToRaw: round(full.perSecond / limits.copiedPerSecond, 4),
    fullLoad: full.spread,
    halfLoad: { perSecond: round(full.perSecond / 2, 2), ...half },
    perVisit: options.statements ? full.cost : { ...full.cost, statements: [] },
    limits,
    visits: visits.length,
    charges: visits.length * CHARGES_PER_VISIT,
    retries: hospitals.retries,
    settings: {
      cores: availableParallelism(),
      node: process.version,
      window: options.window,
      seconds: options.seconds,
      warmUpSeconds: options.warmUpSeconds,
      statements: options.statements,
      partitions: site.partitions,
      loadAverage: round(full.loadBefore, 2),
    },
    faults: full.forgotten > 0 ? [...faults, 'pg_stat_statements forgot statements'] : faults,
  };
};

const round = (value: number, digits: number): number => Number(value.toFixed(digits));

/** Waits for a time, or less when all visits of the run are sent. */
const waitFor = async (
  durationMs: number,
  { hospitals }: Stage,
  update: (text: string) => void,
): Promise<void> => {
  const endsAtMs = performance.now() + durationMs;
  while (performance.now() < endsAtMs && hospitals.hasMore) {
    update(`${hospitals.settled} settled`);
    await pause(POLL_MS);
  }
};

const fullLoad = async (stage: Stage) => {
  const { options, progress, site, hospitals } = stage;
  const loadBefore = loadavg()[0]!;
  const stop = new AbortController();
  const load = hospitals.full(options.window, stop.signal);
  load.catch(() => undefined); // Awaited below.
  await Promise.race([
    progress.step('warm-up', (update) => waitFor(options.warmUpSeconds * 1000, stage, update)),
    load,
  ]);
  await checkpoint(site.database.url);
  const before = await snapshotOf(site);
  const [fromMs, settledBefore] = [performance.now(), hospitals.settled];
  await progress.step('full load', (update) =>
    Promise.race([waitFor(options.seconds * 1000, stage, update), load]),
  );
  const [toMs, settled] = [performance.now(), hospitals.settled - settledBefore];
  const after = await snapshotOf(site);
  stop.abort();
  await load;
  if (settled === 0) throw new Error('no visit was settled in the steady part');
  return {
    perSecond: (settled * 1000) / (toMs - fromMs),
    spread: { ...spreadOf(hospitals, fromMs, toMs), steps: stepsOf(hospitals, fromMs, toMs) },
    cost: costOf(before, after, settled),
    forgotten: after.forgotten,
    loadBefore,
  };
};

const halfLoad = async (
  stage: Stage,
  perSecond: number,
): Promise<Spread & { readonly steps: Steps }> => {
  const { options, progress, hospitals } = stage;
  const stop = new AbortController();
  const fromMs = performance.now();
  await progress.step(`half load, ${perSecond.toFixed(1)}/s`, async (update) => {
    const load = hospitals.steady(perSecond, stop.signal);
    load.catch(() => undefined); // Awaited below.
    await Promise.race([waitFor(options.seconds * 1000, stage, update), load]);
    stop.abort();
    await load;
  });
  return {
    ...spreadOf(hospitals, fromMs, Infinity),
    steps: stepsOf(hospitals, fromMs, Infinity),
  };
};
