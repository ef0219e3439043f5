import { availableParallelism, loadavg } from 'node:os';
import { Client } from 'pg';
import { type Machine, onMachine } from '../machine';
import type { Progress } from '../progress';
import { startServices } from '../summaries/site';
import type { PaymentOptions } from './options';
import type { PaymentReading, PaymentResult, ReconcileReading } from './report';
import { startBank } from './bank';
import { measureClear } from './clear';
import { measureCollect } from './collect';
import { measureReconcile } from './reconcile';
import { fill } from './rows';
import { filled } from './tables';
import { UNLIMITED } from '../unlimited';

/** Money moves at any hour, and waits for no ledger to be compared with. */
const ENVIRONMENT = {
  ...{ PAYMENT_QUIET_HOURS: 'off', AGREEMENT_START_TIMEOUT_MS: '0' },
  PAYMENT_POLICY_FILE: UNLIMITED,
};
const PARTS = [100, 10, 1];

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
  const stage = { client, database, service, bank, reads: options.reads };
  const collected = options.clearsOnly
    ? undefined
    : await progress.step(`${options.collections.toLocaleString('en')} visits collected`, () =>
        Promise.race([measureCollect(stage, options.collections), service.died]),
      );
  faults.push(...(collected?.found ?? []));
  for (const part of PARTS) {
    const visits = Math.max(1, Math.floor(options.visits / part));
    const title = `a day of ${visits.toLocaleString('en')} visits`;
    await progress.step(`rows of ${title}`, () => filled(client, fill, visits));
    const compared = options.clearsOnly
      ? undefined
      : await progress.step(`${title}, reconciled`, () =>
          Promise.race([measureReconcile(stage, visits), service.died]),
        );
    const cleared = await progress.step(`${title}, cleared`, () =>
      Promise.race([measureClear(stage, visits), service.died]),
    );
    if (compared) reconciled.push(compared.reading);
    readings.push(cleared.reading);
    faults.push(...(compared?.found ?? []), ...cleared.found);
  }
  const { visits, clearingMs, rawClearingMs } = readings.at(-1)!;
  const compared = reconciled.at(-1);
  return {
    bench: 'payment',
    value: (visits * 1000) / clearingMs,
    raw: (visits * 1000) / rawClearingMs,
    ratioToRaw: rawClearingMs / clearingMs,
    readings,
    ...(collected && { collect: collected.reading }),
    ...(compared && {
      reconcile: {
        value: (compared.rows * 1000) / compared.reconcileMs,
        raw: (compared.rows * 1000) / compared.rawMs,
        ratioToRaw: compared.rawMs / compared.reconcileMs,
        readings: reconciled,
      },
    }),
    settings: {
      reads: options.reads,
      cores: availableParallelism(),
      node: process.version,
      loadAverage,
    },
    faults,
  };
};
