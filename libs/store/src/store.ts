import type { EntitySchema } from 'typeorm';

/** A message on its way out: stored beside the rows that caused it, published by the relay. */
export interface OutgoingMessage {
  readonly topic: string;
  /** The aggregate's id: one key is always in order. */
  readonly key: string;
  /** CloudEvents headers (`ce_id`, `ce_type`, …) and `traceparent`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly value: unknown;
}

export type Where<Row> = {
  readonly [Field in keyof Row]?:
    | Row[Field]
    | { readonly lte: Row[Field] }
    | { readonly gt: Row[Field] }
    | { readonly in: readonly Row[Field][] };
};

export interface FindOptions<Row> {
  readonly orderBy?: keyof Row & string;
  readonly descending?: boolean;
  readonly countMax?: number;
  /**
   * `wait`: rows are locked until the transaction ends. `skip`: rows that another holds are left
   * out.
   */
  readonly lock?: 'wait' | 'skip';
}

/**
 * One table inside a transaction. Rows are plain objects; a row's primary key is what its
 * EntitySchema says.
 */
export interface Rows<Row extends object> {
  /** The first row that fits, or undefined. */
  get(where: Where<Row>, options?: Pick<FindOptions<Row>, 'lock'>): Promise<Row | undefined>;
  find(where: Where<Row>, options?: FindOptions<Row>): Promise<Row[]>;
  count(where: Where<Row>): Promise<number>;
  /**
   * Fails with UniqueViolation when the primary key or a unique index is taken; the transaction is
   * then over.
   */
  insert(...rows: readonly Row[]): Promise<void>;
  /** Inserts unless the primary key is taken; tells whether it did. Safe under concurrency. */
  insertIfAbsent(row: Row): Promise<boolean>;
  /** Replaces the row of the same primary key, or inserts it. */
  save(...rows: readonly Row[]): Promise<void>;
  delete(where: Where<Row>): Promise<void>;
}

/** Rows, marks of what was handled, and outgoing messages: all or nothing. */
export interface Transaction {
  rows<Row extends object>(table: EntitySchema<Row>): Rows<Row>;
  /**
   * Marks a message as handled by a consumer group; false when it already was (then do nothing).
   * `content` is a hash of what it says: throws MESSAGE_CONFLICT (conflict) when the id was marked
   * with another, and the transaction is then over. Where either side has none, the id alone tells.
   */
  markHandled(group: string, messageId: string, content?: string): Promise<boolean>;
  publish(...messages: readonly OutgoingMessage[]): void;
}

/** A primary key or unique index was taken. */
export class UniqueViolation extends Error {
  constructor(
    readonly table: string,
    options?: ErrorOptions,
  ) {
    super(`A row of ${table} with this key exists`, options);
    this.name = 'UniqueViolation';
  }
}

/**
 * A service's own rows. TypeOrmStore (PostgreSQL) and MemoryStore (twin) are held to one suite
 * (store.suite.ts). `transact` runs at READ COMMITTED; a row that is read to be changed is read
 * with a lock. A transaction that throws leaves nothing behind, and so does one that swallowed a
 * failure of its rows. `work` may run again after a deadlock: what it does outside the transaction
 * must bear repetition. Transactions are not nested.
 */
export interface Store {
  transact<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result>;
  /** Oldest messages not yet published, for the relay. */
  unpublished(countMax: number): Promise<readonly StoredMessage[]>;
  markPublished(ids: readonly string[]): Promise<void>;
  /** How many messages are not yet published, counted up to `countMax`. */
  pending(countMax: number): Promise<number>;
  /**
   * Calls `listener` after each commit in this process that left messages in the outbox. Returns
   * how to stop that.
   */
  onPublish(listener: () => void): () => void;
  /**
   * Forgets what was handled before `olderThan` (later than any repetition can come); tells how
   * many marks went.
   */
  pruneHandled(olderThan: Date): Promise<number>;
  close(): Promise<void>;
}

export interface StoredMessage extends OutgoingMessage {
  /** Order of the outbox; opaque to callers. */
  readonly id: string;
}
