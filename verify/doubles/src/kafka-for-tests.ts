import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, kafkaJars, startLocalKafka } from '@caretab/engines';

const IMAGE = 'apache/kafka:4.1.0';

export interface KafkaForTests {
  /** As KAFKA_BROKERS takes them. */
  readonly brokers: string;
  stop(): Promise<void>;
}

const hasDocker = (): boolean =>
  spawnSync('docker', ['info'], { stdio: 'ignore', timeout: 10_000 }).status === 0;

/**
 * Why there is no Kafka for tests here, in one line that says what to do; undefined when there is
 * one: the one that KAFKA_BROKERS names, else a local one, else one in a container. It is started
 * once to know: Maven may reach no repository, and Docker no registry.
 */
export const whyNoKafka = async (log: (line: string) => void): Promise<string | undefined> => {
  try {
    // Tests that kill a Kafka want one of their own beside that of KAFKA_BROKERS.
    if (process.env.KAFKA_BROKERS) await kafkaJars(log).catch(() => undefined);
    else await (await startKafkaForTests(log)).stop();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
};

/** Starts a local Kafka, or one in a container. Throws with what to do where neither can be. */
export const startKafkaForTests = async (log: (line: string) => void): Promise<KafkaForTests> => {
  try {
    return await local(log);
  } catch (error) {
    if (!hasDocker()) throw error;
    log((error as Error).message);
    return container(log);
  }
};

const local = async (log: (line: string) => void): Promise<KafkaForTests> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'caretab-kafka-'));
  const remove = (): void => rmSync(dataDir, { recursive: true, force: true });
  try {
    const kafka = await startLocalKafka({ dataDir, log });
    return { brokers: kafka.brokers.join(','), stop: () => kafka.stop().finally(remove) };
  } catch (error) {
    remove();
    throw error;
  }
};

/** A broker must know the address it is reached at, so the port is chosen before it starts. */
const container = async (log: (line: string) => void): Promise<KafkaForTests> => {
  const { GenericContainer, Wait } = await import('testcontainers');
  const port = await freePort();
  log(`starting ${IMAGE} in a container`);
  const started = await new GenericContainer(IMAGE)
    .withExposedPorts({ container: 9092, host: port })
    .withEnvironment({
      KAFKA_NODE_ID: '1',
      KAFKA_PROCESS_ROLES: 'broker,controller',
      KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
      KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
      KAFKA_LISTENERS: 'PLAINTEXT://:9092,CONTROLLER://:9093',
      KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://localhost:${port}`,
      KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
      KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
      KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
      KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
      KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
      KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
    })
    .withWaitStrategy(Wait.forLogMessage(/Kafka Server started/))
    .start();
  return { brokers: `localhost:${port}`, stop: async () => void (await started.stop()) };
};
