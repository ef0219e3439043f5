import { join } from 'node:path';
import {
  type EmbeddedPostgres,
  type LocalKafka,
  startEmbeddedPostgres,
  startLocalKafka,
} from '@caretab/engines';
import { startOutsideWorld } from '@caretab/sandbox';
import { openBus, parseBootConfig } from '@caretab/host';
import { logger } from '@caretab/telemetry';
import {
  type Broker,
  databaseUrlOf,
  declareTopics,
  environmentOf,
  type Instance,
  instancesOf,
  keysOf,
  makeDatabases,
  makeServiceRoles,
  PARTITIONS,
  producersOf,
  type Records,
  secretsOf,
  type Service,
  type ServiceDatabases,
  SERVICES,
  type Site,
  type Steps,
  anchorPlacesOf,
} from '@caretab/deploy';
import { Api } from '@caretab/hospital';
import { Clocks } from './clocks';
import { Engine } from './engine';
import type { PlatformAccess } from './platform-access';
import { Proxies, PROXIES_FROM } from './proxies';
import { Supervisor } from './supervisor';
import { OtherHands } from './touched';
import { INSTITUTIONS } from './hospitals-people';

/**
 * Two of those in which processes could step on each other's toes: views and appends, money, and
 * the edge.
 */
const REPLICAS: ReadonlyMap<Service, number> = new Map([
  ['visit-ledger', 2],
  ['payment', 2],
  ['gateway', 2],
]);
/** Ports after the platform's first; its services have those right behind it. */
const PORTS = { mllp: 30, postgres: 34, kafka: 35, kafkaBehind: 36 };

/** Where the fight takes place: the whole platform, each part of it in the nemesis' hand. */
export interface SupervisedPlatform {
  readonly field: PlatformAccess;
  readonly instances: readonly Instance[];
  readonly supervisor: Supervisor;
  readonly postgres: Engine<EmbeddedPostgres>;
  readonly kafka: Engine<LocalKafka>;
  readonly lines: Proxies;
  readonly clocks: Clocks;
  /** What others did to the ledger's log. */
  readonly hands: OtherHands;
  /** The database server itself, beside the lines. */
  readonly postgresUrl: string;
  readonly host: string;
  stop(): Promise<void>;
}

export interface SupervisedPlatformOptions {
  readonly dataDir: string;
  readonly port: number;
  readonly records: Records;
  readonly steps: Steps;
  /** Throws when the start is to be broken off. */
  goOn(): void;
}

/**
 * A declined collection is retried at once; jobs poll rarely enough that the platform becomes idle
 * on a busy machine.
 */
const PACE = {
  // Hospitals come with keys that a replay of the seed knows again.
  IDENTITY_CHOSEN_KEYS: 'on',
  // Schedules of seconds: what waits when the faults are over is worked off before the judgement.
  PAYMENT_POLICY_FILE: join(__dirname, '../data/collection-policy.json'),
  PAYMENT_RETRY_DELAY_MS: '300',
  PAYMENT_COLLECT_INTERVAL_MS: '1000',
  PAYMENT_QUIET_HOURS: 'off',
  NOTIFICATION_DELIVER_INTERVAL_MS: '1000',
};
const HOST = '127.0.0.1';

