import { createHash } from 'node:crypto';
import type { Writable } from 'node:stream';
import { assert } from '@caretab/kernel';
import type { PoolClient, QueryResult } from 'pg';
import { QueryFailedError } from 'typeorm';
import type { TransactOptions } from './store';

const names = new Map<string, string>();

/** Of a text: PostgreSQL cuts a name after 63 bytes. */
const nameOf = (text: string): string => {
  const known = names.get(text);
  if (known) return known;
  const name = createHash('sha256').update(text).digest('base64url');
  names.set(text, name);
  return name;
};

/**
 * Runs a statement under a name of its own: PostgreSQL parses it once on each connection, and keeps
 * its plan for a while where the values do not matter. Texts must be few: no value is in one. Throws
 * QueryFailedError, as TypeORM does.
 */
export const prepared = async (
  client: PoolClient,
  text: string,
  values: readonly unknown[],
  rowMode?: 'array',
): Promise<QueryResult> => {
  try {
    const query = { name: nameOf(text), text, values: [...values] };
    return await (rowMode ? client.query({ ...query, rowMode }) : client.query(query));
  } catch (error) {
    throw new QueryFailedError(text, [], error as Error);
  }
};

const BEGIN = 'START TRANSACTION';
const COMMIT = 'COMMIT';
/** The setting ends with the transaction. */
const COMMIT_ASYNCHRONOUSLY = 'set local synchronous_commit to off; commit';
const ROLLBACK = 'ROLLBACK';
/** What is still to be asked for before a commit. */
export interface Last {
  readonly writes: boolean;
  readonly ask: () => readonly Promise<unknown>[];
}

/** No transaction is open on a connection. */
const IDLE = 'I';

/** Runs a text without values as it stands. Throws QueryFailedError. */
const plain = async (client: PoolClient, text: string): Promise<void> => {
  try {
    await client.query(text);
  } catch (error) {
    throw new QueryFailedError(text, [], error as Error);
  }
};

/** What is asked of a connection within goes out in one write. */
const inOneWrite = <Result>(client: PoolClient, ask: () => Result): Result => {
  const { stream } = (client as unknown as { connection: { stream: Writable } }).connection;
  stream.cork();
  try {
    return ask();
  } finally {
    stream.uncork();
  }
};

/** Resolves when all have an answer. Throws the first failure, by their order. */
const allOf = async (asked: readonly Promise<unknown>[]): Promise<void> => {
  for (const one of await Promise.allSettled(asked))
    if (one.status === 'rejected') throw one.reason;
};

/** The driver fails on no such value before it is sent. */
const isSendable = (value: unknown): boolean =>
  typeof value !== 'object' || value === null || Buffer.isBuffer(value);

/** Alone, outside of a transaction, it would change nothing: it reads, locks, or sets until the end. */
const changesNothing = (text: string): boolean => /^\s*(select|set local)\b/i.test(text);

/**
 * One connection while it works for one transaction, which begins with the first statement that
 * locks or writes. Reads before it stand alone: at READ COMMITTED they see the same. The commit goes
 * out with the last statements, and the beginning with a first one that locks, so that neither is a
 * round trip of its own. A first one that writes waits for the beginning: should that fail, what
 * followed it at once would be committed by itself.
 */
export class Session {
  /** From when the beginning was asked for. */
  private begun: Promise<void> | undefined;
  private isOpen = false;
  private isEnding = false;
  private isOver = false;
  private isWhole = true;

  constructor(private readonly client: PoolClient) {}

  /** Locks nothing and writes nothing. Rows come with their columns' names, or as plain lists. */
  async read<Row>(text: string, values: readonly unknown[], rowMode?: 'array'): Promise<Row[]> {
    return (await prepared(this.client, text, values, rowMode)).rows as Row[];
  }

  /** Once the transaction is open, it has been asked for when this returns. */
  run<Row>(text: string, values: readonly unknown[], rowMode?: 'array'): Promise<Row[]> {
    assert(!this.isOver, 'no statement of a transaction follows its commit');
    if (this.isEnding && !values.every(isSendable)) this.isWhole = false;
    if (this.isOpen) return this.read(text, values, rowMode);
    if (this.begun || !changesNothing(text))
      return this.begin().then(() => this.read<Row>(text, values, rowMode));
    return inOneWrite(this.client, () => {
      const begun = this.begin();
      const rows = this.read<Row>(text, values, rowMode);
      return allOf([begun, rows]).then(() => rows);
    });
  }

  private begin(): Promise<void> {
    this.begun ??= plain(this.client, BEGIN).then(() => void (this.isOpen = true));
    return this.begun;
  }

  /**
   * Asks for the last statements, where `writes` says that there are any, and for the commit behind
   * them. `ask` asks for all of them before it returns. Where one fails, PostgreSQL commits nothing;
   * throws the first failure.
   */
  async commit({ writes, ask }: Last, { commit }: TransactOptions): Promise<void> {
    if (writes) await this.begin();
    if (!this.begun) return;
    const asked = inOneWrite(this.client, () => {
      this.isEnding = true;
      const statements = ask();
      if (!this.isWhole) return statements;
      this.isOver = true;
      const ending = commit === 'asynchronous' ? COMMIT_ASYNCHRONOUSLY : COMMIT;
      return [...statements, plain(this.client, ending)];
    });
    await allOf(asked);
    assert(this.isWhole, 'what goes out with a commit has plain values');
  }

  async rollback(): Promise<void> {
    if (this.begun && this.client.getTransactionStatus() !== IDLE)
      await plain(this.client, ROLLBACK);
  }
}
