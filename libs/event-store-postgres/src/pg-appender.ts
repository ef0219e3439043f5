import { setTimeout as sleep } from 'node:timers/promises';
import {
  assert,
  byteaArray,
  type Groupable,
  GroupCommit,
  type GroupCommitLimits,
  int4Array,
  type Outcome,
  textArray,
} from '@caretab/kernel';
import type { Pool, QueryConfig } from 'pg';
import {
  type AppendResult,
  contentDigest,
  EventIdTaken,
  type EventSigner,
  EventStoreUnavailable,
  type ExpectedRevision,
  type SerialisedEvent,
  StreamFaulty,
  WrongExpectedRevision,
} from '@caretab/event-store';
import { isTransient, named, violatedConstraint } from './pg-connections';
import { type AppendOutcome, EXPECT_NONE } from './pg-schema';

interface AppendRequest extends Groupable {
  readonly content: readonly SerialisedEvent[];
  readonly expected: ExpectedRevision;
  readonly deadlineAtMs: number;
}

interface AppendRow {
  readonly outcome: AppendOutcome;
  readonly last_revision: number;
  readonly last_position: string | null;
}

interface Written {
  readonly position: bigint;
  readonly id: string;
}

/** Appends, or gives no row where the log does not hold what was written last. */
const APPEND = `append(%, $2::int[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[],
  $8::bytea[], $9::text[], $10::bytea[])`;
const STREAMS = '$1::text[]';
/** The function runs for the row that is found only: what it is given comes from there. */
const STREAMS_AFTER = `case when place.id is not null then ${STREAMS} end`;

const BACKOFF_FIRST_MS = 20;
const BACKOFF_LAST_MS = 1_000;
/** How often another process may come in between before we give up on an append. */
const RACES_MAX = 20;
/** Constraints by which another writer was first: at the stream's revision, at the log's position. */
const RACES: readonly (string | undefined)[] = ['events_place', 'events_pkey'];

export const DEFAULT_LIMITS: GroupCommitLimits = {
  batchEventsMax: 128,
  batchBytesMax: 128 * 1024,
  inFlightMax: 2,
  queueMax: 20_000,
};

export interface PgAppenderOptions {
  readonly onWritten: () => void;
  /** From the call to its refusal, when the database does not answer. */
  readonly deadlineMs: number;
  readonly limits?: GroupCommitLimits;
}

/** Appends through one statement for many streams; see pg-schema for what the statement does. */
export class PgAppender {
  private readonly group: GroupCommit<AppendRequest, AppendResult>;
  /** The event at the highest position that this process has written. */
  private last: Written | undefined;

  constructor(
    private readonly pool: Pool,
    private readonly schema: string,
    private readonly signer: EventSigner,
    private readonly options: PgAppenderOptions,
  ) {
    const limits = options.limits ?? DEFAULT_LIMITS;
    const refusal = () => new EventStoreUnavailable(`${limits.queueMax} appends are waiting`);
    this.group = new GroupCommit(limits, (batch) => this.write(batch), refusal);
  }

  append(
    stream: string,
    content: readonly SerialisedEvent[],
    expected: ExpectedRevision,
  ): Promise<AppendResult> {
    const bytes = content.reduce(
      (total, { data, metadata }) => total + data.length + metadata.length,
      0,
    );
    const deadlineAtMs = performance.now() + this.options.deadlineMs;
    return this.group.add({
      lane: stream,
      events: content.length,
      bytes,
      content,
      expected,
      deadlineAtMs,
    });
  }

  drain(): Promise<void> {
    return this.group.drain();
  }

  /**
   * What fails because of the connection is sent again as it is: whatever was committed nonetheless
   * is recognised by its ids. What fails because of one of its appends is sent one by one, so that
   * only that one fails.
   */
  private async write(batch: readonly AppendRequest[]): Promise<Outcome<AppendResult>[]> {
    try {
      const outcomes = await this.untilReached(batch);
      this.options.onWritten();
      return outcomes;
    } catch (error) {
      if (batch.length === 1) return [await this.alone(batch[0]!, error)];
      const outcomes: Outcome<AppendResult>[] = [];
      for (const request of batch) outcomes.push((await this.write([request]))[0]!);
      return outcomes;
    }
  }

  private async untilReached(batch: readonly AppendRequest[]): Promise<Outcome<AppendResult>[]> {
    const deadlineAtMs = Math.min(...batch.map((request) => request.deadlineAtMs));
    for (let backoffMs = BACKOFF_FIRST_MS; ; backoffMs = Math.min(backoffMs * 2, BACKOFF_LAST_MS)) {
      try {
        return await this.call(batch);
      } catch (error) {
        if (!isTransient(error)) throw error;
        if (performance.now() + backoffMs > deadlineAtMs)
          return batch.map(() => ({ error: unavailable(error) }));
      }
      await sleep(backoffMs);
    }
  }

