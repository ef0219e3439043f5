import { adjudicate } from '@caretab/benefits';
import type { Client } from 'pg';
import { chargeOf, coverageOf, visitOf } from '../charges';
import { LINES } from './visits';

const SAMPLE = 2_000;
const BATCHES = [50, 500];
const RULES_MS = 2_000;
const TABLES = ['claim', 'claim_line', 'inbox'] as const;

/** What the machine does at most, measured in the same run with nothing else to do. */
export interface RawClaims {
  /** Claims per second whose rows one client inserts durably, a commit for each batch. */
  readonly insertedPerSecond: number;
  /** Claims of ten lines that the benefit rules adjudicate per second on one core. */
  readonly rulesPerSecond: number;
}

const rowsOf = async (client: Client, table: string, where: string): Promise<string[]> => {
  const { rows } = await client.query<{ row: string }>(
    `select row_to_json(t)::text as row from adjudication.${table} t where ${where}`,
  );
  return rows.map(({ row }) => row);
};

/** Inserts the rows of claims again, into tables with the same keys; the better batch counts. */
const inserting = async (client: Client): Promise<number> => {
  await client.query('create schema bench_raw');
  const wanted = `select visit_id from adjudication.claim order by visit_id limit ${SAMPLE}`;
  const claims = await rowsOf(client, 'claim', `visit_id in (${wanted})`);
  const lines = await rowsOf(client, 'claim_line', `visit_id in (${wanted})`);
  const marks = (await rowsOf(client, 'inbox', `message_id like 'closed-%'`)).slice(0, SAMPLE);
  let best = 0;
  for (const batch of BATCHES) {
    for (const table of TABLES) {
      await client.query(`drop table if exists bench_raw.${table}`);
      await client.query(
        `create table bench_raw.${table} (like adjudication.${table} including all)`,
      );
    }
    await client.query('checkpoint');
    const startedAtMs = performance.now();
    for (let from = 0; from < claims.length; from += batch) {
      const part = (rows: readonly string[], each: number): string =>
        `[${rows.slice(from * each, (from + batch) * each).join(',')}]`;
      const texts = {
        claim: part(claims, 1),
        claim_line: part(lines, LINES),
        inbox: part(marks, 1),
      };
      await client.query('begin');
      for (const table of TABLES)
        await client.query({
          name: `${table} ${batch}`,
          text: `insert into bench_raw.${table} select * from json_populate_recordset(null::bench_raw.${table}, $1)`,
          values: [texts[table]],
        });
      await client.query('commit');
    }
    best = Math.max(best, (claims.length * 1000) / (performance.now() - startedAtMs));
  }
  return Math.round(best);
};

const adjudicating = (): number => {
  const coverage = coverageOf(visitOf(0, 'spread'));
  const charges = Array.from({ length: LINES }, (_, index) => chargeOf(index + 3));
  let claims = 0;
  const startedAtMs = performance.now();
  for (; performance.now() - startedAtMs < RULES_MS; claims += 50)
    for (let count = 0; count < 50; count += 1) adjudicate(coverage, charges.slice());
  return Math.round((claims * 1000) / (performance.now() - startedAtMs));
};

/** Ask when the service has stopped. */
export const rawClaims = async (client: Client): Promise<RawClaims> => ({
  insertedPerSecond: await inserting(client),
  rulesPerSecond: adjudicating(),
});
