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
 * Runs a statement under a name of its own: PostgreSQL parses it once on each connection, and plans
 * it each time (`plan_cache_mode`), by what its tables hold then. Texts must be few: no value is in
 * one. Throws QueryFailedError, as TypeORM does.
 */
export const prepared = async (
  client: PoolClient,
  text: string,
  values: readonly unknown[],
): Promise<QueryResult> => {
  try {
    return await client.query({ name: nameOf(text), text, values: [...values] });
  } catch (error) {
    throw new QueryFailedError(text, [], error as Error);
  }
};

const BEGIN = 'START TRANSACTION';
const COMMIT = 'COMMIT';
/** The setting ends with the transaction. */
const COMMIT_ASYNCHRONOUSLY = 'set local synchronous_commit to off; commit';
const ROLLBACK = 'ROLLBACK';
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

/**
 * One connection while it works for one transaction, which begins with the first statement that
 * locks or writes. Reads before it stand alone: at READ COMMITTED they see the same. The beginning
 * goes out with the first statement and the commit with the last ones, so that neither is a round
 * trip of its own.
 */
export class Session {
  private hasBegun = false;
  private isEnding = false;
  private isOver = false;
  private isWhole = true;

  constructor(private readonly client: PoolClient) {}

  /** Locks nothing and writes nothing. */
  async read<Row>(text: string, values: readonly unknown[]): Promise<Row[]> {
    return (await prepared(this.client, text, values)).rows as Row[];
  }

  /** It has been asked for when this returns. */
  run<Row>(text: string, values: readonly unknown[]): Promise<Row[]> {
    assert(!this.isOver, 'no statement of a transaction follows its commit');
    if (this.isEnding && !values.every(isSendable)) this.isWhole = false;
    if (this.hasBegun) return this.read(text, values);
    this.hasBegun = true;
    return inOneWrite(this.client, () => {
      const begun = plain(this.client, BEGIN);
      const rows = this.read<Row>(text, values);
      return allOf([begun, rows]).then(() => rows);
    });
  }

  /**
   * Asks for the last statements and for the commit behind them. `last` asks for all of its
   * statements before it returns. Where one fails, PostgreSQL commits nothing; throws the first failure.
   */
  async commit(
    last: () => readonly Promise<unknown>[],
    { commit }: TransactOptions,
  ): Promise<void> {
    const asked = inOneWrite(this.client, () => {
      this.isEnding = true;
      const statements = last();
      if (!this.hasBegun || !this.isWhole) return statements;
      this.isOver = true;
      const ending = commit === 'asynchronous' ? COMMIT_ASYNCHRONOUSLY : COMMIT;
      return [...statements, plain(this.client, ending)];
    });
    await allOf(asked);
    assert(this.isWhole, 'what goes out with a commit has plain values');
  }

  async rollback(): Promise<void> {
    if (this.hasBegun && this.client.getTransactionStatus() !== IDLE)
      await plain(this.client, ROLLBACK);
  }
}
