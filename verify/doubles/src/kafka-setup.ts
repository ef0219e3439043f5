import globalSetup from './global-setup';
import { type KafkaForTests, startKafkaForTests } from './kafka-for-tests';

declare global {
  var caretabTestKafka: KafkaForTests | undefined;
}

/**
 * The set-up of tests that need PostgreSQL and a Kafka: one broker for all of them. With
 * KAFKA_BROKERS set, that Kafka is used and none is started.
 */
export default async function kafkaSetup(): Promise<void> {
  await globalSetup();
  if (process.env.KAFKA_BROKERS) return;
  const kafka = await startKafkaForTests((line) => process.stderr.write(`  ${line}\n`));
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= kafka.stop());
  globalThis.caretabTestKafka = { ...kafka, stop };
  process.env.KAFKA_BROKERS = kafka.brokers;
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void stop().finally(() => process.exit(1)));
}
