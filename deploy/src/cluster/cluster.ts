import { join } from 'node:path';
import type { Bus } from '@caretab/bus';
import { identityRoutes } from '@caretab/contracts';
import { startOutsideWorld } from '@caretab/sandbox';
import { openBus, parseBootConfig } from '@caretab/host';
import { logger } from '@caretab/telemetry';
import { dayClockOf } from '../day/day-clock';
import { anchorPlacesOf } from '../launch/anchor-places';
import { keysOf, producersOf, SAMPLE_DAY } from '../launch/sample-day';
import { issuersOf, registrySecretsOf, secretsOf } from '../launch/secrets';
import type { Steps } from '../launch/steps';
import { type Broker, busOn, declareTopics, givenBroker, startOwnBroker } from './broker';
import type { ServiceDatabases } from './databases';
import { bindEngines, type Engines, OWN, POSTGRES } from './engines';
import { Fleet } from './fleet';
import { lifeOf, type Records } from './process-identity';
import type { Options } from './options';
import { givenPostgres, type Postgres, startOwnPostgres } from './postgres';
import { isListening } from './probe';
import { writeSite } from './site-file';
import { environmentOf, type Instance, instancesOf, type Service, type Site } from './topology';
import { watchOver } from './watchman';

export interface Cluster {
  readonly instances: readonly Instance[];
  readonly webhookUrl: string;
  readonly operatorKey: string;
  keyOf(institutionId: string): string;
  /** The bus as the hospital's own producer has it. */
  producerOf(institutionId: string): Bus;
  stop(): Promise<void>;
}

export interface ClusterParts {
  readonly steps: Steps;
  readonly records: Records;
  /** What to type to start a process again. */
  commandFor(name: string): string;
  readonly engines: Engines;
  /** Whether the folder was never started before. */
  readonly isNew: boolean;
  /** Whether the start was broken off; asked between its steps. */
  isInterrupted(): boolean;
}

/** Ctrl-C while it started. */
export class Interrupted extends Error {}

type Stops = (() => Promise<void>)[];

/**
 * Kafka and PostgreSQL side by side: each takes seconds of waiting. What was started is noted for
 * stopping even when the other fails.
 */
const startEngines = async (
  { dataDir, busOnPostgres }: Options,
  { steps, engines, isNew }: ClusterParts,
  stops: Stops,
): Promise<{ postgres: Postgres; broker: Broker }> => {
  const postgres = startPostgres({ dataDir, busOnPostgres }, { steps, engines, isNew }, stops);
  if (engines.kafka === POSTGRES)
    return { postgres: await postgres, broker: busOn(await postgres) };
  const starts = await Promise.allSettled([
    postgres,
    engines.kafka !== OWN
      ? givenBroker(process.env)
      : steps.step('Kafka', async (update) => {
          const broker = await startOwnBroker(dataDir, update);
          stops.push(() => broker.stop());
          return broker;
        }),
  ]);
  const failed = starts.find((start) => start.status === 'rejected');
  if (failed) throw failed.reason;
  const broker = (starts[1] as PromiseFulfilledResult<Broker>).value;
  return { postgres: await postgres, broker };
};

const startPostgres = (
  { dataDir, busOnPostgres }: Pick<Options, 'dataDir' | 'busOnPostgres'>,
  { steps, engines, isNew }: Pick<ClusterParts, 'steps' | 'engines' | 'isNew'>,
  stops: Stops,
): Promise<Postgres> =>
  engines.postgres !== undefined && engines.postgres !== OWN
    ? steps.step('PostgreSQL of yours', () => givenPostgres(process.env, { busOnPostgres, isNew }))
    : steps.step('PostgreSQL, a database per service', async (update) => {
        const postgres = await startOwnPostgres(dataDir, busOnPostgres, update);
        stops.push(() => postgres.stop());
        return postgres;
      });

/**
 * Starts Kafka, PostgreSQL, the sandbox outside world and every service as a process of its own.
 * When it fails, what it started is stopped.
 */
