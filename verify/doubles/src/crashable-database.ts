import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type EmbeddedPostgres,
  removeEmbeddedPostgres,
  startEmbeddedPostgres,
} from '@caretab/engines';
import { Client } from 'pg';

export interface CrashableDatabase {
  readonly url: string;
  /** Kills the server (kill -9) and starts it again. What was not on disk yet is lost. */
  crash(): Promise<void>;
  drop(): Promise<void>;
}

/**
 * A durable PostgreSQL of a test's own. Its log is written in the background every ten seconds
 * instead of every 200 ms, so that a crash nearly always loses what was committed asynchronously.
 */
export const crashableDatabase = async (): Promise<CrashableDatabase> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'caretab-crash-'));
  let server: EmbeddedPostgres = await startEmbeddedPostgres({ dataDir });
  const { url } = server;
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query("alter system set wal_writer_delay = '10s'");
  await client.query('select pg_reload_conf()');
  await client.end();
  return {
    url,
    crash: async () => {
      await server.kill();
      server = await startEmbeddedPostgres({ dataDir, port: Number(new URL(url).port) });
    },
    drop: async () => {
      await server.stop();
      await removeEmbeddedPostgres({ dataDir });
    },
  };
};
