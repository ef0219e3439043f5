import type { Handled, HandledRange, Position } from './position';
import type { Table } from './tables';
import type { Whose } from './within';

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

/**
 * Rows that one statement reads at most where its caller names no bound of its own. What may be
 * more is paged, streamed, summed or grouped.
 */
export const ROWS_MAX = 10_000;

export interface FindOptions<Row> {
  readonly orderBy?: keyof Row & string;
  readonly descending?: boolean;
  /** The first so many rows. Without it all rows that fit are read, or TooManyRows is thrown. */
  readonly countMax?: number;
  /**
   * `wait`: rows are locked until the transaction ends. `skip`: rows that another holds are left
   * out.
   */
  readonly lock?: 'wait' | 'skip';
}

/** Fields of whole numbers: what can be summed. */
export type NumberField<Row> = {
  [Field in keyof Row & string]-?: Row[Field] extends number | null ? Field : never;
}[keyof Row & string];

export interface GroupOptions<By, Sum> {
  /** Rows of equal values in these fields form one group. */
  readonly by: readonly [By, ...By[]];
  readonly sum?: readonly Sum[];
}

/** The rows that share values: those values, how many rows they are, and sums over them. */
export interface Group<Row, By extends keyof Row, Sum extends keyof Row> {
  readonly values: Pick<Row, By>;
  readonly count: number;
  readonly sums: { readonly [Field in Sum]: number };
}

/** Where a value comes from: the row that is added up, the row beside it, or it is the same for all. */
export type Origin<Of, Beside, Value> = Field<Of, Beside> | { readonly is: Value };
type Field<Of, Beside> =
  { readonly of: keyof Of & string } | { readonly beside: keyof Beside & string };

/** One amount of a row, and the row that it is added to. */
export interface Addend<Row, Of, Beside> {
  /** The fields by which amounts are added up; the same ones in every source. */
  readonly to: { readonly [Field in keyof Row]?: Origin<Of, Beside, Row[Field]> };
  readonly amount: Field<Of, Beside>;
  readonly sign: 1 | -1;
}

/** Rows of a table whose amounts are added up. */
export interface SumSource<Row, Of extends object = any, Beside extends object = any> {
  readonly of: Table<Of>;
  readonly where: Where<Of>;
  /** Each row counts once with each row of this table that has the same values in the fields `on`. */
  readonly beside?: {
    readonly table: Table<Beside>;
    readonly on: readonly (keyof Of & keyof Beside & string)[];
  };
  readonly adds: readonly Addend<Row, Of, Beside>[];
}

export interface SumOptions<Row, By, Sum> {
  /** The field that has the sum. */
  readonly sum: Sum;
  /** Fields that are the same in every row that is inserted. */
  readonly every: Partial<Row>;
  /** Fields by whose values the inserted rows are counted and added up. */
  readonly by: readonly [By, ...By[]];
}

/** Where a page ended: the last row's values in the fields that order the pages. */
export type Cursor<Row> = Partial<Row>;

export interface PageOptions<Row> {
  /** A field that is never NULL; the primary key decides between equal values, and alone without it. */
  readonly orderBy?: keyof Row & string;
  readonly descending?: boolean;
  /** Rows of a page. */
  readonly countMax: number;
  /** `next` of the page before. */
  readonly after?: Cursor<Row> | undefined;
  readonly lock?: 'wait' | 'skip';
}

export interface Page<Row, Read = Row> {
  readonly rows: readonly Read[];
  /** Undefined where no row follows. */
  readonly next: Cursor<Row> | undefined;
}

/**
 * One table inside a transaction. Rows are plain objects; the table's declaration names the primary
 * key. Every verb is one statement (a write one for each 5,000 rows). `lockAll`, `save` and
 * `insertAllAbsent` take their rows in the order of their keys: two of them never deadlock.
 */
export interface Rows<Row extends object> {
  /** The first row that fits, or undefined. */
  get(where: Where<Row>, options?: Pick<FindOptions<Row>, 'lock'>): Promise<Row | undefined>;
  /** Throws TooManyRows when more than ROWS_MAX rows fit and no `countMax` is given. */
  find(where: Where<Row>, options?: FindOptions<Row>): Promise<Row[]>;
  count(where: Where<Row>): Promise<number>;
  /** The sum of a field over the rows that fit; NULLs count as 0, and so does no row. */
  sum(where: Where<Row>, field: NumberField<Row>): Promise<number>;
  /**
   * Counts and sums the rows that fit, by the values that they share, ordered by those values.
   * Throws TooManyRows when there are more than ROWS_MAX groups.
   */
  group<By extends keyof Row & string, Sum extends NumberField<Row> = never>(
    where: Where<Row>,
    options: GroupOptions<By, Sum>,
  ): Promise<Group<Row, By, Sum>[]>;
  /**
   * The rows behind a cursor. A row that stays is in exactly one page, whatever is inserted or
   * deleted between two pages.
   */
  page(where: Where<Row>, options: PageOptions<Row>): Promise<Page<Row>>;
  /** As page, with these fields of the rows alone. */
  pageFields<Field extends keyof Row & string>(
    fields: readonly Field[],
    where: Where<Row>,
    options: PageOptions<Row>,
  ): Promise<Page<Row, Pick<Row, Field>>>;
  /**
   * Reads the rows whose field has one of these values: until the transaction ends, what is read of
   * them without a lock is answered from there, with what the transaction has written. For a batch,
   * whose messages would ask one by one; what decides about money is locked besides.
   */
  gather(field: keyof Row & string, values: readonly unknown[]): Promise<void>;
  /** Locks the rows of these primary keys until the transaction ends; those that exist come back, in key order. */
  lockAll(keys: readonly Partial<Row>[]): Promise<Row[]>;
  /**
   * Fails with UniqueViolation when the primary key or a unique index is taken; the transaction is
   * then over.
   */
  insert(...rows: readonly Row[]): Promise<void>;
  /** Inserts unless the primary key is taken; whether it did. Safe under concurrency. */
  insertIfAbsent(row: Row): Promise<boolean>;
  /** Inserts the rows whose primary key is not taken, and returns those. Safe under concurrency. */
  insertAllAbsent(rows: readonly Row[]): Promise<Row[]>;
  /** Replaces the row of the same primary key, or inserts it; of equal keys the last one wins. */
  save(...rows: readonly Row[]): Promise<void>;
  /** Sets these fields, none of the primary key, of the rows that fit: of rows that are locked. */
  update(where: Where<Row>, fields: Partial<Row>): Promise<void>;
  /**
   * Adds up amounts over rows of other tables, and inserts a row for each sum that is not zero.
   * Returns the inserted rows counted and added up by values that they share, in their order.
   */
  insertSums<By extends keyof Row & string, Sum extends NumberField<Row>>(
    sources: readonly SumSource<Row>[],
    options: SumOptions<Row, By, Sum>,
  ): Promise<Group<Row, By, Sum>[]>;
  delete(where: Where<Row>): Promise<void>;
}

