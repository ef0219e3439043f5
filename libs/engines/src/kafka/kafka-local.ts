import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { type KafkaJars, kafkaJars } from './kafka-jars';

const HOST = '127.0.0.1';
const START_TIMEOUT_MS = 120_000;
const END_TIMEOUT_MS = 15_000;

export interface LocalKafkaOptions {
  /**
   * Ours alone: the log segments, the settings and the broker's own log. Made when missing;
   * survives a restart.
   */
  readonly dataDir: string;
  /** A free one when 0 or absent. */
  readonly port?: number;
  readonly log?: (line: string) => void;
  /**
   * false (default): an acknowledged message survives the death of the broker, not a power cut
   * before the system wrote it out, as a single Kafka node is usually run. true: every write is on
   * disk before it is acknowledged.
   */
  readonly durable?: boolean;
  /**
   * A second listener, for clients behind a proxy of the caller: a client that connects to `port`
   * is redirected to `advertisedPort`, from where the caller's proxy forwards.
   */
  readonly behind?: SecondDoor;
}

export interface SecondDoor {
  readonly port: number;
  readonly advertisedPort: number;
}

export interface LocalKafka {
  readonly brokers: string[];
  /** Orderly shutdown, awaited. Repeatable. */
  stop(): Promise<void>;
  /** Ends the broker without a word (kill -9); what tests do. */
  kill(): Promise<void>;
  /** Resolves when the broker is no more, for whatever reason. */
  readonly ended: Promise<void>;
}

/**
 * Starts one real Apache Kafka node (broker and controller in one process, KRaft) on loopback, as a
 * child of this process: it ends when this process ends, however that happens. Resolves when it
 * answers. Every failure is an Error of one line that says what to do.
 */
export const startLocalKafka = async (options: LocalKafkaOptions): Promise<LocalKafka> => {
  const log = options.log ?? (() => undefined);
  const jars = await kafkaJars(log);
  const dataDir = resolve(options.dataDir);
  await endOrphan(dataDir, log);
  const { behind, durable = false } = options;
  const [port, controllerPort] = [await freePort(options.port ?? 0), await freePort(0)];
  if (behind) await freePort(behind.port);
  const settings = writeSettings(dataDir, { port, controllerPort, durable, behind });
  if (!existsSync(join(dataDir, 'log', 'meta.properties'))) format(jars, dataDir, settings, log);
  log(`starting Apache Kafka ${jars.version}`);
  const broker = await startBroker(jars, dataDir, settings, port);
  log(`Apache Kafka ${jars.version} listens on ${HOST}:${port}`);
  const ended = new Promise<void>((resolveEnded) => broker.once('exit', () => resolveEnded()));
  return {
    brokers: [`${HOST}:${port}`],
    stop: () => end(broker, ''),
    kill: () => end(broker, 'kill\n'),
    ended,
  };
};

/**
 * One node: nothing to wait for when a group forms, nothing to replicate, few threads; topics come
 * from the declared list alone.
 */
const writeSettings = (
  dataDir: string,
  {
    port,
    controllerPort,
    durable,
    behind,
  }: { port: number; controllerPort: number; durable: boolean; behind: SecondDoor | undefined },
): string => {
  const listeners = [
    `PLAINTEXT://${HOST}:${port}`,
    ...(behind ? [`BEHIND://${HOST}:${behind.port}`] : []),
  ];
  const advertised = [
    `PLAINTEXT://${HOST}:${port}`,
    ...(behind ? [`BEHIND://${HOST}:${behind.advertisedPort}`] : []),
  ];
  const settings: Record<string, string | number> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@${HOST}:${controllerPort}`,
    listeners: [...listeners, `CONTROLLER://${HOST}:${controllerPort}`].join(','),
    'advertised.listeners': advertised.join(','),
    'inter.broker.listener.name': 'PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,BEHIND:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': join(dataDir, 'log').replaceAll('\\', '/'),
    'auto.create.topics.enable': 'false',
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 1000,
    'default.replication.factor': 1,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'num.network.threads': 2,
    'num.io.threads': 4,
    'num.recovery.threads.per.data.dir': 2,
    'background.threads': 2,
    'log.cleaner.dedupe.buffer.size': 16_777_216,
    'controlled.shutdown.enable': 'false',
    ...(durable ? { 'log.flush.interval.messages': 1 } : {}),
  };
  try {
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(join(dataDir, 'log4j2.properties'), logSettings);
    const file = join(dataDir, 'server.properties');
    writeFileSync(
      file,
      Object.entries(settings)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(''),
    );
    return file;
  } catch (error) {
    throw new Error(
      `Cannot write to the data folder ${dataDir} (${(error as NodeJS.ErrnoException).code}): ` +
        'give this user the right to, or choose another folder.',
      { cause: error },
    );
  }
};

