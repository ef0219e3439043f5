import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, statSync } from 'node:fs';
import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  realpath,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  canEnter,
  findBinaries,
  serverEnvironment,
  sharedFolder,
  unprivilegedUser,
  type Binaries,
  type ServerUser,
} from './embedded-binaries';
import { readPidFile, stopOrphan, takeOwnership } from './embedded-owner';

const USER = 'caretab';
const START_TIMEOUT_MS = 60_000;
const LOG_LINES_SHOWN = 3;

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

interface Site {
  readonly dataDir: string;
  /** The real path of the cluster: a folder in dataDir, or where its link leads. */
  readonly cluster: string;
  readonly user: ServerUser | undefined;
  readonly binaries: Binaries;
  readonly log: (line: string) => void;
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

const makeDataDir = async (dataDir: string): Promise<void> => {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o711 });
    await writeFile(join(dataDir, '.writable'), '');
    await rm(join(dataDir, '.writable'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(
      `Cannot write to the data folder ${dataDir} (${code}): give this user the right to, or choose another folder.`,
      { cause: error },
    );
  }
};

/** An existing cluster runs as the user who owns it, so that root and its creator can alternate. */
const prepare = async (dataDir: string, log: (line: string) => void): Promise<Site> => {
  const cluster = join(dataDir, 'cluster');
  const owner = existsSync(cluster) ? statSync(cluster) : undefined;
  const us = process.getuid?.();
  if (owner && us !== undefined && us !== 0 && owner.uid !== us) {
    throw new Error(
      `The data folder ${dataDir} belongs to another user (${owner.uid}): start as ` +
        'that user or as root, or choose another folder.',
    );
  }
  const user =
    us === 0 && owner && owner.uid !== 0 ? { uid: owner.uid, gid: owner.gid } : unprivilegedUser();
  return { dataDir, cluster, user, log, binaries: await findBinaries(user, log) };
};

const readPassword = async (dataDir: string): Promise<string> => {
  const file = join(dataDir, 'password');
  if (!existsSync(file)) {
    if (existsSync(join(dataDir, 'cluster'))) throw broken(dataDir, 'its password file is missing');
    await writeFile(file, randomBytes(24).toString('base64url'), { mode: 0o600, flag: 'wx' });
  }
  return (await readFile(file, 'utf8')).trim();
};

const broken = (dataDir: string, why: string): Error =>
  new Error(
    `The data folder ${dataDir} cannot be used (${why}): restore it from a backup, or remove it and start over.`,
  );

const checkVersion = (dataDir: string, cluster: string, { major }: Binaries): void => {
  const file = join(cluster, 'PG_VERSION');
  if (!existsSync(file) || !existsSync(join(cluster, 'global', 'pg_control')))
    throw broken(dataDir, 'files of the cluster are missing');
  const found = readFileSync(file, 'utf8').trim();
  if (found !== major) {
    const remedy = 'dump it with the old version and restore it into a new folder';
    throw new Error(
      `The data folder ${dataDir} was made by PostgreSQL ${found}, and this is ${major}: ${remedy}.`,
    );
  }
};

/**
 * A folder for the cluster that the server's user can reach; outside dataDir, and linked, when
 * dataDir lies below a closed home.
 */
const makeClusterFolder = async ({ dataDir, user, log }: Site): Promise<string> => {
  const inside = join(dataDir, 'cluster.new');
  await rm(inside, { recursive: true, force: true });
  if (user) await chmod(dataDir, 0o711);
  const reachable = canEnter(dataDir, user);
  const folder = reachable ? inside : await mkdtemp(join(await sharedFolder(), 'cluster-'));
  if (!reachable) log(`The database's user cannot enter ${dataDir}; its files lie in ${folder}`);
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o700);
  if (user) await chown(folder, user.uid, user.gid);
  return folder;
};

/**
 * Made aside and then put in place with one rename, so that a killed start never leaves half a
 * cluster.
 */