/** Rows as a database gives them: each verb is a statement at once. */
export type PlainRows<Row extends object> = Omit<Rows<Row>, 'gather'>;

/** A message that a consumer group handles. */
export interface HandledMessage {
  readonly messageId: string;
  /** A hash of the message's content. */
  readonly content?: string | undefined;
}

/** Rows, marks of what was handled, and outgoing messages: all or nothing. */
export interface Transaction {
  rows<Row extends object>(table: Table<Row>): Rows<Row>;
  /**
   * Marks a message as handled by a consumer group; false when it already was (then do nothing).
   * Throws MESSAGE_CONFLICT (conflict) when the id was marked with another content; the transaction
   * is then over. Where either side has no content, the id alone decides.
   */
  markHandled(group: string, messageId: string, content?: string): Promise<boolean>;
  /** As markHandled for each message in turn, in one statement. */
  markAllHandled(group: string, messages: readonly HandledMessage[]): Promise<boolean[]>;
  publish(...messages: readonly OutgoingMessage[]): void;
}

/** More rows match than one statement may read: a fault of the caller, who must page. */
export class TooManyRows extends Error {
  constructor(readonly table: string) {
    super(`More than ${ROWS_MAX} rows of ${table} match: page, stream, sum or group them`);
    this.name = 'TooManyRows';
  }
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

/** How a transaction is committed. */
export interface TransactOptions {
  /**
   * `asynchronous`: others see it at once, but it does not wait for the disk. A crash of the
   * database may lose it, with all asynchronous commits after it and none before a durable one.
   * Only for what is repeated by reading again; it marks and publishes nothing. Default: `durable`.
   */
  readonly commit?: 'durable' | 'asynchronous';
  /**
   * Only rows of these are there, in tables that say whose a row is (`owners`), and nothing is
   * written: a second fence behind what a caller asks for. PostgreSQL holds it where the service's
   * narrow role was made (`narrowRoleOf`), the twin always.
   */
  readonly within?: readonly Whose[] | undefined;
  /** What it handles: it advances the group's position too. */
  readonly handles?: Handled | undefined;
}

/**
 * A service's own rows. TypeOrmStore (PostgreSQL) and MemoryStore (its twin) pass one suite
 * (test/store.suite.ts). `transact` runs at READ COMMITTED: read a row with a lock before changing
 * it. A transaction that throws leaves nothing behind, and so does one that caught a failure of its
 * rows. `work` runs again after a deadlock: its effects outside the transaction must be idempotent.
 * Transactions are not nested.
 */
export interface Store {
  transact<Result>(
    work: (transaction: Transaction) => Promise<Result>,
    options?: TransactOptions,
  ): Promise<Result>;
  /**
   * Oldest messages not yet published, for the relay. `except`: topics to leave out, because they
   * cannot be published now.
   */
  unpublished(countMax: number, except?: readonly string[]): Promise<readonly StoredMessage[]>;
  markPublished(ids: readonly string[]): Promise<void>;
  /** How many messages are not yet published, counted up to `countMax`. */
  pending(countMax: number): Promise<number>;
  /**
   * Calls `listener` after each commit in this process that left messages in the outbox. Returns
   * how to stop that.
   */
  onPublish(listener: () => void): () => void;
  /**
   * Deletes the marks of messages handled before `olderThan` (older than any redelivery). Returns
   * how many there were.
   */
  pruneHandled(olderThan: Date): Promise<number>;
  /**
   * Keeps that a group handled the messages of a partition from `from` up to `next` (excluded). A
   * position that is below `from` stays: messages between them were not handled here.
   */
  advance(group: string, topic: string, handled: HandledRange): Promise<void>;
  /** Sets a position, whatever was handled. */
  place(position: Position): Promise<void>;
  /** How far each of these groups has come, by group, topic and partition. */
  positions(groups: readonly string[]): Promise<readonly Position[]>;
  close(): Promise<void>;
}

export interface StoredMessage extends OutgoingMessage {
  /** Order of the outbox; opaque to callers. */
  readonly id: string;
}
