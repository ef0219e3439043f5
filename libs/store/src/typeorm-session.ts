import { createHash } from 'node:crypto';
import type { PoolClient, QueryResult } from 'pg';
import { QueryFailedError, type QueryRunner } from 'typeorm';

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

/**
 * One connection while it works for one transaction, which begins with the first statement that
 * locks or writes. Reads before it stand alone: at READ COMMITTED they see the same.
 */
export class Session {
  private beginning: Promise<void> | undefined;

  constructor(
    private readonly runner: QueryRunner,
    private readonly client: PoolClient,
  ) {}

  get hasBegun(): boolean {
    return this.beginning !== undefined;
  }

  /** Locks nothing and writes nothing. */
  async read<Row>(text: string, values: readonly unknown[]): Promise<Row[]> {
    return (await prepared(this.client, text, values)).rows as Row[];
  }

  async run<Row>(text: string, values: readonly unknown[]): Promise<Row[]> {
    await (this.beginning ??= this.runner.startTransaction());
    return this.read(text, values);
  }
}
