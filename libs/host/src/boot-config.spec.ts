import { BootConfig, parseBootConfig } from './boot-config';
import { ConfigError } from './config';

const DATABASE = { DATABASE_URL: 'postgres://user@host:5432/credit' };
const KAFKA = { ...DATABASE, KAFKA_BROKERS: 'kafka-1:9092,kafka-2:9092' };
const SIGN_IN = {
  KAFKA_SASL_MECHANISM: 'scram-sha-512',
  KAFKA_SASL_USERNAME: 'credit',
  KAFKA_SASL_PASSWORD: 'only for tests',
};

const faultsOf = (env: Record<string, string>): readonly string[] => {
  try {
    parseBootConfig('credit', env);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).faults;
  }
  return [];
};

test('a service finds its database and one bus: Kafka, or PostgreSQL', () => {
  expect(parseBootConfig('credit', KAFKA)).toMatchObject({ ...KAFKA, KAFKA_SSL: false });
  expect(
    parseBootConfig('credit', { ...DATABASE, BUS_DATABASE_URL: 'postgresql://bus/bus' }),
  ).toMatchObject({ BUS_DATABASE_URL: 'postgresql://bus/bus' });
  expect(
    parseBootConfig('credit', {
      ...KAFKA,
      ...SIGN_IN,
      KAFKA_SSL: 'true',
      KAFKA_REPLICATION_FACTOR: '3',
      TOPIC_PARTITIONS_MAX: '4',
    }),
  ).toMatchObject({
    ...SIGN_IN,
    KAFKA_SSL: true,
    KAFKA_REPLICATION_FACTOR: 3,
    TOPIC_PARTITIONS_MAX: 4,
  });
});

test('neither bus, or both, is one fault that names the two', () => {
  expect(faultsOf(DATABASE)).toEqual([
    expect.stringMatching(/KAFKA_BROKERS or BUS_DATABASE_URL: exactly one .* neither is set/),
  ]);
  expect(faultsOf({ ...KAFKA, BUS_DATABASE_URL: 'postgres://bus/bus' })).toEqual([
    expect.stringMatching(/KAFKA_BROKERS or BUS_DATABASE_URL: exactly one .* both are set/),
  ]);
  expect(faultsOf({ ...KAFKA, BUS_DATABASE_URL: '' })).toEqual([]);
});

test('a sign-in by halves is a fault', () => {
  expect(faultsOf({ ...KAFKA, KAFKA_SASL_MECHANISM: 'plain' })).toEqual([
    expect.stringContaining('KAFKA_SASL_USERNAME'),
  ]);
  expect(faultsOf({ ...KAFKA, KAFKA_SASL_USERNAME: 'credit', KAFKA_SASL_PASSWORD: 'x' })).toEqual([
    expect.stringContaining('KAFKA_SASL_MECHANISM'),
  ]);
});

test.each([
  ['KAFKA_BROKERS', 'kafka'],
  ['KAFKA_BROKERS', 'kafka:9092, kafka:9093'],
  ['KAFKA_SASL_MECHANISM', 'gssapi'],
  ['KAFKA_REPLICATION_FACTOR', '0'],
  ['DATABASE_URL', 'mysql://x'],
])('%s=%s is a fault that names the variable', (name, value) => {
  expect(faultsOf({ ...KAFKA, [name]: value })).toEqual([
    expect.stringMatching(new RegExp(`^${name}: `)),
  ]);
});

test('every variable says what it is for, for whoever writes a manifest', () => {
  for (const [name, { description }] of Object.entries(BootConfig.properties))
    expect({ name, description }).toEqual({ name, description: expect.any(String) });
});
