import type { Rest } from '@caretab/kernel';

/**
 * A message as Kafka carries it. `value` is JSON text; headers are CloudEvents binary mode plus
 * `traceparent`.
 */
export interface Message {
  readonly key: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface ReceivedMessage extends Message {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

/** What a topic is, declared once in contracts and created by the adapter. */
export interface TopicDeclaration {
  readonly name: string;
  readonly partitions: number;
  readonly retentionMs: number;
  readonly compacted?: boolean;
}

export interface ConsumeOptions {
  readonly group: string;
  readonly topics: readonly string[];
  /** Messages of one partition a batch holds at most. */
  readonly batchSizeMax?: number;
  /** How a partition rests after a batch that was not full; `REST.awaited` by default. */
  readonly rest?: Rest;
}

/**
 * Handles messages of one partition, in offset order. When it resolves, the effect is durable and
 * the offsets are committed; when it throws, the batch is delivered again from its first message.
 * `signal` aborts when the partition is taken away.
 */
export type BatchHandler = (batch: {
  readonly topic: string;
  readonly partition: number;
  readonly messages: readonly ReceivedMessage[];
  readonly signal: AbortSignal;
}) => Promise<void>;

export interface Consumer {
  stop(): Promise<void>;
}

/**
 * A member that can be made to die without a word; what tests do to prove that another takes over.
 */
export interface CrashableConsumer extends Consumer {
  /** The member vanishes: it works no further and does not leave its group. */
  crash(): void;
}

/** The next message of a partition. */
export interface Offset {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

/** Where a group stands in a partition; where it committed nothing, at the first message. */
export interface Committed extends Offset {
  /** Of the first message that is still kept. */
  readonly first: bigint;
  /** Of the next message that comes; read after the offset, so never before it on a whole log. */
  readonly end: bigint;
}

/**
 * The port to the bus, shaped on Kafka: partitions by key, consumer groups whose members share the
 * partitions and rebalance, offsets committed after the effect (delivery is at least once).
 * Postgres, Kafka and the twin are held to one suite (bus.suite.ts).
 */
export interface Bus {
  /** What traces call it (`messaging.system`); `caretab` unless said. */
  readonly system?: string;
  declare(topics: readonly TopicDeclaration[]): Promise<void>;
  /** Durable when it resolves; messages of one key keep their order. */
  send(topic: string, messages: readonly Message[]): Promise<void>;
  consume(options: ConsumeOptions, handle: BatchHandler): Promise<Consumer>;
  /**
   * Messages not yet handled by a group: per topic, the sum over its partitions of end − committed
   * offset.
   */
  lag(group: string, topics: readonly string[]): Promise<number>;
  /** What a group has committed, of every partition of the topics. */
  committed(group: string, topics: readonly string[]): Promise<readonly Committed[]>;
  /**
   * Has a group go on from these offsets, back or forward; its members get what follows within a
   * heartbeat. Absent where the engine's own tool does it.
   */
  rewind?(group: string, to: readonly Offset[]): Promise<void>;
  /**
   * Reads what a topic holds, up to its end as it is now, partition by partition in offset order, and
   * commits nothing. `name` names the reader where the engine asks for one. Rejects as `handle` does.
   */
  read?(
    options: { readonly topic: string; readonly name: string },
    handle: (messages: readonly ReceivedMessage[]) => Promise<void>,
  ): Promise<void>;
  /**
   * Deletes messages past their topic's retention; returns how many. Absent where the engine does
   * it.
   */
  prune?(): Promise<number>;
  close(): Promise<void>;
}

/** The partition of a key: murmur2 as Kafka's clients do, so that both buses spread alike. */
export type Partitioner = (key: string, partitions: number) => number;
