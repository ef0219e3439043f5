import { availableParallelism, loadavg } from 'node:os';
import { Client } from 'pg';
import { type Machine, onMachine, type Process } from '../machine';
import type { Progress } from '../progress';
import { forgetPeak, peakRssMb, rssMb } from '../summaries/memory';
import { startServices } from '../summaries/site';
import type { PaymentOptions } from './options';
import type { PaymentReading, PaymentResult, ReconcileReading } from './report';
import { startBank } from './bank';
import { measureCollect } from './collect';
import { measureReconcile } from './reconcile';
import { type Cleared, clearingFaultsOf, DAY, fill, rawClearing, rawSummary } from './rows';
import { filled, medianOf, settled, took } from './tables';

/** Money moves at any hour, and waits for no ledger to be compared with. */
const ENVIRONMENT = { PAYMENT_QUIET_HOURS: 'off', AGREEMENT_START_TIMEOUT_MS: '0' };
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
  const { database, processes, acquirerPort } = await startServices(machine, progress, {
    services: ['payment'],
    environment: ENVIRONMENT,
    countsStatements: true,
  });
  const service = processes.get('payment')!;
  const bank = await startBank(acquirerPort);
  machine.onClean(() => bank.stop());
  const client = new Client({ connectionString: database.url });
  await client.connect();
  // The triggers of payment's tables name others by their own names.
  await client.query('set search_path = payment, public');
  machine.onClean(() => client.end());
  const [readings, reconciled, faults]: [PaymentReading[], ReconcileReading[], string[]] = [
    [],
    [],
    [],
  ];
  const stage = { client, service, bank, reads: options.reads };
  const collected = await progress.step(
    `${options.collections.toLocaleString('en')} visits collected`,
    () => Promise.race([measureCollect(stage, options.collections), service.died]),
  );
  faults.push(...collected.found);
  for (const part of PARTS) {
    const visits = Math.max(1, Math.floor(options.visits / part));
    const title = `a day of ${visits.toLocaleString('en')} visits`;
    await progress.step(`rows of ${title}`, () => filled(client, fill, visits));
    const compared = await progress.step(`${title}, reconciled`, () =>
      Promise.race([measureReconcile(stage, visits), service.died]),
    );
    const cleared = await progress.step(`${title}, cleared`, () =>
      Promise.race([measure(stage, visits), service.died]),
    );
    reconciled.push(compared.reading);
    readings.push(cleared.reading);
    faults.push(...compared.found, ...cleared.found);
  }
  const { visits, clearingMs, rawClearingMs } = readings.at(-1)!;
  const { rows, reconcileMs, rawMs } = reconciled.at(-1)!;
  return {
    bench: 'payment',
    value: (visits * 1000) / clearingMs,
    raw: (visits * 1000) / rawClearingMs,
    ratioToRaw: rawClearingMs / clearingMs,
    readings,
    collect: collected.reading,
    reconcile: {
      value: (rows * 1000) / reconcileMs,
      raw: (rows * 1000) / rawMs,
      ratioToRaw: rawMs / reconcileMs,
      readings: reconciled,
    },
    settings: {
      reads: options.reads,
      cores: availableParallelism(),
      node: process.version,
      loadAverage,
    },
    faults,
  };
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
