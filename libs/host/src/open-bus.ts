import { type Bus, type Log } from '@caretab/bus';
import { KafkaBus, type KafkaConnection } from '@caretab/bus-kafka';
import { PgBus } from '@caretab/bus-postgres';
import type { BootConfig } from './boot-config';

/**
 * Opens the bus that the environment names. `clientId`: which process this is, for the brokers'
 * logs and quotas.
 */
export const openBus = (config: BootConfig, clientId: string, logger: Log): Bus => {
  const { KAFKA_BROKERS, KAFKA_REPLICATION_FACTOR, BUS_DATABASE_URL } = config;
  if (!KAFKA_BROKERS) return new PgBus({ url: BUS_DATABASE_URL!, logger });
  return new KafkaBus({
    ...kafkaConnectionOf(config, clientId),
    logger,
    ...(KAFKA_REPLICATION_FACTOR !== undefined && { replicationFactor: KAFKA_REPLICATION_FACTOR }),
  });
};

/** How to reach the brokers that the environment names, and who signs in. */
export const kafkaConnectionOf = (
  {
    KAFKA_BROKERS,
    KAFKA_SSL: ssl,
    KAFKA_SASL_MECHANISM,
    KAFKA_SASL_USERNAME,
    KAFKA_SASL_PASSWORD,
  }: BootConfig,
  clientId: string,
): KafkaConnection => {
  const sasl = KAFKA_SASL_MECHANISM && {
    mechanism: KAFKA_SASL_MECHANISM,
    username: KAFKA_SASL_USERNAME!,
    password: KAFKA_SASL_PASSWORD!,
  };
  return {
    ...{ brokers: KAFKA_BROKERS!.split(','), clientId, ssl },
    // One shape per mechanism in kafkajs' types; the fields are the same.
    ...(sasl && { sasl: sasl as NonNullable<KafkaConnection['sasl']> }),
  };
};
