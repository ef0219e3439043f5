import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { realpath, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  checkVersion,
  initialize,
  makeDataDir,
  prepare,
  readPassword,
  USER,
} from './embedded-cluster';
import { stopOrphan, takeOwnership } from './embedded-owner';
import { startServer } from './embedded-server';

export interface EmbeddedPostgresOptions {
  /**
   * Ours alone: the cluster, its password (0600), the server's log, and who runs it. Made when
   * missing.
   */
  readonly dataDir: string;
  /** A free one when 0 or absent. */
  readonly port?: number;
  readonly log?: (line: string) => void;
  /**
   * true (default): a commit is on disk. false: fast, for tests; a crash of the machine may break
   * the data.
   */
  readonly durable?: boolean;
}

export interface EmbeddedPostgres {
  /** `postgres://caretab:<password>@127.0.0.1:<port>/postgres`, a superuser. */
  readonly url: string;
  /** Fast shutdown (open transactions are rolled back), awaited. Repeatable. */
  stop(): Promise<void>;
  /**
   * Kills the server (kill -9), as a machine that fails: running transactions are lost, committed
   * ones are not.
   */
  kill(): Promise<void>;
}

/**
 * Starts a real PostgreSQL of our own on 127.0.0.1, from the npm binaries, as root (it drops to
 * `postgres` or `nobody`) or not. A server that an earlier, killed process left on this folder is
 * stopped first; a folder in use by a living process is refused. Every failure is an Error of one
 * line that says what to do.
 */
export const startEmbeddedPostgres = async (
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> => {
  const dataDir = resolve(options.dataDir);
  const log = options.log ?? (() => undefined);
  const durable = options.durable ?? true;
  await makeDataDir(dataDir);
  const giveBack = await takeOwnership(dataDir);
  try {
    const site = await prepare(dataDir, log);
    const password = await readPassword(dataDir);
    if (!existsSync(join(dataDir, 'cluster'))) await initialize(site, password, durable);
    const cluster = await realpath(join(dataDir, 'cluster'));
    checkVersion(dataDir, cluster, site.binaries);
    await stopOrphan(cluster, log);
    const { child, port } = await startServer({ ...site, cluster }, options.port ?? 0, durable);
    log(`PostgreSQL ${site.binaries.major} listens on 127.0.0.1:${port}`);
    return {
      url: `postgres://${USER}:${password}@127.0.0.1:${port}/postgres`,
      ...enders(child, giveBack),
    };
  } catch (error) {
    await giveBack();
    throw error;
  }
};

/**
 * Removes the data for good, wherever it lies; stops a server that was left on it. Nothing to
 * remove is fine.
 */
export const removeEmbeddedPostgres = async (
  options: Pick<EmbeddedPostgresOptions, 'dataDir' | 'log'>,
): Promise<void> => {
  const dataDir = resolve(options.dataDir);
  if (!existsSync(dataDir)) return;
  await takeOwnership(dataDir);
  const cluster = await realpath(join(dataDir, 'cluster')).catch(() => undefined);
  if (cluster) {
    await stopOrphan(cluster, options.log ?? (() => undefined));
    await rm(cluster, { recursive: true, force: true });
  }
  await rm(dataDir, { recursive: true, force: true });
};

/** The two ways to end it; whichever comes first is the one that happens. */
const enders = (
  child: ChildProcess,
  giveBack: () => Promise<void>,
): Pick<EmbeddedPostgres, 'stop' | 'kill'> => {
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  const onExit = () => child.kill('SIGINT');
  process.once('exit', onExit);
  let ending: Promise<void> | undefined;
  const end = async (signal: NodeJS.Signals) => {
    process.removeListener('exit', onExit);
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
      await ended;
    }
    await giveBack();
  };
  return { stop: () => (ending ??= end('SIGINT')), kill: () => (ending ??= end('SIGKILL')) };
};
