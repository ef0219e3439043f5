import { availableParallelism, loadavg } from 'node:os';
import { Client } from 'pg';
import { quantile } from '../charge-record';
import { type Machine, onMachine, type Process } from '../machine';
import type { Progress } from '../progress';
import { forgetPeak, heapMb, peakRssMb, rssMb } from './memory';
import type { SummariesOptions } from './options';
import { faultsOf, type Question, questions } from './questions';
import type { Reading, SummariesResult, Times } from './report';
import { startServices, type SummariesSite } from './site';

/** Not counted: the service compiles, and PostgreSQL caches. */
const WARM_UP_READS = 5;
/** The heap is looked at this often; each look costs the service a request. */
const HEAP_EVERY = 10;
const SMALL_PART = 10;

/** One run. Rejects when it is void before its end. */
export const summaries = (
  options: SummariesOptions,
  progress: Progress,
): Promise<SummariesResult> => onMachine(progress, (machine) => run(options, progress, machine));

const run = async (
  options: SummariesOptions,
  progress: Progress,
  machine: Machine,
): Promise<SummariesResult> => {
  const loadAverage = loadavg()[0]!.toFixed(2);
  const services = [...new Set(questions.map(({ service }) => service))];
  const site = await startServices(machine, progress, { services });
  const client = new Client({ connectionString: site.database.url });
  await client.connect();
  machine.onClean(() => client.end());
  const died = Promise.race([...site.processes.values()].map((one) => one.died));
  const measured = await Promise.race([measureAll({ options, progress, site, client }), died]);
  return {
    bench: 'summaries',
    ...measured,
    settings: {
      cores: availableParallelism(),
      node: process.version,
      reads: options.reads,
      loadAverage,
    },
  };
};

interface Stage {
  readonly options: SummariesOptions;
  readonly progress: Progress;
  readonly site: SummariesSite;
  readonly client: Client;
}

const measureAll = async (stage: Stage) => {
  const readings: Reading[] = [];
  const faults: string[] = [];
  let filled = 0;
  for (const visits of [Math.floor(stage.options.visits / SMALL_PART), stage.options.visits]) {
    await stage.progress.step(`rows of ${visits.toLocaleString('en')} visits`, () =>
      fill(stage.client, filled + 1, visits),
    );
    filled = visits;
    for (const question of questions)
      await stage.progress.step(`GET ${question.path}`, async () => {
        const { reading, found } = await measure(stage, question, visits);
        readings.push(reading);
        faults.push(...found);
      });
  }
  return { readings, faults };
};

const fill = async (client: Client, from: number, to: number): Promise<void> => {
  // The rows are consistent; their triggers would check each one again.
  await client.query('set session_replication_role = replica');
  for (const { fill: statements } of questions)
    for (const statement of statements) await client.query(statement, [from, to]);
  await client.query('set session_replication_role = origin');
  const tables = questions.flatMap((question) => question.tables);
  await client.query(`vacuum (analyze) ${tables.join(', ')}`);
  await client.query('checkpoint');
};

const rowsOf = async (client: Client, tables: readonly string[]): Promise<number> => {
  let rows = 0;
  for (const table of tables) {
    const answer = await client.query<{ count: string }>(`select count(*) from ${table}`);
    rows += Number(answer.rows[0]!.count);
  }
  return rows;
};

const timesOf = async (reads: number, read: (index: number) => Promise<void>): Promise<Times> => {
  for (let index = 0; index < WARM_UP_READS; index += 1) await read(-1);
  const times = new Float64Array(reads);
  for (let index = 0; index < reads; index += 1) {
    const startedAtMs = performance.now();
    await read(index);
    times[index] = performance.now() - startedAtMs;
  }
  const [medianMs, p99Ms] = [quantile(times, 0.5), quantile(times, 0.99)];
  return { medianMs, p99Ms };
};

const measure = async (
  { options, site, client }: Stage,
  question: Question,
  visits: number,
): Promise<{ reading: Reading; found: readonly string[] }> => {
  const service: Process = site.processes.get(question.service)!;
  const raw = await timesOf(options.reads, async () => {
    for (const statement of question.raw) await client.query(statement);
  });
  let answer = '';
  const ask = async (): Promise<void> => {
    const response = await fetch(`${service.url}${question.path}`);
    answer = await response.text();
    if (!response.ok) throw new Error(`GET ${question.path} answered ${response.status}`);
  };
  const heaps: number[] = [];
  for (let index = 0; index < WARM_UP_READS; index += 1) await ask();
  const heapBeforeMb = await heapMb(service.url);
  const rssBeforeMb = rssMb(service.pid);
  forgetPeak(service.pid);
  const times = await timesOf(options.reads, ask);
  const rssPeakMb = peakRssMb(service.pid);
  // Apart from the timed reads: each look is a request too.
  for (let index = 0; index < options.reads; index += 1) {
    await ask();
    if (index % HEAP_EVERY === 0) heaps.push(await heapMb(service.url));
  }
  return {
    reading: {
      path: question.path,
      visits,
      rows: await rowsOf(client, question.tables),
      answerBytes: Buffer.byteLength(answer),
      ...times,
      raw,
      heapBeforeMb,
      heapPeakMb: Math.max(...heaps),
      rssBeforeMb,
      rssPeakMb,
    },
    found: faultsOf(question, JSON.parse(answer), visits),
  };
};