  /**
   * The append that failed for a reason of its own: another process was first (decide again against
   * the new head), a second writer took its position without our lock, or it cannot be written.
   */
  private async alone(request: AppendRequest, cause: unknown): Promise<Outcome<AppendResult>> {
    let error = cause;
    for (let race = 1; race <= RACES_MAX && RACES.includes(violatedConstraint(error)); race += 1) {
      try {
        return (await this.untilReached([request]))[0]!;
      } catch (next) {
        error = next;
      }
    }
    return {
      error:
        violatedConstraint(error) === 'events_id'
          ? new EventIdTaken(request.lane)
          : named(error, 'an append'),
    };
  }

  /** Nothing is written on an older copy than the log that was written before. */
  private async call(batch: readonly AppendRequest[]): Promise<Outcome<AppendResult>[]> {
    const { last } = this;
    const { rows } = await this.pool.query<AppendRow>(this.statement(batch, last));
    if (rows.length === 0 && last) {
      await this.provePlace(last);
      return this.call(batch);
    }
    assert(rows.length === batch.length, 'every append of a batch is answered');
    rows.forEach(({ outcome, last_position }, index) => {
      if (outcome !== 'written') return;
      const position = BigInt(last_position!);
      if (position > (this.last?.position ?? 0n))
        this.last = { position, id: batch[index]!.content.at(-1)!.id };
    });
    return rows.map((row, index) => outcomeOf(batch[index]!, row));
  }

  private statement(batch: readonly AppendRequest[], last: Written | undefined): QueryConfig {
    const { schema } = this;
    const events = batch.flatMap((request) => this.signed(request));
    const appended = `${schema}.${APPEND.replace('%', last ? STREAMS_AFTER : STREAMS)}`;
    return {
      name: last ? 'append-after' : 'append',
      text:
        'select outcome, last_revision, last_position from ' +
        (last
          ? `${schema}.events place cross join lateral ${appended}
             where place.position = $11 and place.id = $12`
          : appended),
      values: [
        textArray(batch.map(({ lane }) => lane)),
        int4Array(batch.map(({ expected }) => (expected === 'none' ? EXPECT_NONE : expected))),
        int4Array(batch.map(({ content }) => content.length)),
        textArray(events.map(({ id }) => id)),
        textArray(events.map(({ type }) => type)),
        textArray(events.map(({ data }) => data)),
        textArray(events.map(({ metadata }) => metadata)),
        byteaArray(events.map(({ digest }) => digest)),
        textArray(events.map(({ signature }) => signature.keyId)),
        byteaArray(events.map(({ signature }) => signature.mac)),
        ...(last ? [last.position.toString(), last.id] : []),
      ],
    };
  }

  /**
   * Throws EventStoreUnavailable where the log ends before what was written last, or has another
   * event there. Positions have no gaps: where nothing is there, and the log goes on, that event was
   * taken away, which is a fault of its stream.
   */
  private async provePlace(last: Written): Promise<void> {
    const { rows } = await this.pool.query<{ end: string; id: string | null }>(
      `select coalesce(max(position), 0) as end,
         (select id from ${this.schema}.events where position = $1) as id
       from ${this.schema}.events`,
      [last.position.toString()],
    );
    const end = BigInt(rows[0]!.end);
    if (rows[0]!.id === last.id) return;
    if (end < last.position || rows[0]!.id !== null) throw olderCopy(end, last.position);
    if (this.last === last) this.last = undefined;
  }

  /** Where an event will stand is known before the call: elsewhere the function writes nothing. */
  private signed({ lane: stream, content, expected }: AppendRequest) {
    const first = expected === 'none' ? 0 : expected + 1;
    return content.map((event, index) => {
      const digest = contentDigest({ stream, ...event });
      return { ...event, digest, signature: this.signer.sign(digest, first + index) };
    });
  }
}

const outcomeOf = ({ lane, expected }: AppendRequest, row: AppendRow): Outcome<AppendResult> => {
  switch (row.outcome) {
    case 'written':
    case 'repeated':
      return {
        answer: { revision: row.last_revision, position: BigInt(row.last_position!) },
      };
    case 'taken':
      return { error: new EventIdTaken(lane) };
    case 'faulty':
      return {
        error: new StreamFaulty({
          ...{ kind: 'truncated', stream: lane, revision: 0, digest: '' },
          position: BigInt(row.last_position!),
        }),
      };
    case 'wrong':
      return {
        error: new WrongExpectedRevision(
          lane,
          expected,
          row.last_revision < 0 ? 'none' : row.last_revision,
        ),
      };
  }
};

const olderCopy = (end: bigint, writtenTo: bigint): EventStoreUnavailable =>
  new EventStoreUnavailable(
    `the log ends at ${end}, and was written up to ${writtenTo}: it is an older copy`,
  );

const unavailable = (cause: unknown): EventStoreUnavailable =>
  cause instanceof EventStoreUnavailable
    ? cause
    : new EventStoreUnavailable('an append was not answered in time', { cause });
