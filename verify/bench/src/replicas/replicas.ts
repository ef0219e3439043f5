import { availableParallelism, loadavg } from 'node:os';
import { Client } from 'pg';
import { audit, untilQuiet } from '../account';
import { type Cpu, cpuOf, processCpuSeconds } from '../cpu';
import { fullLoad, type Latency, steadyLoad } from '../load';
import { type Machine, onMachine, type Process } from '../machine';
import { Parties } from '../parties';
import type { Progress } from '../progress';
import { checkpoint, rawInserts, rawSample } from '../raw-postgres';
import { type Site, startSite } from '../site';
import type { ReplicasOptions } from './options';
import type { Replicas, ReplicasResult } from './report';

const ROLE = 'bench_ledger';
const PARTITIONS = 4;
const VISITS = 1500;
const CHARGES_PER_VISIT_MAX = 60;
const WARM_UP_MS = 2000;
const RAW_BATCH = 500;
const RAW_MS = 2000;

interface Used extends Cpu {
  readonly statements: number;
}

interface Stage {
  readonly options: ReplicasOptions;
  readonly progress: Progress;
  readonly site: Site;
  readonly ledgers: readonly Process[];
  readonly parties: Parties;
}

/** Each number of processes on a machine of its own, one after the other. */
export const replicas = async (
  options: ReplicasOptions,
  progress: Progress,
): Promise<ReplicasResult> => {
  const loadAverage = loadavg()[0]!.toFixed(1);
  const runs: Replicas[] = [];
  const faults: string[] = [];
  let raw = 0;
  for (const processes of options.processes) {
    progress.line(`${processes} processes of the ledger`);
    const run = await onMachine(progress, (machine) =>
      runOn(machine, { options, progress, processes }),
    );
    runs.push(run.found);
    faults.push(...run.faults.map((fault) => `${processes} processes: ${fault}`));
    raw = Math.max(raw, run.raw);
  }
  const rateOf = (processes: number): number | undefined =>
    runs.find((run) => run.processes === processes)?.perSecond;
  const one = rateOf(1);
  const value = rateOf(2) ?? runs[0]!.perSecond;
  const ratio = (rate: number, to: number): number => Number((rate / to).toFixed(3));
  return {
    bench: 'replicas',
    value,
    raw,
    ratioToRaw: ratio(value, raw),
    ratioToOne: Object.fromEntries(
      runs.map(({ processes, perSecond }) => [processes, one ? ratio(perSecond, one) : null]),
    ),
    runs,
    settings: {
      cores: availableParallelism(),
      node: process.version,
      loadAverage,
      partitions: PARTITIONS,
      perSecond: options.perSecond,
      seconds: options.seconds,
    },
    faults,
  };
};

const runOn = async (
  machine: Machine,
  {
    options,
    progress,
    processes,
  }: { options: ReplicasOptions; progress: Progress; processes: number },
): Promise<{ found: Replicas; raw: number; faults: readonly string[] }> => {
  const site = await startSite(
    { bus: 'postgres', partitions: PARTITIONS, ledgerRole: ROLE },
    machine,
    progress,
  );
  const ledgers = [site.ledger];
  while (ledgers.length < processes)
    ledgers.push(await machine.ledger({ profileDir: undefined }, site.environment));
  const parties = new Parties(site.bus);
  await parties.start();
  await parties.register();
  await untilQuiet(site.ledger);
  const stage = { options, progress, site, ledgers, parties };
  const died = ledgers.map((ledger) => ledger.died);
  const found = await Promise.race([measure(stage, processes), ...died]);
  await progress.step('every charge accounted for', () =>
    audit(parties.book, site.ledger, site.database.url),
  );
  await parties.stop();
  for (const ledger of ledgers) await ledger.stop();
  const sample = await rawSample(site.database.url, true);
  const raw = await progress.step('raw group inserts of the same bytes', () =>
    rawInserts(site.database.url, sample, RAW_BATCH, RAW_MS),
  );
  return { found, raw: Math.round(raw), faults: parties.book.faults };
};

const measure = async (stage: Stage, processes: number): Promise<Replicas> => {
  const { options, progress, parties, site } = stage;
  const common = { parties, chargesPerVisit: CHARGES_PER_VISIT_MAX, together: 2 };
  const steadyMs = options.seconds * 1000;
  const opened = (): ReturnType<Parties['open']> =>
    progress.step(`${VISITS} visits opened`, (update) => parties.open(VISITS, 'spread', update));
  await progress.step('warm-up', async (update) =>
    fullLoad({
      ...{ ...common, visits: await opened(), window: 2000, progress: update },
      ...{ warmUpMs: 500, steadyMs: 5000 },
    }),
  );
  const visits = await opened();
  await untilQuiet(site.ledger);
  await checkpoint(site.database.url);
  const before = await usedBy(stage);
  const first = parties.book.decisions;
  const full = await progress.step(
    'full load',
    (update) =>
      fullLoad({
        ...{ ...common, visits, window: 2000, progress: update },
        ...{ warmUpMs: WARM_UP_MS, steadyMs },
      }),
    ({ perSecond }) => `${Math.round(perSecond)}/s`,
  );
  await untilQuiet(site.ledger);
  const atFullLoad = costOf(before, await usedBy(stage), parties.book.decisions - first);
  const again = await opened();
  await untilQuiet(site.ledger);
  await checkpoint(site.database.url);
  const beforeFixed = await usedBy(stage);
  const firstFixed = parties.book.decisions;
  const latency: Latency = await progress.step(
    `fixed rate, ${options.perSecond}/s`,
    (update) =>
      steadyLoad({
        ...{ ...common, visits: again, progress: update },
        ...{ warmUpMs: WARM_UP_MS, steadyMs, perSecond: options.perSecond },
      }),
    ({ p50Ms, p99Ms }) => `p50 ${Math.round(p50Ms)} ms, p99 ${Math.round(p99Ms)} ms`,
  );
  await untilQuiet(site.ledger);
  return {
    processes,
    perSecond: Math.round(full.perSecond),
    atFullLoad,
    atFixedRate: costOf(beforeFixed, await usedBy(stage), parties.book.decisions - firstFixed),
    p50Ms: Math.round(latency.p50Ms),
    p99Ms: Math.round(latency.p99Ms),
  };
};

/** What the ledgers together and PostgreSQL have used so far. */
const usedBy = async ({ site: { database }, ledgers }: Stage): Promise<Used> => {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  try {
    const { rows } = await client.query<{ calls: number }>(
      `select coalesce(sum(s.calls), 0)::float8 as calls from pg_stat_statements s
       join pg_roles r on r.oid = s.userid where r.rolname = $1`,
      [ROLE],
    );
    const [first, ...others] = ledgers;
    const cpu = cpuOf(first!.pid, database.pid);
    const more = others.reduce((sum, { pid }) => sum + processCpuSeconds(pid), 0);
    return { ...cpu, ledger: cpu.ledger + more, statements: rows[0]!.calls };
  } finally {
    await client.end();
  }
};

const costOf = (before: Used, after: Used, charges: number): Replicas['atFullLoad'] => ({
  ledgersUs: Math.round(((after.ledger - before.ledger) * 1e6) / charges),
  postgresUs: Math.round(((after.postgres - before.postgres) * 1e6) / charges),
  statements: Number(((after.statements - before.statements) / charges).toFixed(3)),
});
