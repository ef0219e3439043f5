import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Groupable,
  GroupCommit,
  type GroupCommitLimits,
  int4Array,
  type Outcome,
  textArray,
} from '@caretab/kernel';
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
/** Of a stream's first page; a stream that has more is a long one. */
const FIRST_PAGE_EVENTS = 100;
/** Pages of streams that are asked for together come by one statement: at most so many rows. */
const LIMITS: GroupCommitLimits = {
  batchEventsMax: 10_000,
  batchBytesMax: Number.MAX_SAFE_INTEGER,
  inFlightMax: 2,
  queueMax: 20_000,
};
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
type RowOfRequest = readonly [...Row, place: string];

/** A page of one stream: at most `events` from a revision on; the lane is the stream's name. */
interface PageRequest extends Groupable {
  readonly from: number;
}

/** Reads the events table, on connections that never wait behind an append. */
export class PgReader {
  private readonly group = new GroupCommit<PageRequest, ChainedEvent[]>(
    LIMITS,
    (batch) => this.streamPages(batch),
    () => new EventStoreUnavailable(`${LIMITS.queueMax} reads are waiting`),
  );

  constructor(
    private readonly pool: Pool,
    private readonly schema: string,
  ) {}

  async stream(stream: string, fromRevision: number, countMax: number): Promise<ChainedEvent[]> {
    const events: ChainedEvent[] = [];
    while (events.length < countMax) {
      const pageMax = events.length === 0 ? FIRST_PAGE_EVENTS : PAGE_EVENTS_MAX;
      const wanted = Math.min(pageMax, countMax - events.length);
      const from = fromRevision + events.length;
      const page = await this.group.add({ lane: stream, events: wanted, bytes: 0, from });
      for (const event of page) events.push(event);
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

  /** Pages of events in order, without their content, for an audit. */
  async *order(until: bigint, first = POSITION_LOWEST): AsyncGenerator<OrderedEvent[]> {
    for (let from = first; from <= until;) {
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

  /**
   * The pages of many streams by one statement. What fails because of one of them (a name that no
   * text of PostgreSQL can hold) is read one by one, so that only that one fails.
   */
  private async streamPages(batch: readonly PageRequest[]): Promise<Outcome<ChainedEvent[]>[]> {
    try {
      return (await this.streamsContent(batch)).map((answer) => ({ answer }));
    } catch (error) {
      if (error instanceof EventStoreUnavailable || batch.length === 1) throw error;
      return Promise.all(
        batch.map(async (request) => {
          try {
            return (await this.streamPages([request]))[0]!;
          } catch (alone) {
            return { error: alone };
          }
        }),
      );
    }
  }

  private async streamsContent(batch: readonly PageRequest[]): Promise<ChainedEvent[][]> {
    const rows = await this.query<RowOfRequest>(
      'streams-content',
      `select content.*, wanted.place
       from unnest($1::text[], $2::int[], $3::int[]) with ordinality as
         wanted(stream, from_revision, events, place)
       cross join lateral (
         select ${COLUMNS} from ${this.schema}.events
         where events.stream = wanted.stream and revision >= wanted.from_revision
         order by revision limit wanted.events
       ) content`,
      [
        textArray(batch.map(({ lane }) => lane)),
        int4Array(batch.map(({ from }) => from)),
        int4Array(batch.map(({ events }) => events)),
      ],
    );
    const pages = batch.map((): ChainedEvent[] => []);
    for (const row of rows) pages[Number(row[11]) - 1]!.push(chainedEvent(row as unknown as Row));
    // No order is asked of the join: sorting whole rows would cost more than it.
    for (const page of pages) page.sort((one, other) => one.revision - other.revision);
    return pages;
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