/** Starts all of it; when that fails, what was started is stopped. */
export const startSupervisedPlatform = async (
  options: SupervisedPlatformOptions,
): Promise<SupervisedPlatform> => {
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const each of stops.splice(0).reverse())
      await each().catch((error: unknown) => options.steps.line(`✗ ${(error as Error).message}`));
  };
  try {
    return { ...(await startAll(options, stops)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

/** Institutions that write to the bus themselves. */
const PRODUCERS = INSTITUTIONS.flatMap(({ door, institutionId }) =>
  door === 'events' ? [institutionId] : [],
);

const startAll = async (
  options: SupervisedPlatformOptions,
  stops: (() => Promise<void>)[],
): Promise<Omit<SupervisedPlatform, 'stop'>> => {
  const { dataDir, port, records, steps, goOn } = options;
  const instances = instancesOf(REPLICAS, { port, mllpPort: port + PORTS.mllp });
  const secrets = secretsOf(join(dataDir, 'secrets.json'), PRODUCERS);
  const lines = await Proxies.open(instances, {
    host: HOST,
    firstPort: port + PROXIES_FROM,
    postgres: port + PORTS.postgres,
    kafka: port + PORTS.kafkaBehind,
  });
  stops.push(() => lines.close());
  const { postgres, kafka } = enginesOn(dataDir, port, lines.kafka.port);
  stops.push(
    () => postgres.stop(),
    () => kafka.stop(),
  );
  const [{ url: postgresUrl }] = await steps.step('PostgreSQL and Kafka', () =>
    together([postgres.start(), kafka.start()]),
  );
  goOn();
  await makeDatabases(postgresUrl);
  const databases = await makeServiceRoles(postgresUrl);
  const world = await startOutsideWorld({
    host: HOST,
    firstPort: port + 1,
    journalsDir: join(dataDir, 'sandbox'),
    acquirerSecret: secrets['PAYMENT_ACQUIRER_SECRET']!,
    webhookKey: secrets['NOTIFICATION_WEBHOOK_KEY']!,
  });
  stops.push(() => world.stop());
  const broker = brokerAt(lines.kafka.port);
  const bus = openBus(
    parseBootConfig('the hospitals', { ...broker.env, DATABASE_URL: postgresUrl }),
    'hospitals',
    logger('hospitals'),
  );
  stops.push(() => bus.close());
  await declareTopics(bus, broker);
  goOn();
  const clocks = new Clocks(dataDir);
  const site = siteOf({ secrets, lines, broker, world, databases, dataDir });
  const told = instances.map((instance) => ({
    ...instance,
    env: {
      LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'info',
      ...PACE,
      ...environmentOf(site, instance),
      CLOCK_OFFSET_FILE: clocks.fileOf(instance.name),
    },
  }));
  const supervisor = new Supervisor({
    dataDir,
    host: HOST,
    instances: told,
    records,
    say: (line) => steps.line(line),
  });
  stops.push(() => supervisor.stop());
  await steps.step(`${instances.length} processes of ${SERVICES.length} services`, (update) =>
    supervisor.start(update),
  );
  goOn();
  const field = accessTo({
    dataDir,
    secrets,
    lines,
    bus,
    webhookUrl: world.webhookUrl,
    postgresUrl,
  });
  const hands = new OtherHands();
  return {
    ...{ field, instances, supervisor, postgres, kafka, lines, clocks, hands },
    ...{ postgresUrl, host: HOST },
  };
};

/** Kafka as the services find it: at the end of a line that the nemesis can cut. */
const brokerAt = (port: number): Broker => ({
  env: { KAFKA_BROKERS: `${HOST}:${port}`, TOPIC_PARTITIONS_MAX: String(PARTITIONS) },
  host: HOST,
  port,
  advice: '',
  stop: async () => undefined,
});

/** Where each service finds the others, its database and the world outside: each behind a line. */
const siteOf = ({
  secrets,
  lines,
  broker,
  world,
  databases,
  dataDir,
}: {
  readonly secrets: Site['secrets'];
  readonly dataDir: string;
  readonly lines: Proxies;
  readonly broker: Broker;
  readonly world: Awaited<ReturnType<typeof startOutsideWorld>>;
  readonly databases: ServiceDatabases;
}): Site => ({
  host: HOST,
  secrets,
  bus: broker.env,
  acquirerUrl: world.acquirerUrl,
  smtpUrl: world.smtpUrl,
  anchorPlaces: anchorPlacesOf(dataDir),
  eventStore: {},
  urlOf: (service) => lines.urlsOf(service)[0]!,
  databaseUrlOf: (service) =>
    withPort(databases.databaseUrlOf(service), lines.databasePort(service)),
  ownerUrlOf: (service) => withPort(databases.ownerUrlOf(service), lines.databasePort(service)),
});

/** What hospitals and the audit need of the platform. */
const accessTo = ({
  dataDir,
  secrets,
  lines,
  bus,
  webhookUrl,
  postgresUrl,
}: {
  readonly dataDir: string;
  readonly secrets: Site['secrets'];
  readonly lines: Proxies;
  readonly bus: PlatformAccess['bus'];
  readonly webhookUrl: string;
  readonly postgresUrl: string;
}): PlatformAccess => {
  const journal = (of: string): string => join(dataDir, 'sandbox', `${of}.jsonl`);
  return {
    api: new Api((service) => lines.urlsOf(service), secrets['OPERATOR_KEY']),
    gatewayUrls: lines.urlsOf('gateway'),
    mllp: lines.mllp(),
    bus,
    webhookUrl,
    keyOf: keysOf(secrets),
    producerOf: producersOf(bus, secrets),
    databaseUrlOf: (service) => databaseUrlOf(postgresUrl, service),
    acquirerJournal: journal('acquirer'),
    webhookJournal: journal('webhooks'),
    mailJournal: journal('mail'),
    logsFolder: join(dataDir, 'logs'),
  };
};

const enginesOn = (
  dataDir: string,
  port: number,
  kafkaLine: number,
): Pick<SupervisedPlatform, 'postgres' | 'kafka'> => ({
  postgres: new Engine('PostgreSQL', () =>
    startEmbeddedPostgres({
      dataDir: join(dataDir, 'postgres'),
      port: port + PORTS.postgres,
      durable: true,
    }),
  ),
  kafka: new Engine('Kafka', () =>
    startLocalKafka({
      dataDir: join(dataDir, 'kafka'),
      port: port + PORTS.kafka,
      behind: { port: port + PORTS.kafkaBehind, advertisedPort: kafkaLine },
    }),
  ),
});

/** Waits for all, also when one fails: what is half started could not be stopped. */
const together = async <A, B>(works: [Promise<A>, Promise<B>]): Promise<[A, B]> => {
  const outcomes = await Promise.allSettled(works);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  return Promise.all(works);
};

const withPort = (url: string, port: number): string => {
  const moved = new URL(url);
  moved.port = String(port);
  return moved.href;
};
