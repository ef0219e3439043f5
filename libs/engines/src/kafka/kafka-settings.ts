import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KafkaJars } from './kafka-jars';

export const HOST = '127.0.0.1';

export interface SecondDoor {
  readonly port: number;
  readonly advertisedPort: number;
}

/**
 * One node: nothing to wait for when a group forms, nothing to replicate, few threads; topics come
 * from the declared list alone.
 */
export const writeSettings = (
  dataDir: string,
  {
    port,
    controllerPort,
    durable,
    behind,
    otherwise = {},
  }: {
    port: number;
    controllerPort: number;
    durable: boolean;
    behind: SecondDoor | undefined;
    otherwise?: Readonly<Record<string, string>> | undefined;
  },
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
    ...otherwise,
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

/** The command line of Java before the program's name. */
export const javaArgs = (jars: KafkaJars, dataDir: string, memory: readonly string[]): string[] => [
  ...memory,
  '-Djava.awt.headless=true',
  `-Dlog4j2.configurationFile=${join(dataDir, 'log4j2.properties')}`,
  '-cp',
  jars.classPath,
];

/**
 * A cluster id as Kafka makes them: 16 random bytes in base64url, never with a hyphen first, which
 * the storage tool would take for an option.
 */
export const clusterIdOf = (bytes: Buffer): string =>
  bytes.toString('base64url').replace(/^-/, 'A');

/** Makes the broker's storage. */
export const format = (
  jars: KafkaJars,
  dataDir: string,
  settings: string,
  log: (line: string) => void,
): void => {
  log('formatting its storage');
  const clusterId = clusterIdOf(randomBytes(16));
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

/** The line of a program's output that says what is wrong. */
export const firstFault = (output: string): string =>
  /(?:ERROR|FATAL|Exception)[^\n]*/.exec(output)?.[0] ?? output.trim().split('\n').at(-1) ?? '';
