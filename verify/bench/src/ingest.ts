import { availableParallelism } from 'node:os';
import { audit, untilQuiet } from './account';
import { type BenchVisit, chargePosted, onTheWire, visitOf } from './charges';
import { type Cpu, cpuOf } from './cpu';
import { fullLoad, type Latency, steadyLoad, type Throughput } from './load';
import { LEDGER_FLAGS, type Machine, onMachine } from './machine';
import type { Options, Shape } from './options';
import { Parties } from './parties';
import type { Progress } from './progress';
import { rawKafka } from './raw-kafka';
import { checkpoint, rawInserts, rawSample } from './raw-postgres';
import type { IngestResult } from './report';
import { type Site, startSite } from './site';

const CHARGES_PER_VISIT_MAX = 19; // With the one of its opening: twenty.
const CHARGES_PER_VISIT_USUAL = 14;
const WARM_UP_VISITS = 1000;
const WARM_UP_MS = 2000;
const RAW_BATCHES = [64, 500] as const;
const RAW_MS = 2000;
const RAW_TURNS = 3;

interface Stage {
  readonly options: Options;
  readonly progress: Progress;
  readonly site: Site;
  readonly parties: Parties;
  visits: number;
}

interface RawLimits {
  readonly rawByBatch: Readonly<Record<string, number>>;
  readonly bytesPerCharge: number;
  readonly kafka?: number;
}

interface Full extends Throughput {
  readonly visits: readonly BenchVisit[];
  readonly cpuUs: Cpu;
  readonly quietAfterMs: number;
}

/**
 * One run: warm-up, full load in each shape, half load, audit, and then the raw limits with the
 * rows that it wrote. Rejects when the run is void before its end.
 */
export const ingest = (options: Options, progress: Progress): Promise<IngestResult> =>
  onMachine(progress, (machine) => run(options, progress, machine));

const run = async (
  options: Options,
  progress: Progress,
  machine: Machine,
): Promise<IngestResult> => {
  const site = await startSite(options, machine, progress);
  const parties = new Parties(site.bus);
  await parties.start();
  await parties.register();
  await untilQuiet(site.ledger);
  const stage: Stage = { options, progress, site, parties, visits: 0 };
  const measured = await Promise.race([measure(stage), site.ledger.died]);
  await progress.step('every charge accounted for', () =>
    audit(parties.book, site.ledger, site.database.url),
  );
  await parties.stop();
  await site.ledger.stop();
  return resultOf(stage, measured, await rawLimits(stage));
};

/**
 * With the ledger gone and nothing else to do. The best of several turns counts: the more raw is,
 * the smaller is the ratio.
 */
const rawLimits = async ({
  progress,
  site: { database, brokers, partitions },
}: Stage): Promise<RawLimits> => {
  const sample = await rawSample(database.url, brokers === undefined);
  const rawByBatch = await progress.step(
    'raw group inserts of the same bytes',
    async (update) => {
      const rates: Record<string, number> = {};
      for (let count = 1; count <= RAW_TURNS; count += 1) {
        for (const batch of RAW_BATCHES) {
          update(`batches of ${batch}, turn ${count}`);
          rates[batch] = Math.max(
            rates[batch] ?? 0,
            Math.round(await rawInserts(database.url, sample, batch, RAW_MS)),
          );
        }
      }
      return rates;
    },
    (rates) => RAW_BATCHES.map((batch) => `${batch}: ${rates[batch]}/s`).join(', '),
  );
  const { bytesPerCharge } = sample;
  if (!brokers) return { rawByBatch, bytesPerCharge };
  const charges = Array.from({ length: 5000 }, (_, number) =>
    onTheWire(chargePosted(visitOf(number, 'spread'), number)),
  );
  const kafka = await progress.step(
    'raw produce and consume of the same bytes',
    () => rawKafka(brokers, charges, partitions, RAW_MS * 2),
    (rate) => `${Math.round(rate)}/s`,
  );
  return { rawByBatch, bytesPerCharge, kafka };
};

const measure = async (
  stage: Stage,
): Promise<{ readonly full: Map<Shape, Full>; readonly latency: Latency }> => {
  const {
    options: { shapes, seconds },
    progress,
    parties,
    site: { database },
  } = stage;
  const guess = await warmUp(stage);
  const full = new Map<Shape, Full>();
  for (const shape of shapes) full.set(shape, await fully(stage, shape, guess));
  const perSecond = full.get(shapes[0]!)!.perSecond / 2;
  const steadyMs = seconds * 1000;
  const visits = await open(stage, shapes[0]!, visitsFor(stage, perSecond));
  await checkpoint(database.url);
  const latency = await progress.step(
    `half load, ${Math.round(perSecond)}/s`,
    (update) =>
      steadyLoad({
        parties,
        visits,
        together: stage.options.together,
        chargesPerVisit: CHARGES_PER_VISIT_MAX,
        warmUpMs: WARM_UP_MS,
        steadyMs,
        perSecond,
        progress: update,
      }),
    ({ p50Ms, p99Ms }) => `p50 ${Math.round(p50Ms)} ms, p99 ${Math.round(p99Ms)} ms`,
  );
  await untilQuiet(stage.site.ledger);
  return { full, latency };
};

