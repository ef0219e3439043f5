import { byteaArray, textArray } from '@caretab/kernel';
import { Client } from 'pg';

/** Where the embedded bus and the ledger keep what they write. */
const MESSAGES = 'bus.messages';
const EVENTS = 'visit_ledger_events.events';
const RAW = 'bench_raw';
/** Charges whose rows are taken as samples. */
const SAMPLE_MAX = 10_000;

interface MessageRow {
  readonly key: string;
  readonly headers: string;
  readonly value: string;
}

interface EventRow {
  readonly stream: string;
  readonly id: string;
  readonly type: string;
  readonly data: string;
  readonly metadata: string;
  readonly hash: Buffer;
}

/**
 * What a charge leaves in the database: its message, its event and its decision as they were
 * written; only the event where Kafka carries the topics.
 */
export interface RawSample {
  readonly posted: readonly MessageRow[];
  readonly events: readonly EventRow[];
  readonly decided: readonly MessageRow[];
  readonly bytesPerCharge: number;
}

export const connected = async <Result>(
  url: string,
  work: (client: Client) => Promise<Result>,
): Promise<Result> => {
  const client = new Client({ connectionString: url, application_name: 'bench raw' });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
};

/**
 * Before each part: no part works off another's dirty pages, and its WAL goes into segments that
 * are recycled, as in a server that has run for a while. A fresh cluster creates each segment of 16
 * MB, and every commit waits for that.
 */
export const checkpoint = (url: string): Promise<unknown> =>
  connected(url, (client) => client.query('checkpoint'));

const newest = async (
  client: Client,
  topic: string,
  type: string,
): Promise<readonly MessageRow[]> => {
  const { rows } = await client.query<MessageRow>(
    `select m.key, m.headers, m.value from ${MESSAGES} m join bus.partitions p on p.id = m.partition_id
     where p.topic = $1 and m.headers like '%"ce_type":"' || $2 || '"%' order by m."offset" desc limit ${SAMPLE_MAX}`,
    [topic, type],
  );
  return rows;
};

const bytesOf = (rows: readonly object[]): number =>
  rows.reduce(
    (sum, row) =>
      sum +
      Object.values(row).reduce(
        (bytes: number, value: string | Buffer) => bytes + Buffer.byteLength(value),
        0,
      ),
    0,
  ) / Math.max(rows.length, 1);

/** Takes the newest rows of a run. `onBus`: the topics are in PostgreSQL too. */
export const rawSample = (url: string, onBus: boolean): Promise<RawSample> =>
  connected(url, async (client) => {
    const { rows: events } = await client.query<EventRow>(
      `select stream, id, type, data, metadata, hash from ${EVENTS} where type = ` +
        `'ChargeDeferred' order by position desc limit ${SAMPLE_MAX}`,
    );
    const posted = onBus ? await newest(client, 'hospital.visit-events', 'ChargePosted') : [];
    const decided = onBus ? await newest(client, 'visit-ledger.visits', 'ChargeDeferred') : [];
    return {
      posted,
      events,
      decided,
      bytesPerCharge: Math.round(bytesOf(posted) + bytesOf(events) + bytesOf(decided)),
    };
  });

/** The tables of the bus and of the ledger again, with all of their keys. */
const TABLES = `drop schema if exists ${RAW} cascade; create schema ${RAW};
  create table ${RAW}.events (like ${EVENTS} including all);`;
const BUS_TABLES =
  `create table ${RAW}.posted (like ${MESSAGES} including all); create table ` +
  `${RAW}.decided (like ${MESSAGES} including all);`;

const insertMessages = (table: string, from: number): string =>
  `insert into ${RAW}.${table} (partition_id, "offset", key, headers, value)
   select 0, $1::bigint + n, key, headers, value from unnest($${from}::text[],
   $${from + 1}::text[], $${from + 2}::text[]) with ordinality as m (key, headers, value, n)`;
/** Keys are made different from batch to batch; everything else is as it was. */
const INSERT_EVENTS = `insert into ${RAW}.events (position, stream, revision, id, type, data,
  metadata, recorded_at, hash)
   select $1::bigint + n, stream, ($1::bigint + n)::int, id || $1::text, type, data, metadata, clock_timestamp(), hash
   from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bytea[]) with
   ordinality as e (stream, id, type, data, metadata, hash, n)`;
const INSERT_ALL =
  `with posted as (${insertMessages('posted', 8)}), decided as (${insertMessages('decided', 11)}) ` +
  `${INSERT_EVENTS}`;

const turn = <Row>(rows: readonly Row[], from: number, batch: number): readonly Row[] =>
  Array.from({ length: batch }, (_, index) => rows[(from + index) % rows.length]!);
const messageArrays = (rows: readonly MessageRow[]): Buffer[] => [
  textArray(rows.map(({ key }) => key)),
  textArray(rows.map(({ headers }) => headers)),
  textArray(rows.map(({ value }) => value)),
];
const eventArrays = (rows: readonly EventRow[]): Buffer[] => [
  ...(['stream', 'id', 'type', 'data', 'metadata'] as const).map((column) =>
    textArray(rows.map((row) => row[column])),
  ),
  byteaArray(rows.map(({ hash }) => hash)),
];

/**
 * Charges per second whose bytes one client writes with nothing else to do: `batch` charges per
 * statement and commit, on disk, into tables like those of the bus and the ledger, in the fastest
 * form we know (one statement, arrays in binary). The tables are removed.
 */
export const rawInserts = (
  url: string,
  { posted, events, decided }: RawSample,
  batch: number,
  forMs: number,
): Promise<number> =>
  connected(url, async (client) => {
    await assertDurable(client);
    const onBus = posted.length > 0;
    await client.query(`${TABLES} ${onBus ? BUS_TABLES : ''}`);
    await client.query('checkpoint');
    try {
      let inserted = 0;
      const insert = async (untilMs: number): Promise<void> => {
        for (; performance.now() < untilMs; inserted += batch) {
          const arrays = eventArrays(turn(events, inserted, batch));
          if (onBus)
            arrays.push(
              ...messageArrays(turn(posted, inserted, batch)),
              ...messageArrays(turn(decided, inserted, batch)),
            );
          await client.query({
            name: 'raw',
            text: onBus ? INSERT_ALL : INSERT_EVENTS,
            values: [inserted, ...arrays],
          });
        }
      };
      await insert(performance.now() + forMs / 3); // Warm-up, cut off.
      const [before, startedAtMs] = [inserted, performance.now()];
      await insert(startedAtMs + forMs);
      return ((inserted - before) * 1000) / (performance.now() - startedAtMs);
    } finally {
      await client.query(`drop schema if exists ${RAW} cascade`);
    }
  });

const assertDurable = async (client: Client): Promise<void> => {
  for (const setting of ['fsync', 'synchronous_commit', 'full_page_writes']) {
    const { rows } = await client.query<Record<string, string>>(`show ${setting}`);
    if (rows[0]![setting] !== 'on')
      throw new Error(`${setting} is ${rows[0]![setting]}: the figures would mean nothing`);
  }
};
