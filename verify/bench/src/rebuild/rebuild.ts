import { availableParallelism, loadavg } from 'node:os';
import type { Client } from 'pg';
import { untilQuiet } from '../account';
import { GrowingSite, rebuildViews } from '../growth/site';
import { type Ledger, type Machine, onMachine } from '../machine';
import type { Progress } from '../progress';
import { forgetPeak, peakRssMb, rssMb } from '../summaries/memory';
import type { RebuildOptions } from './options';
import type { RebuildResult } from './report';

const ROUNDS = 3;
const PAGE_EVENTS = 1_000;

/** One run. Rejects when it is void before its end. */
export const rebuild = (options: RebuildOptions, progress: Progress): Promise<RebuildResult> =>
  onMachine(progress, (machine) => run(options, progress, machine));

const run = async (
  { visits, charges }: RebuildOptions,
  progress: Progress,
  machine: Machine,
): Promise<RebuildResult> => {
  const loadAverage = loadavg()[0]!.toFixed(2);
  const growing = await GrowingSite.start(machine, progress, { charges });
  await growing.growTo(visits);
  const ledger = await growing.ledger();
  await untilQuiet(ledger);
  const measured = measure(ledger, growing.client, progress);
  const found = await Promise.race([measured, ledger.died]);
  return {
    bench: 'rebuild',
    ...found,
    ratioToRaw: Number((found.value / found.raw).toFixed(3)),
    settings: {
      ...{ visits, charges, loadAverage },
      ...{ cores: availableParallelism(), node: process.version },
    },
  };
};

const measure = async (ledger: Ledger, client: Client, progress: Progress) => {
  const [rebuilds, raws, faults]: [number[], number[], string[]] = [[], [], []];
  const rssBeforeMb = rssMb(ledger.pid);
  forgetPeak(ledger.pid);
  let events = 0;
  for (let round = 1; round <= ROUNDS; round += 1) {
    const raw = await rateOf(() =>
      progress.step(
        `raw read ${round}`,
        () => readAll(client),
        (count) => `${count} events`,
      ),
    );
    raws.push(raw.perSecond);
    const rebuilt = await rateOf(async () => {
      const title = `rebuild ${round}`;
      return (
        await progress.step(
          title,
          () => rebuildViews(ledger),
          ({ events: count }) => `${count} facts`,
        )
      ).events;
    });
    rebuilds.push(rebuilt.perSecond);
    events = raw.events;
    if (rebuilt.events !== events) faults.push(`${rebuilt.events} facts of ${events} events`);
  }
  const rssPeakMb = peakRssMb(ledger.pid);
  const { equal } = await progress.step('the views against the log', () =>
    ledger.get<{ equal: boolean }>('/visit-ledger/views/check'),
  );
  if (!equal) faults.push('the views differ from the log');
  return { value: medianOf(rebuilds), raw: medianOf(raws), events, rssBeforeMb, rssPeakMb, faults };
};

const rateOf = async (
  work: () => Promise<number>,
): Promise<{ readonly events: number; readonly perSecond: number }> => {
  const startedAtMs = performance.now();
  const events = await work();
  return { events, perSecond: (events * 1000) / (performance.now() - startedAtMs) };
};

const medianOf = (rates: readonly number[]): number =>
  Math.round([...rates].sort((a, b) => a - b)[Math.floor(rates.length / 2)]!);

/** Reads and parses every event, and does nothing else. */
const readAll = async (client: Client): Promise<number> => {
  for (let [after, events] = ['0', 0]; ;) {
    const { rows } = await client.query<{ position: string; data: string; metadata: string }>({
      name: 'raw-read',
      text:
        'select position, stream, revision, id, type, data, metadata, recorded_at, key_id, mac ' +
        'from visit_ledger_events.events where position > $1 order by position limit $2',
      values: [after, PAGE_EVENTS],
    });
    for (const { data, metadata } of rows) {
      JSON.parse(data);
      JSON.parse(metadata);
    }
    events += rows.length;
    if (rows.length < PAGE_EVENTS) return events;
    after = rows.at(-1)!.position;
  }
};