/**
 * Lets both sides compile and the caches fill, and returns a first estimate of the rate, so that
 * enough visits are opened.
 */
const warmUp = async (stage: Stage): Promise<number> => {
  const visits = await open(
    stage,
    stage.options.shapes[0]!,
    stage.options.visits ?? WARM_UP_VISITS,
  );
  const { perSecond } = await stage.progress.step('warm-up', (progress) =>
    fullLoad({
      parties: stage.parties,
      visits,
      together: stage.options.together,
      chargesPerVisit: CHARGES_PER_VISIT_MAX,
      window: stage.options.window,
      warmUpMs: 500,
      steadyMs: 10_000,
      progress,
    }),
  );
  return perSecond;
};

const fully = async (stage: Stage, shape: Shape, guess: number): Promise<Full> => {
  const {
    options: { window, seconds },
    progress,
    parties,
    site: { ledger, database },
  } = stage;
  const visits = await open(stage, shape, visitsFor(stage, guess * 1.2));
  await untilQuiet(ledger);
  await checkpoint(database.url);
  const cpu: Cpu[] = [];
  const throughput = await progress.step(
    `full load, ${shape}`,
    (update) =>
      fullLoad({
        parties,
        visits,
        together: stage.options.together,
        window,
        warmUpMs: WARM_UP_MS,
        steadyMs: seconds * 1000,
        progress: update,
        chargesPerVisit:
          stage.options.visits === undefined
            ? CHARGES_PER_VISIT_MAX
            : Math.ceil((guess * 1.5 * (seconds + WARM_UP_MS / 1000)) / visits.length),
        steady: () => cpu.push(cpuOf(ledger.pid, database.pid)),
      }),
    ({ perSecond }) => `${Math.round(perSecond)}/s`,
  );
  const quietAfterMs = await untilQuiet(ledger);
  const used = (of: keyof Cpu): number =>
    Math.round(((cpu[1]![of] - cpu[0]![of]) * 1e6) / throughput.charges);
  return {
    ...throughput,
    visits,
    quietAfterMs,
    cpuUs: { ledger: used('ledger'), postgres: used('postgres'), bench: used('bench') },
  };
};

const visitsFor = ({ options: { visits, seconds } }: Stage, perSecond: number): number =>
  visits ?? Math.ceil((perSecond * (seconds + WARM_UP_MS / 1000)) / CHARGES_PER_VISIT_USUAL);

const open = (stage: Stage, shape: Shape, count: number): Promise<readonly BenchVisit[]> => {
  stage.visits += count;
  return stage.progress.step(`${count} visits opened, ${shape}`, (update) =>
    stage.parties.open(count, shape, update),
  );
};

const resultOf = (
  { options, parties: { book }, visits, site }: Stage,
  { full, latency }: { full: Map<Shape, Full>; latency: Latency },
  { rawByBatch, bytesPerCharge, kafka }: RawLimits,
): IngestResult => {
  const first = full.get(options.shapes[0]!)!;
  const fastest = Math.max(...Object.values(rawByBatch));
  const [spread, hot] = [full.get('spread'), full.get('hot')];
  const round = (value: number, digits: number): number => Number(value.toFixed(digits));
  return {
    bench: 'ingest',
    bus: options.bus,
    value: Math.round(first.perSecond),
    raw: fastest,
    ratioToRaw: round(first.perSecond / fastest, 3),
    rawByBatch,
    bytesPerCharge,
    ...(kafka !== undefined && {
      rawKafka: Math.round(kafka),
      ratioToRawKafka: round(first.perSecond / kafka, 3),
    }),
    perSecond: Object.fromEntries(
      [...full].map(([shape, { perSecond }]) => [shape, Math.round(perSecond)]),
    ),
    ...(spread && hot && { hotToSpread: round(hot.perSecond / spread.perSecond, 3) }),
    p50Ms: round(latency.p50Ms, 1),
    p99Ms: round(latency.p99Ms, 1),
    maxMs: round(latency.maxMs, 1),
    latencyAtPerSecond: Math.round(latency.perSecond),
    cpuUs: first.cpuUs,
    quietAfterMs: Math.round([...full.values()].at(-1)!.quietAfterMs),
    charges: book.published,
    visits,
    settings: {
      cores: availableParallelism(),
      node: process.version,
      partitions: site.partitions,
      together: options.together,
      traced: Number(options.traced),
      window: options.window,
      seconds: options.seconds,
      ledgerFlags: LEDGER_FLAGS.join(' '),
      fsync: 'on',
      synchronousCommit: 'on',
      ...(options.bus === 'kafka' && { acks: 'all' }),
      rawBatch: Number(Object.keys(rawByBatch).find((batch) => rawByBatch[batch] === fastest)),
    },
    faults: book.faults,
  };
};