const logSettings = `status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{ISO8601} %-5p %c{1}: %m%n
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
`;

const javaArgs = (jars: KafkaJars, dataDir: string, memory: readonly string[]): string[] => [
  ...memory,
  '-Djava.awt.headless=true',
  `-Dlog4j2.configurationFile=${join(dataDir, 'log4j2.properties')}`,
  '-cp',
  jars.classPath,
];

const format = (
  jars: KafkaJars,
  dataDir: string,
  settings: string,
  log: (line: string) => void,
): void => {
  log('formatting its storage');
  const clusterId = randomBytes(16).toString('base64url');
  const result = spawnSync(
    jars.java,
    [
      ...javaArgs(jars, dataDir, ['-Xmx128m', '-XX:TieredStopAtLevel=1']),
      'kafka.tools.StorageTool',
      'format',
      '-t',
      clusterId,
      '-c',
      settings,
    ],
    { encoding: 'utf8' },
  );
  if (result.status !== 0)
    throw new Error(
      `Kafka cannot format its storage in ${dataDir} (${firstFault(`${result.stderr}${result.stdout}`)}): ` +
        `check the folder's rights and the free space.`,
    );
};

const firstFault = (output: string): string =>
  /(?:ERROR|FATAL|Exception)[^\n]*/.exec(output)?.[0] ?? output.trim().split('\n').at(-1) ?? '';

/**
 * Stands between us and Java, in a session of its own: Ctrl-C reaches us alone, and when our end of
 * its pipe closes (also by kill -9) it ends the broker.
 */
const GUARD = `
const child = require('node:child_process').spawn(process.argv[1], process.argv.slice(2), { stdio: ['ignore', 'inherit', 'inherit'], windowsHide: true });
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

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

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
const endOrphan = async (dataDir: string, log: (line: string) => void): Promise<void> => {
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

const startBroker = async (
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
  const said = readFileSync(logFile, 'utf8');
  if (/BindException|Address already in use/.test(said)) throw taken(port);
  throw new Error(
    `Kafka does not start on ${dataDir} (${firstFault(said).slice(0, 300)}): see ` +
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

const end = async (guard: ChildProcess, word: string): Promise<void> => {
  if (guard.exitCode !== null || guard.signalCode !== null) return;
  const ended = new Promise((done) => guard.once('exit', done));
  guard.stdin!.end(word);
  await ended;
};

const taken = (port: number): Error =>
  new Error(`Port ${port} on ${HOST} is taken: stop what listens there, or choose another port.`);

const freePort = (wanted: number): Promise<number> =>
  new Promise((resolvePort, reject) => {
    const probe = createServer();
    probe.once('error', ({ code, message }: NodeJS.ErrnoException) =>
      reject(
        code === 'EADDRINUSE'
          ? taken(wanted)
          : new Error(
              `Port ${wanted} on ${HOST} cannot be used (${message}): choose another port.`,
            ),
      ),
    );
    probe.listen({ host: HOST, port: wanted, exclusive: true }, () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolvePort(port));
    });
  });
