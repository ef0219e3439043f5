import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool, QueryConfig } from 'pg';
import {
  type ChainedEvent,
  EventStoreUnavailable,
  type OrderedEvent,
  type Signature,
  type StoredEvent,
} from '@caretab/event-store';
import { isTransient, named } from './pg-connections';

/** Values stay texts: the process's other users of pg may have changed how it parses types. */
const asText = { getTypeParser: () => (text: string) => text } as unknown as QueryConfig['types'];
const CONTENT =
  'stream, revision, position, id, type, data, metadata, (extract(epoch from recorded_at) * 1000)::bigint, key_id, mac';
const COLUMNS = `${CONTENT}, encode(hash, 'hex')`;
/** A connection that broke is replaced; a reader should not notice. */
const ATTEMPTS_MAX = 3;
const RETRY_MS = 50;
const PAGE_EVENTS_MAX = 1_000;
/** Of the column's type. */
const POSITION_LOWEST = -(2n ** 63n);

type Content = readonly [
  stream: string,
  revision: string,
  position: string,
  id: string,
  type: string,
  data: string,
  metadata: string,
  ms: string,
  keyId: string | null,
  mac: string | null,
];
type Row = readonly [...Content, hash: string];

/** Reads the events table, on connections that never wait behind an append. */
export class PgReader {
  constructor(
    private readonly pool: Pool,
    private readonly schema: string,
  ) {}

  async stream(stream: string, fromRevision: number, countMax: number): Promise<StoredEvent[]> {
    const events: StoredEvent[] = [];
    while (events.length < countMax) {
      const wanted = Math.min(PAGE_EVENTS_MAX, countMax - events.length);
      const page = await this.contents(
        'stream-content',
        `where stream = $1 and revision >= $2 order by revision limit $3`,
        [stream, fromRevision + events.length, wanted],
      );
      for (const row of page) events.push(storedEvent(row));
      if (page.length < wanted) break;
    }
    return events;
  }

  async streamPage(
    stream: string,
    fromRevision: number,
    countMax: number,
  ): Promise<ChainedEvent[]> {
    const rows = await this.rows<Row>(
      'stream',
      `where stream = $1 and revision >= $2 order by revision limit $3`,
      [stream, fromRevision, countMax],
    );
    return rows.map(chainedEvent);
  }

  async all(after: bigint, countMax: number, streamPrefix?: string): Promise<StoredEvent[]> {
    const rows = streamPrefix
      ? await this.contents(
          'content-prefix',
          'where position > $1 and starts_with(stream, $3) order by position limit $2',
          [after, countMax, streamPrefix],
        )
      : await this.contents('content', 'where position > $1 order by position limit $2', [
          after,
          countMax,
        ]);
    return rows.map(storedEvent);
  }

  /** Pages of all events in their order, texts as they are stored. */
  async *pages(): AsyncGenerator<readonly ChainedEvent[]> {
    for (let after = 0n; ;) {
      const page = (
        await this.rows<Row>('all', 'where position > $1 order by position limit $2', [
          after,
          PAGE_EVENTS_MAX,
        ])
      ).map(chainedEvent);
      if (page.length === 0) return;
      yield page;
      after = page.at(-1)!.position;
    }
  }

  async head(): Promise<bigint> {
    const [row] = await this.query<[string]>(
      'head',
      `select greatest(max(position), 0) from ${this.schema}.events`,
      [],
    );
    return BigInt(row![0]);
  }

  /** Pages of all events, stream by stream, for an audit. */
  async *chains(): AsyncGenerator<ChainedEvent[]> {
    let [stream, revision] = ['', -1];
    for (;;) {
      const rows = await this.rows<Row>(
        'chains',
        'where (stream, revision) > ($1, $2) order by stream, revision limit $3',
        [stream, revision, PAGE_EVENTS_MAX],
      );
      if (rows.length === 0) return;
      const page = rows.map(chainedEvent);
      yield page;
      ({ stream, revision } = page.at(-1)!);
    }
  }

  /** Pages of all events in order, without their content and from below 1, for an audit. */
  async *order(until: bigint): AsyncGenerator<OrderedEvent[]> {
    for (let from = POSITION_LOWEST; from <= until;) {
      const rows = await this.query<[string, string, string, string]>(
        'order',
        `select position, stream, revision, encode(hash, 'hex') from ${this.schema}.events ` +
          'where position >= $1 and position <= $2 order by position limit $3',
        [from, until, PAGE_EVENTS_MAX],
      );
      if (rows.length === 0) return;
      yield rows.map(([position, stream, revision, hash]) => ({
        position: BigInt(position),
        stream,
        revision: Number(revision),
        hash: Buffer.from(hash, 'hex'),
      }));
      from = BigInt(rows.at(-1)![0]) + 1n;
    }
  }

  private contents(name: string, where: string, values: unknown[]): Promise<Content[]> {
    return this.query<Content>(
      name,
      `select ${CONTENT} from ${this.schema}.events ${where}`,
      values,
    );
  }

  private rows<Result extends readonly unknown[]>(
    name: string,
    where: string,
    values: unknown[],
  ): Promise<Result[]> {
    return this.query<Result>(
      name,
      `select ${COLUMNS} from ${this.schema}.events ${where}`,
      values,
    );
  }

  private async query<Result extends readonly unknown[]>(
    name: string,
    text: string,
    values: unknown[],
  ): Promise<Result[]> {
    const config: QueryConfig = {
      name: `events-${name}`,
      text,
      values: values.map((value) => (typeof value === 'bigint' ? String(value) : value)),
      types: asText,
    };
    for (let attempt = 1; ; attempt += 1) {
      try {
        const { rows } = await this.pool.query({ ...config, rowMode: 'array' });
        return rows as unknown as Result[];
      } catch (error) {
        if (!isTransient(error)) throw named(error, 'a read');
        if (attempt === ATTEMPTS_MAX)
          throw new EventStoreUnavailable('a read was not answered', { cause: error });
        await sleep(RETRY_MS * attempt);
      }
    }
  }
}

const signatureOf = (keyId: string | null, mac: string | null): Signature | undefined =>
  keyId === null && mac === null
    ? undefined
    : { keyId: keyId ?? '', mac: Buffer.from((mac ?? '').slice(2), 'hex') };

const storedEvent = ([
  stream,
  revision,
  position,
  id,
  type,
  data,
  metadata,
  recordedAtMs,
  keyId,
  mac,
]: Content): StoredEvent => ({
  stream,
  revision: Number(revision),
  position: BigInt(position),
  id,
  type,
  data,
  metadata,
  recordedAtMs: Number(recordedAtMs),
  signature: signatureOf(keyId, mac),
});

const chainedEvent = (row: Row): ChainedEvent => ({
  ...storedEvent(row as unknown as Content),
  hash: Buffer.from(row[10], 'hex'),
});
