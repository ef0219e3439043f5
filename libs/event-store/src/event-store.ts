import type { Rest } from '@caretab/kernel';
import type { FaultHandler } from './stream-fault';

/** An event as it is handed in. `id` makes an append repeatable; `data` and `metadata` are JSON. */
export interface NewEvent<Type extends string = string, Data = unknown> {
  readonly id: string;
  readonly type: Type;
  readonly data: Data;
  readonly metadata?: EventMetadata;
}

/** Where an event came from. No personal data. */
export interface EventMetadata {
  /** The message or event that caused this one. */
  readonly causationId?: string;
  /** The hospital's own message (HL7 control id, HTTP idempotency key, topic/partition/offset). */
  readonly source?: string;
  readonly traceparent?: string;
  readonly [key: string]: string | undefined;
}

export interface RecordedEvent<Type extends string = string, Data = unknown> extends NewEvent<
  Type,
  Data
> {
  readonly metadata: EventMetadata;
  readonly stream: string;
  /** 0 for a stream's first event, without gaps. */
  readonly revision: number;
  /** Place in the order of all events: grows, may have gaps. Comparable, and a checkpoint. */
  readonly position: bigint;
  readonly recordedAt: Date;
}

/** An event as a read of its stream gives it. */
export interface StreamEvent extends RecordedEvent {
  /** Of the chain: names the event and all before it in its stream. */
  readonly hash: Uint8Array;
}

/** `none`: the stream must not exist; a number: its last revision. */
export type ExpectedRevision = number | 'none';

export interface AppendResult {
  /** Revision and position of the last event of this append. */
  readonly revision: number;
  readonly position: bigint;
}

/** The stream has moved on; read it again and decide again. */
export class WrongExpectedRevision extends Error {
  constructor(
    readonly stream: string,
    readonly expected: ExpectedRevision,
    readonly actual: number | 'none',
  ) {
    super(`Stream ${stream} is at ${actual}, expected ${expected}`);
    this.name = 'WrongExpectedRevision';
  }
}

export interface Subscription {
  /** Ends reading; resolves when the last batch has been handled. */
  stop(): Promise<void>;
}

/**
 * Handles events in order; must be durable when it resolves, because its checkpoint follows.
 * Throwing delivers the same batch again.
 */
export type EventBatchHandler = (events: readonly RecordedEvent[]) => Promise<void>;

export interface SubscribeOptions {
  /** Least time between two batches: what comes in the meantime comes together. Default 0. */
  readonly breathMs?: number;
  /** An engine of its own process rests after a batch that was not full; default `REST.onTheWay`. */
  readonly resting?: Rest;
  /** Events after this position; 0n for all. */
  readonly after: bigint;
  readonly batchSizeMax?: number;
  /** Only streams whose name starts so. */
  readonly streamPrefix?: string;
  /** Is given what was passed over; durable when it resolves. Without it reading stops at a fault. */
  readonly onFaults?: FaultHandler;
  /**
   * Called after each page that was read and handled, and with the error of each attempt that
   * failed; failures are retried.
   */
  readonly onTurn?: ((error?: unknown) => void) | undefined;
}

export interface ReadAllOptions {
  /** Events after this position; 0n for all. */
  readonly after: bigint;
  readonly countMax: number;
  /** Only streams whose name starts so. */
  readonly streamPrefix?: string;
  /** As in SubscribeOptions. */
  readonly onFaults?: FaultHandler;
}

/**
 * The port to an event store: Postgres, EventStoreDB and the in-memory twin are held to one suite
 * (event-store.suite.ts).
 * - An append is all or nothing and durable when it resolves. The same events at the same place
 *   again give the first answer; other content under the same ids has been overtaken.
 * - `readAll` and `subscribe` never skip a committed event, whatever transactions overlap.
 * - What is read is verified: each event was signed by one of the ledger's keys for its content,
 *   stream and revision. `readStream` throws StreamFaulty for a stream that holds another event or
 *   misses one; `readAll` and `subscribe` hand faults to `onFaults`, and throw StreamFaulty without
 *   it. All throw EventKeyUnknown for a key that is not ours yet.
 */
export interface EventStore {
  append(
    stream: string,
    events: readonly NewEvent[],
    expected: ExpectedRevision,
  ): Promise<AppendResult>;
  /**
   * Events of one stream in order, from a revision (inclusive). An unknown stream is empty. Reads
   * that are asked for together may share a query; each has its own answer, or its own fault.
   */
  readStream(
    stream: string,
    options?: { readonly fromRevision?: number; readonly countMax?: number },
  ): Promise<StreamEvent[]>;
  /** Events of all streams in order, after a position (exclusive). */
  readAll(options: ReadAllOptions): Promise<RecordedEvent[]>;
  subscribe(options: SubscribeOptions, handle: EventBatchHandler): Subscription;
  /** Position of the newest event; 0n for an empty store. */
  head(): Promise<bigint>;
  /** What is remembered of the log may be of another one: it is read again. */
  forget(): void;
  close(): Promise<void>;
}
