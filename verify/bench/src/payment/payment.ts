import { availableParallelism, loadavg } from 'node:os';
import { Client } from 'pg';
import { type Machine, onMachine, type Process } from '../machine';
import type { Progress } from '../progress';
import { forgetPeak, peakRssMb, rssMb } from '../summaries/memory';
import { startServices } from '../summaries/site';
import type { PaymentOptions } from './options';
import type { PaymentReading, PaymentResult } from './report';
import { type Cleared, clearingFaultsOf, DAY, fill, rawClearing, rawSummary, TABLES } from './rows';

const PARTS = [100, 10, 1];
const RAW_ROUNDS = 3;

/** One run. Rejects when it is void before its end. */
export const payment = (options: PaymentOptions, progress: Progress): Promise<PaymentResult> =>
  onMachine(progress, (machine) => run(options, progress, machine));

const run = async (
  options: PaymentOptions,
  progress: Progress,
  machine: Machine,
): Promise<PaymentResult> => {
  const loadAverage = loadavg()[0]!.toFixed(2);
  const { database, processes } = await startServices(machine, progress, ['payment']);
  const service = processes.get('payment')!;
  const client = new Client({ connectionString: database.url });
  await client.connect();
  machine.onClean(() => client.end());
  const [readings, faults]: [PaymentReading[], string[]] = [[], []];
  for (const part of PARTS) {
    const visits = Math.max(1, Math.floor(options.visits / part));
    const title = `a day of ${visits.toLocaleString('en')} visits`;
    await progress.step(`rows of ${title}`, () => filled(client, visits));
    const measured = measure({ client, service, reads: options.reads }, visits);
    const { reading, found } = await progress.step(title, () =>
      Promise.race([measured, service.died]),
    );
    readings.push(reading);
    faults.push(...found);
  }
  const { visits, clearingMs, rawClearingMs } = readings.at(-1)!;
  return {
    bench: 'payment',
    value: (visits * 1000) / clearingMs,
    raw: (visits * 1000) / rawClearingMs,
    ratioToRaw: rawClearingMs / clearingMs,
    readings,
    settings: {
      reads: options.reads,
      cores: availableParallelism(),
      node: process.version,
      loadAverage,
    },
    faults,
  };
};

const filled = async (client: Client, visits: number): Promise<void> => {
  // The rows are consistent; their triggers would check each one again.
  await client.query('set session_replication_role = replica');
  await client.query(`truncate ${TABLES.join(', ')} cascade`);
  for (const statement of fill) await client.query(statement, [visits]);
  await client.query('set session_replication_role = origin');
  await settled(client);
};

const settled = async (client: Client): Promise<void> => {
  await client.query(`vacuum (analyze) ${TABLES.join(', ')}`);
  await client.query('checkpoint');
};

const took = async (work: () => Promise<unknown>): Promise<number> => {
  const startedAtMs = performance.now();
  await work();
  return performance.now() - startedAtMs;
};

const medianOf = async (rounds: number, work: () => Promise<unknown>): Promise<number> => {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) times.push(await took(work));
  return times.sort((a, b) => a - b)[Math.floor(rounds / 2)]!;
};

const all = async (client: Client, statements: readonly string[]): Promise<void> => {
  for (const statement of statements) await client.query(statement);
};

interface Stage {
  readonly client: Client;
  readonly service: Process;
  readonly reads: number;
}

const measure = async (
  { client, service, reads }: Stage,
  visits: number,
): Promise<{ reading: PaymentReading; found: readonly string[] }> => {
  const rawTimes: number[] = [];
  for (let round = 0; round < RAW_ROUNDS; round += 1) {
    await client.query('begin');
    rawTimes.push(await took(() => all(client, rawClearing)));
    await client.query('rollback');
    await settled(client);
  }
  const rssBeforeMb = rssMb(service.pid);
  forgetPeak(service.pid);
  let cleared: Cleared | undefined;
  const clearingMs = await took(async () => {
    const response = await fetch(`${service.url}/payment/clearings`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ businessDate: DAY }),
    });
    if (!response.ok)
      throw new Error(
        `POST /payment/clearings answered ${response.status}: ${await response.text()}`,
      );
    cleared = (await response.json()) as Cleared;
  });
  const summaryMs = await medianOf(reads, () => service.get('/payment/summary'));
  const rssPeakMb = peakRssMb(service.pid);
  const rawSummaryMs = await medianOf(reads, () => all(client, rawSummary));
  return {
    reading: {
      ...{ visits, clearingMs, rawClearingMs: rawTimes.sort((a, b) => a - b)[1]! },
      ...{ summaryMs, rawSummaryMs, rssBeforeMb, rssPeakMb },
    },
    found: clearingFaultsOf(cleared!, visits),
  };
};
