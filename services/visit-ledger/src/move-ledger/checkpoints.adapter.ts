import { Client } from 'pg';
import type { ReadTo } from '../views/checkpoint.table';
import { MoveRefused, type ReaderCheckpoints } from './move';

const CONNECT_TIMEOUT_MS = 5_000;
const UNDEFINED_TABLE = '42P01';
const UNDEFINED_COLUMN = '42703';

const explained = (error: unknown, schema: string): unknown => {
  const { code } = error as { code?: string };
  if (code === UNDEFINED_TABLE)
    return new MoveRefused(
      `There are no checkpoints in the schema ${schema} of this database. Give the ` +
        `service's own database with --checkpoints, and its schema with --schema.`,
    );
  if (code === UNDEFINED_COLUMN)
    return new MoveRefused(
      'The checkpoints are of an older version. Start the service of this version once, and stop it.',
    );
  return error;
};

/** The readers' checkpoints in the service's own database. */
export class PgReaderCheckpoints implements ReaderCheckpoints {
  constructor(
    private readonly url: string,
    private readonly schema: string,
  ) {}

  /** Throws MoveRefused when this is no database of the service. */
  read(): Promise<readonly ReadTo[]> {
    return this.connected(
      async (client) =>
        (
          await client.query<ReadTo>(
            'select name, position, store, event_id as "eventId", before_it as before ' +
              `from "${this.schema}".checkpoint order by name`,
          )
        ).rows,
    );
  }

  async setAside(): ReturnType<ReaderCheckpoints['setAside']> {
    return this.connected(async (client) => {
      const { rows } = await client.query<{
        stream: string;
        revision: number;
        continuedIn: string | null;
      }>(
        'select stream, revision, continued_in as "continuedIn" ' +
          `from "${this.schema}".set_aside order by stream`,
      );
      return rows;
    });
  }

  replace(changes: Parameters<ReaderCheckpoints['replace']>[0]): Promise<void> {
    return this.connected(async (client) => {
      await client.query('begin');
      for (const { was, is } of changes) {
        const { rowCount } = await client.query(
          `update "${this.schema}".checkpoint set position = $1, store = $2, event_id = null, ` +
            'before_it = null where name = $3 and position = $4 and store = $5',
          [is.position, is.store, was.name, was.position, was.store],
        );
        if (rowCount !== 1)
          throw new MoveRefused(
            `The checkpoint "${was.name}" changed during the move: a visit-ledger service ` +
              'is running. Stop it and run this again.',
          );
      }
      await client.query('commit');
    });
  }

  private async connected<Result>(work: (client: Client) => Promise<Result>): Promise<Result> {
    const client = new Client({
      connectionString: this.url,
      application_name: 'caretab move-ledger',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    });
    client.on('error', () => undefined); // The query under way rejects with the same error.
    await client.connect();
    try {
      return await work(client);
    } catch (error) {
      throw explained(error, this.schema);
    } finally {
      await client.end();
    }
  }
}

/** Whether there is a ledger in a schema of PostgreSQL: opening one would make it. */
export const hasLedger = async ({
  url,
  schema,
}: {
  readonly url: string;
  readonly schema: string;
}): Promise<boolean> => {
  const client = new Client({
    connectionString: url,
    application_name: 'caretab move-ledger',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  await client.connect();
  try {
    return (
      await client.query<{ there: boolean }>('select to_regclass($1) is not null as there', [
        `${schema}.events`,
      ])
    ).rows[0]!.there;
  } finally {
    await client.end();
  }
};
