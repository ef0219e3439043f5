// The Kafka that the tests of the kafka tier share: one's own, a local one, or one in a container.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const require = createRequire(import.meta.url);
const IMAGE = 'apache/kafka:4.1.0';
const nothing = async () => undefined;

/**
 * `brokers` as KAFKA_BROKERS takes them, or undefined where no Kafka can be had; `whyNoLocal` when
 * this machine cannot run one of its own, `isBroken` when it should have been able to.
 */
export async function startBroker(say) {
  const { startLocalKafka } = require('../libs/engines/dist/kafka/kafka-local.js');
  const { whyNoLocalKafka } = require('../libs/engines/dist/kafka/kafka-jars.js');
  const whyNoLocal = whyNoLocalKafka();
  if (process.env.KAFKA_BROKERS) {
    say(`on the Kafka that KAFKA_BROKERS names: ${process.env.KAFKA_BROKERS}`);
    return { brokers: process.env.KAFKA_BROKERS, whyNoLocal, stop: nothing };
  }
  if (!whyNoLocal) return local(startLocalKafka, say);
  if (spawnSync('docker', ['info'], { stdio: 'ignore' }).status === 0)
    return { ...(await container(say)), whyNoLocal };
  return { brokers: undefined, whyNoLocal, stop: nothing };
}

async function local(startLocalKafka, say) {
  const dataDir = mkdtempSync(join(tmpdir(), 'caretab-kafka-'));
  const remove = () => rmSync(dataDir, { recursive: true, force: true });
  try {
    const kafka = await startLocalKafka({ dataDir, log: say });
    const stop = async () => {
      await kafka.stop();
      remove();
    };
    for (const signal of ['SIGINT', 'SIGTERM'])
      process.once(signal, () => stop().finally(() => process.exit(1)));
    return { brokers: kafka.brokers.join(','), whyNoLocal: undefined, stop };
  } catch (error) {
    remove();
    return { brokers: undefined, whyNoLocal: error.message, isBroken: true, stop: nothing };
  }
}

/** A broker must know the address it is reached at, so the port is chosen before it starts. */
async function container(say) {
  const { GenericContainer, Wait } = require('testcontainers');
  const port = await freePort();
  say(`starting ${IMAGE} in a container`);
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
  return { brokers: `localhost:${port}`, stop: () => started.stop() };
}

function freePort() {
  return new Promise((done, failed) => {
    const probe = createServer().once('error', failed);
    probe.listen(0, () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}