export const startCluster = async (options: Options, parts: ClusterParts): Promise<Cluster> => {
  const stops: Stops = [];
  const stop = async (): Promise<void> => {
    for (const each of stops.splice(0).reverse()) await each();
  };
  try {
    return { ...(await startAll(options, parts, stops)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

const startAll = async (
  options: Options,
  parts: ClusterParts,
  stops: Stops,
): Promise<Omit<Cluster, 'stop'>> => {
  const { steps, isInterrupted } = parts;
  const goOn = (): void => {
    if (isInterrupted()) throw new Interrupted('the start was broken off');
  };
  const { host, dataDir } = options;
  const clock = await dayClockOf(options, process.env['CLOCK_FILE']);
  const secrets: Readonly<Record<string, string>> = {
    ...secretsOf(join(dataDir, 'secrets.json')),
    ...(process.env['OPERATOR_KEY'] && { OPERATOR_KEY: process.env['OPERATOR_KEY'] }),
  };
  const launcher = lifeOf(process.pid);
  writeSite(dataDir, { launcher, instances: [] });
  const { postgres, broker } = await startEngines(options, parts, stops);
  goOn();
  const instances = instancesOf(options.replicas, options);
  const world = await steps.step('sandbox: acquirer, webhooks, messages, registries, mail', () =>
    startOutsideWorld({
      host,
      firstPort: options.port + 1,
      journalsDir: join(dataDir, 'sandbox'),
      acquirerSecret: secrets['PAYMENT_ACQUIRER_SECRET']!,
      webhookKey: secrets['NOTIFICATION_WEBHOOK_KEY']!,
      ...registrySecretsOf(secrets),
      publicData: publicDataOf(secrets, urlOf(host, instances, 'identity')),
      now: () => clock.now(),
    }),
  );
  stops.push(() => world.stop());
  const site = siteOf(options, {
    secrets,
    broker,
    world,
    databases: postgres.databases,
    instances,
    engines: parts.engines,
  });
  const bus = hospitalsBus(broker, postgres);
  stops.push(() => bus.close());
  const full = await steps.step('topics', () => declareTopics(bus, broker));
  const engines = parts.isNew
    ? { ...parts.engines, topicsWereEmpty: full.length === 0 }
    : parts.engines;
  if (!engines.topicsWereEmpty && !options.idle) throw new Error(strangers(engines, full));
  if (!engines.topicsWereEmpty) steps.line(`  ${strangers(engines, full)}`);
  bindEngines(dataDir, engines);
  goOn();
  const told = instances.map((instance) => ({
    ...instance,
    env: {
      LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'info',
      ...SAMPLE_DAY,
      CLOCK_FILE: clock.file,
      ...environmentOf(site, instance),
    },
  }));
  writeSite(dataDir, { launcher, instances: told });
  const fleet = new Fleet({
    dataDir,
    host,
    instances: told,
    records: parts.records,
    say: (line) => steps.line(line),
    commandFor: parts.commandFor,
  });
  stops.push(() => fleet.stop());
  await steps.step(`${instances.length} services, a process each`, (update) => fleet.start(update));
  goOn();
  stops.push(watchEngines({ broker, postgres }, (line) => steps.line(line)));
  const doors = { keyOf: keysOf(secrets), producerOf: producersOf(bus, secrets) };
  const operatorKey = secrets['OPERATOR_KEY']!;
  return { instances, webhookUrl: world.webhookUrl, operatorKey, ...doors };
};

/** The bus as the sample hospitals have it. */
const hospitalsBus = ({ env }: Broker, { databases }: Postgres): Bus => {
  const name = 'sample-hospitals';
  const settings = { ...env, DATABASE_URL: databases.databaseUrlOf('gateway') };
  return openBus(parseBootConfig(name, settings), name, logger(name));
};

const urlOf = (host: string, instances: readonly Instance[], service: Service): string =>
  `http://${host}:${instances.find((instance) => instance.service === service)!.port}`;

const publicDataOf = (secrets: Site['secrets'], identityUrl: string) => ({
  secret: secrets['IDENTITY_PUBLIC_DATA_SECRET']!,
  answersUrl: identityUrl + identityRoutes.answerPublicData.path,
});

const siteOf = (
  { host, dataDir }: Options,
  started: {
    readonly secrets: Site['secrets'];
    readonly broker: Broker;
    readonly world: Awaited<ReturnType<typeof startOutsideWorld>>;
    readonly databases: ServiceDatabases;
    readonly instances: readonly Instance[];
    readonly engines: Engines;
  },
): Site => ({
  host,
  secrets: started.secrets,
  bus: started.broker.env,
  acquirerUrl: started.world.acquirerUrl,
  smtpUrl: started.world.smtpUrl,
  smsUrl: started.world.smsUrl,
  appUrl: started.world.appUrl,
  publicDataUrl: started.world.publicDataUrl,
  sharedDataUrl: started.world.sharedDataUrl,
  centreUrl: started.world.centreUrl,
  creditPlatformUrl: started.world.creditPlatformUrl,
  bankUrl: started.world.bankUrl,
  settlementBankUrl: started.world.settlementBankUrl,
  issuers: issuersOf(started.world.issuersUrl, started.secrets),
  eventStore: eventStoreOf(process.env, started.engines),
  anchorPlaces: anchorPlacesOf(dataDir),
  urlOf: (service: Service) => urlOf(host, started.instances, service),
  ...started.databases,
});

/** Says when Kafka or PostgreSQL stops answering; returns what ends the watch. */
const watchEngines = (
  { broker, postgres }: { readonly broker: Broker; readonly postgres: Postgres },
  say: (line: string) => void,
): ReturnType<typeof watchOver> =>
  watchOver(
    [broker, { ...postgres, name: POSTGRES }].flatMap(({ name, advice, host, port }) =>
      name === undefined ? [] : [{ name, advice, answers: () => isListening(host, port) }],
    ),
    say,
  );

/** A day on topics with old messages would contain visits that were not played. */
const strangers = ({ kafka }: Engines, full: readonly string[]): string =>
  (kafka === POSTGRES ? 'The bus in PostgreSQL' : `Kafka at ${kafka}`) +
  ' holds messages of earlier days that this data folder knows ' +
  `nothing of, so the sample day cannot be played on it: ${full.join(', ')}. ` +
  (kafka === POSTGRES
    ? 'Drop the database of the bus there, make it again, and start with --fresh.'
    : 'Delete these topics there and start with --fresh, or leave KAFKA_BROKERS ' +
      `unset for a Kafka of the folder's own.`);

/** EVENTSTORE_… as given, with the folder's own namespace. */
const eventStoreOf = (
  env: NodeJS.ProcessEnv,
  { eventStoreNamespace }: Engines,
): Record<string, string> => {
  if (!env['EVENTSTORE_URL']) return {};
  const given = Object.entries(env).filter(
    ([name, value]) => name.startsWith('EVENTSTORE_') && value,
  );
  return { ...Object.fromEntries(given), EVENTSTORE_NAMESPACE: eventStoreNamespace };
};
