import { join } from 'node:path';
import { payerIds } from '@caretab/benefits';
import { topicsFor } from '@caretab/contracts';
import { type Bus } from '@caretab/bus';
import { startLocalKafka } from '@caretab/engines';
import type { Postgres } from './postgres';
import { PARTITIONS } from './topology';

export interface Broker {
  /** For who watches it; none where it is the PostgreSQL that is watched already. */
  readonly name?: string;
  /** The bus settings of every process. */
  readonly env: Readonly<Record<string, string>>;
  readonly host: string;
  readonly port: number;
  /** What to do when it is gone. */
  readonly advice: string;
  stop(): Promise<void>;
}

const NAMES = [
  'KAFKA_BROKERS',
  'KAFKA_SSL',
  'KAFKA_SASL_MECHANISM',
  'KAFKA_SASL_USERNAME',
  'KAFKA_SASL_PASSWORD',
  'KAFKA_REPLICATION_FACTOR',
];

const KAFKA = 'Kafka';

/** A group without members: its lag is the whole topic. */
const NOBODY = 'caretab.start-cluster';

/** A Kafka of the folder's own, with as many partitions per topic as one machine can use. */
export const startOwnBroker = async (
  dataDir: string,
  log: (line: string) => void,
): Promise<Broker> => {
  const folder = join(dataDir, 'kafka');
  const kafka = await startLocalKafka({ dataDir: folder, log });
  const [host, port] = kafka.brokers[0]!.split(':') as [string, string];
  const env = { KAFKA_BROKERS: kafka.brokers.join(','), TOPIC_PARTITIONS_MAX: String(PARTITIONS) };
  return {
    name: KAFKA,
    env,
    host,
    port: Number(port),
    advice: `See ${join(folder, 'broker.log')}. Stop with Ctrl-C and start again: the day goes on where it was.`,
    stop: () => kafka.stop(),
  };
};

/** The Kafka that the environment names, whose topics are as the contracts declare them. */
export const givenBroker = (env: NodeJS.ProcessEnv): Broker => {
  const given = Object.fromEntries(
    NAMES.flatMap((name) => (env[name] ? [[name, env[name]]] : [])),
  ) as Record<string, string>;
  const [host = '', port = ''] = (given['KAFKA_BROKERS'] ?? '').split(',')[0]!.split(':');
  return {
    name: KAFKA,
    env: given,
    host,
    port: Number(port),
    advice: 'The services go on by themselves once it is back.',
    stop: async () => undefined,
  };
};

/** The bus on the PostgreSQL of the cluster: no Kafka. */
export const busOn = ({ host, port, advice, busUrl }: Postgres): Broker => ({
  env: { BUS_DATABASE_URL: busUrl!, TOPIC_PARTITIONS_MAX: String(PARTITIONS) },
  ...{ host, port, advice },
  stop: async () => undefined,
});

/** Declares the platform's topics, and returns how many messages each holds. */
export const declareTopics = async (bus: Bus, { env }: Broker): Promise<readonly string[]> => {
  const most = Number(env['TOPIC_PARTITIONS_MAX'] ?? Infinity);
  const topics = topicsFor(payerIds).map(({ name, partitions, retentionMs }) => ({
    name,
    retentionMs,
    partitions: Math.min(partitions, most),
  }));
  await bus.declare(topics);
  const counts = await Promise.all(
    topics.map(async ({ name }) => ({ name, count: await bus.lag(NOBODY, [name]) })),
  );
  return counts.filter(({ count }) => count > 0).map(({ name, count }) => `${name} (${count})`);
};
