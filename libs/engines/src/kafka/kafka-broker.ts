import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { isAlive } from '../file-lock';
import { portTaken } from '../free-port';
import type { KafkaJars } from './kafka-jars';
import { firstFault, HOST, javaArgs } from './kafka-settings';

const START_TIMEOUT_MS = 120_000;
const END_TIMEOUT_MS = 15_000;

/**
 * Stands between us and Java, in a session of its own: Ctrl-C reaches us alone, and when our end of
 * its pipe closes (also by kill -9) it ends the broker.
 */
const GUARD = `
const child = require('node:child_process').spawn(process.argv[1], process.argv.slice(2), {
  stdio: ['ignore', 'inherit', 'inherit'],
  windowsHide: true,
});
require('node:fs').writeFileSync('broker.json', JSON.stringify({ parent: process.ppid, broker: child.pid }));
const stop = () => { child.kill('SIGTERM'); setTimeout(() => child.kill('SIGKILL'), 15000).unref(); };
process.stdin.on('data', () => child.kill('SIGKILL')).on('end', stop).on('error', stop);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
child.on('error', (error) => { console.error('ERROR ' + error.message); process.exit(1); });
child.on('exit', (code) => process.exit(code ?? 1));`;

interface Running {
  readonly parent: number;
  readonly broker: number;
}

/**
 * After a restart of the machine the pid may belong to anything; a broker names its settings on its
 * command line.
 */
const isBrokerOf = (pid: number, dataDir: string): boolean => {
  if (!isAlive(pid)) return false;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(
      join(dataDir, 'server.properties'),
    );
  } catch {
    return process.platform !== 'linux';
  }
};

/**
 * Refuses a folder whose broker is someone's; a broker that outlived the process that started it is
 * ended first.
 */
export const endOrphan = async (dataDir: string, log: (line: string) => void): Promise<void> => {
  const file = join(dataDir, 'broker.json');
  if (!existsSync(file)) return;
  const { parent, broker } = JSON.parse(readFileSync(file, 'utf8')) as Running;
  if (!isBrokerOf(broker, dataDir)) return;
  if (isAlive(parent))
    throw new Error(
      `The data folder ${dataDir} is in use by process ${parent}: stop that process first, or choose another folder.`,
    );
  log(`ending the Kafka that an earlier run left behind (process ${broker})`);
  process.kill(broker, 'SIGTERM');
  for (let waitedMs = 0; isBrokerOf(broker, dataDir); waitedMs += 50) {
    if (waitedMs > END_TIMEOUT_MS) process.kill(broker, 'SIGKILL');
    await sleep(50);
  }
};

/** Starts it, and resolves when it answers. */
export const startBroker = async (
  jars: KafkaJars,
  dataDir: string,
  settings: string,
  port: number,
): Promise<ChildProcess> => {
  const logFile = join(dataDir, 'broker.log');
  const output = openSync(logFile, 'w');
  const args = [
    ...javaArgs(jars, dataDir, ['-Xms256m', '-Xmx512m', '-XX:+UseG1GC', '-XX:MaxGCPauseMillis=20']),
    'kafka.Kafka',
    settings,
  ];
  const guard = spawn(process.execPath, ['-e', GUARD, '--', jars.java, ...args], {
    cwd: dataDir,
    stdio: ['pipe', output, output],
    detached: true,
    windowsHide: true,
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  closeSync(output);
  guard.stdin!.on('error', () => undefined);
  const givenUpAt = performance.now() + START_TIMEOUT_MS;
  while (guard.exitCode === null && guard.signalCode === null && performance.now() < givenUpAt) {
    if (await answers(port)) return guard;
    await sleep(100);
  }
  await end(guard, 'kill\n');
  const log = readFileSync(logFile, 'utf8');
  if (/BindException|Address already in use/.test(log)) throw portTaken(port);
  throw new Error(
    `Kafka does not start on ${dataDir} (${firstFault(log).slice(0, 300)}): see ` +
      `${logFile}; if the data is broken, remove the folder.`,
  );
};

const answers = async (port: number): Promise<boolean> => {
  const admin = new Kafka({
    brokers: [`${HOST}:${port}`],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 2000,
    requestTimeout: 2000,
    retry: { retries: 0 },
  }).admin();
  try {
    await admin.connect();
    await admin.listTopics();
    // Asking for a group makes the broker create its topic of offsets, so that the first consumer
    // need not wait for that.
    await admin.fetchOffsets({ groupId: 'caretab.ready', topics: [] });
    return (await admin.describeCluster()).brokers.length > 0;
  } catch {
    return false;
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
};

/** Ends it with a word to its guard, or in order without one. */
export const end = async (guard: ChildProcess, word: string): Promise<void> => {
  if (guard.exitCode !== null || guard.signalCode !== null) return;
  const ended = new Promise((done) => guard.once('exit', done));
  guard.stdin!.end(word);
  await ended;
};
