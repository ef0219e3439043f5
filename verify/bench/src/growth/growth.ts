import { availableParallelism, loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { untilQuiet } from '../account';
import { visitOf } from '../charges';
import { type Cpu, cpuOf } from '../cpu';
import { fullLoad } from '../load';
import { type Ledger, type Machine, onMachine } from '../machine';
import type { Progress } from '../progress';
import { checkpoint, rawInserts, rawSample } from '../raw-postgres';
import { rssMb } from '../summaries/memory';
import type { GrowthOptions } from './options';
import { type Access, picksOf } from './picks';
import type { GrowthReading, GrowthResult } from './report';
import { GrowingSite, rebuildViews } from './site';

const PARTS = [100, 10, 1];
const ACCESSES: readonly Access[] = ['80/20', 'uniform'];
const TOGETHER = 2;
const WINDOW = 2_000;
/** More than any ledger decides in a second here. */
const PER_SECOND_MAX = 12_000;
const RAW = { batch: 500, ms: 2_000, turns: 3 };
/** A backend reports to the statistics at the latest so long after it did something. */
const STATISTICS_MS = 1_500;

/** One run. Rejects when it is void before its end. */
export const growth = (options: GrowthOptions, progress: Progress): Promise<GrowthResult> =>
  onMachine(progress, (machine) => run(options, progress, machine));

const run = async (
  options: GrowthOptions,
  progress: Progress,
  machine: Machine,
): Promise<GrowthResult> => {
  const loadAverage = loadavg()[0]!.toFixed(2);
  const growing = await GrowingSite.start(machine, progress, {
    charges: options.charges,
    environment: { VISIT_LEDGER_KEPT_VISITS_MB: String(options.keptMb) },
  });
  const readings: GrowthReading[] = [];
  for (const part of PARTS) {
    const visits = Math.floor(options.visits / part);
    await growing.growTo(visits);
    const ledger = await growing.ledger();
    await progress.step(
      'views rebuilt from the log',
      () => rebuildViews(ledger),
      ({ events }) => `${events} facts`,
    );
    for (const access of ACCESSES)
      readings.push(
        await Promise.race([
          load({ growing, ledger, options, progress }, visits, access),
          ledger.died,
        ]),
      );
    await ledger.stop();
  }
  const { book } = growing.parties;
  const raw = await progress.step('raw inserts of the same bytes', () =>
    rawLimit(growing.site.database.url),
  );
  const value = Math.round(readings.findLast(({ access }) => access === '80/20')!.perSecond);
  return {
    bench: 'growth',
    ...{ value, raw, ratioToRaw: Number((value / raw).toFixed(3)), readings },
    settings: {
      ...{ charges: options.charges, keptMb: options.keptMb, window: WINDOW, together: TOGETHER },
      ...{ seconds: options.seconds, warmUpSeconds: options.warmUpSeconds },
      ...{ cores: availableParallelism(), node: process.version },
      loadAverage,
    },
    faults: book.faults,
  };
};

interface Stage {
  readonly growing: GrowingSite;
  readonly ledger: Ledger;
  readonly options: GrowthOptions;
  readonly progress: Progress;
}

const load = async (
  { growing, ledger, options: { seconds, warmUpSeconds }, progress }: Stage,
  visits: number,
  access: Access,
): Promise<GrowthReading> => {
  const { site, parties, client } = growing;
  const warmUpMs = warmUpSeconds * 1000;
  const loadMs = warmUpMs + seconds * 1000;
  const count = Math.ceil((PER_SECOND_MAX * loadMs) / 1000 / TOGETHER);
  const picks = picksOf(visits, count, { access, seed: visits });
  await untilQuiet(ledger);
  await checkpoint(site.database.url);
  const before = await workOf(client);
  const publishedBefore = parties.book.published;
  const cpu: Cpu[] = [];
  const found = await progress.step(
    `full load, ${visits.toLocaleString('en')} visits, ${access}`,
    (update) =>
      fullLoad({
        ...{ parties, together: TOGETHER, window: WINDOW, warmUpMs },
        visits: picks.map((place) => visitOf(place, 'spread')),
        chargesPerVisit: TOGETHER,
        steadyMs: seconds * 1000,
        progress: update,
        steady: () => cpu.push(cpuOf(ledger.pid, site.database.pid)),
      }),
    ({ perSecond }) => `${Math.round(perSecond)}/s`,
  );
  await untilQuiet(ledger);
  const after = await workOf(client);
  const charges = parties.book.published - publishedBefore;
  const used = (of: 'ledger' | 'postgres'): number =>
    ((cpu[1]![of] - cpu[0]![of]) * 1e6) / found.charges;
  const perCharge = (of: keyof Work): number => (after[of] - before[of]) / charges;
  return {
    ...{ visits, access, perSecond: found.perSecond },
    ...{ ledgerUs: used('ledger'), postgresUs: used('postgres') },
    eventRows: perCharge('events'),
    viewRows: perCharge('views'),
    snapshotRows: perCharge('snapshots'),
    walKb: perCharge('walKb'),
    fullPages: perCharge('fullPages'),
    ledgerRssMb: rssMb(ledger.pid),
  };
};

/** What the database has done so far: rows read, and WAL. */
interface Work {
  readonly events: number;
  readonly views: number;
  /** Of long ones PostgreSQL keeps parts as rows of their own, which count. */
  readonly snapshots: number;
  readonly walKb: number;
  readonly fullPages: number;
}

const workOf = async (client: Client): Promise<Work> => {
  await sleep(STATISTICS_MS);
  const { rows } = await client.query<Work>(
    `select coalesce(sum(read) filter (where schemaname = 'visit_ledger_events'), 0)::float8 as events,
       coalesce(sum(read) filter (where schemaname = 'visit_ledger' and not is_snapshot), 0)::float8
         as views,
       coalesce(sum(read) filter (where is_snapshot), 0)::float8 as snapshots,
       (select wal_bytes::float8 / 1024 from pg_stat_wal) as "walKb",
       (select wal_fpi::float8 from pg_stat_wal) as "fullPages"
     from (select schemaname, coalesce(idx_tup_fetch, 0) + seq_tup_read as read,
         relid = snapshot.oid or relid = snapshot.reltoastrelid as is_snapshot
       from pg_stat_all_tables, pg_class snapshot
       where snapshot.oid = 'visit_ledger.snapshot'::regclass) as tables`,
  );
  return rows[0]!;
};

const rawLimit = async (url: string): Promise<number> => {
  const sample = await rawSample(url, true);
  let best = 0;
  for (let turn = 0; turn < RAW.turns; turn += 1)
    best = Math.max(best, await rawInserts(url, sample, RAW.batch, RAW.ms));
  return Math.round(best);
};