const initialize = async (site: Site, password: string, durable: boolean): Promise<void> => {
  const { dataDir, user, binaries, log } = site;
  log('Creating the database cluster');
  if (await lstat(join(dataDir, 'cluster')).catch(() => undefined))
    throw broken(dataDir, 'the link to its cluster leads nowhere');
  const folder = await makeClusterFolder(site);
  const passwordFile = `${folder}.password`;
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (user) await chown(passwordFile, user.uid, user.gid);
  const locale = [
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
  ];
  const access = [`--username=${USER}`, '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  const result = spawnSync(
    join(binaries.folder, 'initdb'),
    ['-D', folder, ...locale, ...access, ...(durable ? [] : ['--no-sync'])],
    {
      ...user,
      cwd: folder,
      env: serverEnvironment,
      encoding: 'utf8',
    },
  );
  await rm(passwordFile, { force: true });
  if (result.status !== 0) {
    await rm(folder, { recursive: true, force: true });
    const why = result.error?.message ?? lastLines(result.stderr);
    throw new Error(
      `PostgreSQL cannot create its cluster in ${dataDir} (${why}): check the folder's rights and the free space.`,
    );
  }
  if (folder.startsWith(dataDir)) await rename(folder, join(dataDir, 'cluster'));
  else await symlink(folder, join(dataDir, 'cluster'));
};

const lastLines = (text: string): string =>
  text.trim().split('\n').slice(-LOG_LINES_SHOWN).join(' | ');

/**
 * Two cores, 200 connections. The log holds no statement and no value of a row: they may be
 * personal data.
 */
const settings = (port: number, durable: boolean): string[] => {
  const pairs: Record<string, string | number> = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 200,
    shared_buffers: '192MB',
    effective_cache_size: '1GB',
    work_mem: '8MB',
    maintenance_work_mem: '64MB',
    max_wal_size: '2GB',
    wal_buffers: '16MB',
    checkpoint_timeout: '15min',
    random_page_cost: 1.1,
    jit: 'off',
    max_parallel_workers_per_gather: 0,
    io_method: 'sync',
    timezone: 'UTC',
    fsync: durable ? 'on' : 'off',
    synchronous_commit: durable ? 'on' : 'off',
    full_page_writes: durable ? 'on' : 'off',
    logging_collector: 'off',
    log_destination: 'stderr',
    log_checkpoints: 'off',
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    ...(durable ? {} : { wal_level: 'minimal', max_wal_senders: 0 }),
  };
  return Object.entries(pairs).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
};

const freePort = (wanted: number): Promise<number> =>
  new Promise((resolvePort, reject) => {
    const probe = createServer();
    probe.once('error', ({ code, message }: NodeJS.ErrnoException) => {
      const why =
        code === 'EADDRINUSE'
          ? 'is taken'
          : code === 'EACCES'
            ? 'is not allowed to this user'
            : `cannot be used (${message})`;
      reject(
        new Error(
          `Port ${wanted} on 127.0.0.1 ${why}: stop what listens there, or choose another port.`,
        ),
      );
    });
    probe.listen({ host: '127.0.0.1', port: wanted, exclusive: true }, () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolvePort(port));
    });
  });

const startServer = async (
  site: Site,
  wanted: number,
  durable: boolean,
): Promise<{ child: ChildProcess; port: number }> => {
  const port = await freePort(wanted);
  const logFile = join(site.dataDir, 'server.log');
  await rm(logFile, { force: true });
  const output = openSync(logFile, 'w', 0o600);
  // A session of its own: Ctrl-C in the terminal reaches us alone, and the database ends after what
  // uses it.
  const child = spawn(
    join(site.binaries.folder, 'postgres'),
    ['-D', site.cluster, ...settings(port, durable)],
    {
      ...site.user,
      cwd: site.cluster,
      env: serverEnvironment,
      stdio: ['ignore', output, output],
      detached: true,
      windowsHide: true,
    },
  );
  closeSync(output);
  let fault: Error | undefined;
  child.once('error', (error) => (fault = error));
  const givenUpAt = performance.now() + START_TIMEOUT_MS;
  while (!fault && child.exitCode === null && child.signalCode === null) {
    const state = readPidFile(site.cluster);
    if (state?.pid === child.pid && state?.status === 'ready') return { child, port };
    if (performance.now() > givenUpAt) child.kill('SIGQUIT');
    await sleep(15);
  }
  throw startFault(site.dataDir, port, fault?.message ?? readFileSync(logFile, 'utf8'));
};

const startFault = (dataDir: string, port: number, output: string): Error => {
  if (/Address already in use/.test(output))
    return new Error(
      `Port ${port} on 127.0.0.1 is taken: stop what listens there, or choose another port.`,
    );
  const fatal = /(?:FATAL|PANIC):\s+(.*)/.exec(output)?.[1] ?? lastLines(output);
  const remedy = `see ${join(dataDir, 'server.log')}; if the data is broken, restore a backup or remove the folder`;
  return new Error(`PostgreSQL does not start on ${dataDir} (${fatal}): ${remedy}.`);
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
