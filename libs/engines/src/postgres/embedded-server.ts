import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, portTaken } from '../free-port';
import { serverEnvironment } from './embedded-binaries';
import { lastLines, type Site } from './embedded-cluster';
import { readPidFile } from './embedded-owner';

const START_TIMEOUT_MS = 60_000;

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

/** Starts the server on a cluster, and resolves when it is ready. */
export const startServer = async (
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
  if (/Address already in use/.test(output)) return portTaken(port);
  const fatal = /(?:FATAL|PANIC):\s+(.*)/.exec(output)?.[1] ?? lastLines(output);
  const remedy = `see ${join(dataDir, 'server.log')}; if the data is broken, restore a backup or remove the folder`;
  return new Error(`PostgreSQL does not start on ${dataDir} (${fatal}): ${remedy}.`);
};
