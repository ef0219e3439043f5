import { type Static, Type } from '@sinclair/typebox';
import { ConfigError, type Environment, parseConfig } from './config';

const POSTGRES = '^postgres(ql)?://';
const MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;

/**
 * What a service that runs in a process of its own reads besides its own schema and the chassis'.
 */
export const BootConfig = Type.Object({
  DATABASE_URL: Type.String({ pattern: POSTGRES, description: "the service's own database" }),
  DATABASE_OWNER_URL: Type.Optional(
    Type.String({
      pattern: POSTGRES,
      description:
        'the same database as the role that owns the tables, for migrations; without it DATABASE_URL is',
    }),
  ),
  KAFKA_BROKERS: Type.Optional(
    Type.String({
      pattern: '^[^\\s,:]+:\\d+(,[^\\s,:]+:\\d+)*$',
      description: 'Kafka as the bus: host:port, several separated by commas',
    }),
  ),
  KAFKA_SSL: Type.Boolean({ default: false, description: 'TLS to the brokers' }),
  KAFKA_SASL_MECHANISM: Type.Optional(
    Type.Union(
      MECHANISMS.map((mechanism) => Type.Literal(mechanism)),
      { description: `how to sign in to the brokers: ${MECHANISMS.join(', ')}` },
    ),
  ),
  KAFKA_SASL_USERNAME: Type.Optional(Type.String({ description: 'who signs in to the brokers' })),
  KAFKA_SASL_PASSWORD: Type.Optional(Type.String({ description: 'with which secret' })),
  KAFKA_REPLICATION_FACTOR: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 15,
      description:
        'copies of each partition of a new topic; 3, or as many as there are brokers, when absent',
    }),
  ),
  BUS_DATABASE_URL: Type.Optional(
    Type.String({
      pattern: POSTGRES,
      description: 'a PostgreSQL database as the bus, in place of Kafka',
    }),
  ),
  TOPIC_PARTITIONS_MAX: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1000,
      description:
        'new topics get no more partitions, on a machine too small for what the contracts declare',
    }),
  ),
});
export type BootConfig = Static<typeof BootConfig>;

/**
 * Reads them. Throws ConfigError, also unless exactly one bus is named, and for a sign-in by
 * halves.
 */
export const parseBootConfig = (service: string, env: Environment): BootConfig => {
  const config = parseConfig(service, BootConfig, env);
  const faults: string[] = [];
  const {
    KAFKA_BROKERS,
    BUS_DATABASE_URL,
    KAFKA_SASL_MECHANISM,
    KAFKA_SASL_USERNAME,
    KAFKA_SASL_PASSWORD,
  } = config;
  if (!KAFKA_BROKERS === !BUS_DATABASE_URL)
    faults.push(
      'KAFKA_BROKERS or BUS_DATABASE_URL: exactly one of the two says where the bus ' +
        `is, and ${KAFKA_BROKERS ? 'both are' : 'neither is'} set`,
    );
  if (KAFKA_SASL_MECHANISM && !(KAFKA_SASL_USERNAME && KAFKA_SASL_PASSWORD))
    faults.push('KAFKA_SASL_MECHANISM: needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD');
  if (!KAFKA_SASL_MECHANISM && (KAFKA_SASL_USERNAME || KAFKA_SASL_PASSWORD))
    faults.push('KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD: need KAFKA_SASL_MECHANISM');
  if (faults.length > 0) throw new ConfigError(service, faults);
  return config;
};
