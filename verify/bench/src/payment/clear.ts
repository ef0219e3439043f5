import type { Client } from 'pg';
import { postgresCpuByRole, processCpuSeconds } from '../cpu';
import type { Database, Process } from '../machine';
import { forgetPeak, peakRssMb, rssMb } from '../summaries/memory';
import { countersOf } from './counters';
import type { PaymentReading } from './report';
import { type Cleared, clearingFaultsOf, DAY, rawClearing, rawSummary } from './rows';
import { medianOf, settled, took } from './tables';

const RAW_ROUNDS = 3;
/** Of more visits the raw limit is taken once: a round of a million takes minutes. */
const RAW_ROUNDS_VISITS_MAX = 100_000;

interface Stage {
  readonly client: Client;
  readonly database: Database;
  readonly service: Process;
  readonly reads: number;
}

const all = async (client: Client, statements: readonly string[]): Promise<void> => {
  for (const statement of statements) await client.query(statement);
};

/** The median of some rounds of plain SQL, each rolled back. In ms. */
const raw = async (client: Client, visits: number): Promise<number> => {
  const times: number[] = [];
  const rounds = visits > RAW_ROUNDS_VISITS_MAX ? 1 : RAW_ROUNDS;
  for (let round = 0; round < rounds; round += 1) {
    await client.query('begin');
    times.push(await took(() => all(client, rawClearing)));
    await client.query('rollback');
    await settled(client);
  }
  return times.sort((a, b) => a - b)[Math.floor(rounds / 2)]!;
};

/** Seconds of CPU so far, and statements without those of the bench. */
const usage = async ({ client, database, service }: Stage) => {
  const { statements, commits } = await countersOf(client);
  return {
    ...{ statements, commits, serviceMs: processCpuSeconds(service.pid) * 1000 },
    postgresMs:
      [...postgresCpuByRole(database.pid).values()].reduce((sum, one) => sum + one, 0) * 1000,
  };
};

const clear = async ({ service }: Stage): Promise<Cleared> => {
  const response = await fetch(`${service.url}/payment/clearings`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ businessDate: DAY }),
  });
  if (!response.ok)
    throw new Error(
      `POST /payment/clearings answered ${response.status}: ${await response.text()}`,
    );
  return (await response.json()) as Cleared;
};

/** Clears the day over HTTP, and reads the summary after it; the tables are filled. */
export const measureClear = async (
  stage: Stage,
  visits: number,
): Promise<{ readonly reading: PaymentReading; readonly found: readonly string[] }> => {
  const { client, service, reads } = stage;
  const rawClearingMs = await raw(client, visits);
  const rssBeforeMb = rssMb(service.pid);
  forgetPeak(service.pid);
  const before = await usage(stage);
  let cleared: Cleared | undefined;
  const clearingMs = await took(async () => {
    cleared = await clear(stage);
  });
  const after = await usage(stage);
  const each = (what: keyof typeof after): number => (after[what] - before[what]) / visits;
  const summaryMs = await medianOf(reads, () => service.get('/payment/summary'));
  const rssPeakMb = peakRssMb(service.pid);
  const rawSummaryMs = await medianOf(reads, () => all(client, rawSummary));
  return {
    reading: {
      ...{ visits, clearingMs, rawClearingMs, summaryMs, rawSummaryMs, rssBeforeMb, rssPeakMb },
      serviceUsEach: each('serviceMs') * 1000,
      postgresUsEach: each('postgresMs') * 1000,
      statementsEach: each('statements'),
    },
    found: clearingFaultsOf(cleared!, visits),
  };
};
