import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import type { Process } from '../machine';
import type { Bank } from './bank';
import { countersOf } from './counters';
import { fillDue, PERSON, rawCollecting } from './rows';
import type { CollectReading } from './report';
import { emptied, settled, took } from './tables';

/** Collections of one transaction of the raw limit: as many as the collector claims at most. */
const RAW_BATCH = 100;
const POLL_MS = 100;
const GIVEN_UP_AFTER_MS = 300_000;

/** What PostgreSQL is asked in so many ms while nothing is to be done. */
const restingPerMs = async (client: Client): Promise<{ statements: number; commits: number }> => {
  const QUIET_MS = 2000;
  const before = await countersOf(client);
  await sleep(QUIET_MS);
  const after = await countersOf(client);
  return {
    statements: (after.statements - before.statements) / QUIET_MS,
    commits: (after.commits - before.commits) / QUIET_MS,
  };
};

const isDone = async (client: Client): Promise<boolean> => {
  const { rows } = await client.query<{ left: number }>(
    `select /* bench */ count(*)::int as left from payment.collection where next_attempt_at is not null`,
  );
  return rows[0]!.left === 0;
};

/** Collects so many visits by the service, from one bound account at a bank that takes its time. */
export const measureCollect = async (
  {
    client,
    service,
    bank,
  }: { readonly client: Client; readonly service: Process; readonly bank: Bank },
  visits: number,
): Promise<{ readonly reading: CollectReading; readonly found: readonly string[] }> => {
  const rawMs = await raw(client, visits);
  await emptied(client);
  await bind(service);
  const idle = await restingPerMs(client);
  const before = await countersOf(client);
  const startedAtMs = performance.now();
  await client.query(fillDue('now()'), [visits]);
  for (const untilMs = performance.now() + GIVEN_UP_AFTER_MS; !(await isDone(client));) {
    if (performance.now() > untilMs) throw new Error('the collections do not end');
    await sleep(POLL_MS);
  }
  const wholeMs = performance.now() - startedAtMs;
  const after = await countersOf(client);
  const { rows } = await client.query<{
    ms: number;
    paid: number;
    captured: number;
    journal: number;
  }>(
    `select /* bench */
       (select extract(epoch from max(ended_at) - min(started_at)) * 1000 from payment.payment_order)::float8 as ms,
       (select count(*) from payment.collection where status = 'paid')::int as paid,
       (select count(*) from payment.capture)::int as captured,
       (select count(*) from payment.journal_entry)::int as journal`,
  );
  const { ms, paid, captured, journal } = rows[0]!;
  const each = (name: 'statements' | 'commits'): number =>
    (after[name] - before[name] - idle[name] * wholeMs) / visits;
  const orders = [...bank.orders.values()];
  const wanted: Readonly<Record<string, readonly [number, number]>> = {
    'visits paid': [paid, visits],
    captures: [captured, visits],
    'journal entries': [journal, 2 * visits],
    'orders at the bank': [orders.length, visits],
    'requests for them': [orders.reduce((sum, times) => sum + times, 0), visits],
  };
  const value = (visits * 1000) / ms;
  return {
    reading: {
      ...{
        visits,
        value,
        raw: (visits * 1000) / rawMs,
        ratioToRaw: (value * rawMs) / (visits * 1000),
      },
      ...{ statementsEach: each('statements'), commitsEach: each('commits') },
    },
    found: Object.entries(wanted).flatMap(([what, [is, must]]) =>
      is === must ? [] : [`collecting ${visits} visits: ${what} is ${is}, not ${must}`],
    ),
  };
};

/** The same rows by one client of PostgreSQL, without a bank. */
const raw = async (client: Client, visits: number): Promise<number> => {
  await emptied(client);
  await client.query(fillDue('null'), [visits]);
  await settled(client);
  return took(async () => {
    for (let from = 1; from <= visits; from += RAW_BATCH) {
      await client.query('begin /* bench */');
      for (const statement of rawCollecting)
        await client.query(statement, [from, Math.min(from + RAW_BATCH - 1, visits)]);
      await client.query('commit /* bench */');
    }
  });
};

const bind = async (service: Process): Promise<void> => {
  const response = await fetch(`${service.url}/payment/accounts/${PERSON}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ channel: 'unionpay', token: 'an account' }),
  });
  if (!response.ok) throw new Error(`PUT /payment/accounts answered ${response.status}`);
};
