import 'reflect-metadata';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { chassisRoutes, DAY_MS, openapiOf, type Topic } from '@caretab/contracts';
import { DomainError, systemClock, systemIds, systemTimers } from '@caretab/kernel';
import {
  type Bus,
  BusStrategy,
  messagingMigrations,
  OutboxRelay,
  Parked,
  parkedTable,
} from '@caretab/bus';
import { TypeOrmStore } from '@caretab/store';
import { logger, type Logger, setLogLevel } from '@caretab/telemetry';
import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Backlog } from './backlog';
import { type ChassisConfig, parseChassisConfig } from './chassis-config';
import { Closing } from './closing';
import { collectFaults, parseConfig } from './config';
import { ApiDocument, DocsController, UI_FOLDER, UI_PATH } from './docs.controller';
import { Doorkeepers } from './doorkeepers';
import { Health } from './health';
import { HealthController } from './health.controller';
import { listen, nestLog, requestLog } from './http-door';
import { Jobs } from './jobs';
import { LimitedHttp } from './limited-http';
import { OperatorController, ParkedByService } from './operator.controller';
import { brokenBody, ProblemFilter } from './problem.filter';
import { keepToRoutes } from './routes';
import { throttled } from './throttled';
import type { ServiceDefinition, ServiceParts } from './service';

export interface StartOptions {
  /** One service in its own process, or several side by side. */
  readonly services: readonly ServiceDefinition<any>[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly bus: Bus;
  readonly topics: readonly Topic[];
  databaseUrl(service: string): string;
  readonly metrics?: (request: IncomingMessage, response: ServerResponse) => void;
  readonly progress?: (line: string) => void;
}

export interface RunningServices {
  readonly url: string;
  /** The OpenAPI document of what runs here. */
  readonly openApi: Readonly<Record<string, unknown>>;
  /** Doors first, then consumers, jobs, relays and stores; each completes its running work. */
  stop(): Promise<void>;
}

@Module({})
class ChassisModule {}
@Module({})
class RootModule {}

/** What a start gathers on its way. */
interface Start {
  readonly options: StartOptions;
  readonly config: ChassisConfig;
  readonly log: Logger;
  readonly closing: Closing;
  readonly jobs: Jobs;
  readonly backlog: Backlog;
  readonly stores: Map<string, TypeOrmStore>;
  readonly relays: OutboxRelay[];
  readonly modules: DynamicModule[];
  readonly problems: ProblemFilter;
  readonly doorkeepers: Doorkeepers;
  readonly parked: ParkedByService;
  readonly health: Health;
}

/**
 * Marks of handled messages are kept longer than any topic of the platform's daily work redelivers.
 */
const HANDLED_KEPT_MS = 30 * DAY_MS;
const PRUNE_INTERVAL_MS = 60 * 60 * 1000;

/** A running request has so long to be answered when the platform stops. */
const REQUEST_GRACE_MS = 10_000;

/** The interval between log lines about shed requests. */
const REPORT_INTERVAL_MS = 10_000;

const API_VERSION = '0.1.0';

const schemaOf = (service: string): string => service.replaceAll('-', '_');

/**
 * Opens each service's store, migrates it, composes the services into one Nest application, and
 * starts HTTP, consumers, relays and jobs, in this order. When it fails it closes what it opened.
 * Throws ConfigError with every fault of every service, PortUnavailable, or the adapter's own
 * one-line error when a database cannot be reached. The bus is the caller's.
 */
export const startServices = async (options: StartOptions): Promise<RunningServices> => {
  const { config, configs } = configsOf(options);
  setLogLevel(config.LOG_LEVEL);
  const log = logger('caretab');
  const closing = new Closing((what, err) => log.error({ what, err }, 'close failed'));
  const jobs = new Jobs(systemTimers, (job, err) =>
    log.error({ job, err }, 'job failed, retrying'),
  );
  const parked = new ParkedByService();
  const health = new Health({
    parked,
    bus: options.bus,
    topics: options.topics.map(({ name }) => name),
    timers: systemTimers,
  });
  const problems = new ProblemFilter((error) => log.error({ err: error }, 'unhandled error'));
  const start: Start = {
    options,
    config,
    log,
    closing,
    jobs,
    backlog: new Backlog(),
    stores: new Map(),
    relays: [],
    modules: [],
    problems,
    doorkeepers: new Doorkeepers(problems),
    parked,
    health,
  };
  try {
    for (const [index, service] of options.services.entries())
      await openService(start, service, configs[index]);
    jobs.every(
      'caretab.prune-bus',
      PRUNE_INTERVAL_MS,
      async () => (await options.bus.prune?.(), 0),
    );
    await options.bus.declare(
      options.topics.map(({ name, partitions, retentionMs }) => ({
        name,
        partitions,
        retentionMs,
      })),
    );
    closing.add(
      'relays',
      async () => void (await Promise.all(start.relays.map((relay) => relay.stop()))),
    );
    const openApi = await openDoors(start);
    for (const relay of start.relays) relay.start();
    jobs.start();
    health.isStarted = true;
    const url = urlOf(config);
    log.info({ services: [...start.stores.keys()], url }, 'started');
    return {
      url,
      openApi,
      stop: async () => ((health.isStarted = false), await closing.run(), log.info('stopped')),
    };
  } catch (error) {
    await closing.run();
    throw error;
  }
};

const urlOf = ({ HTTP_HOST: host, HTTP_PORT: port }: ChassisConfig): string =>
  `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

/** All of them before anything is opened, so that every fault stands in one message. */
const configsOf = ({
  services,
  env,
}: StartOptions): { config: ChassisConfig; configs: readonly unknown[] } => {
  const parses = [
    () => parseChassisConfig(env),
    ...services.map(
      ({ name, config }) =>
        () =>
          parseConfig(name, config, env),
    ),
  ];
  const [config, ...configs] = collectFaults<unknown>(
    services.length === 1 ? services[0]!.name : 'caretab',
    parses,
  );
  return { config: config as ChassisConfig, configs };
};

const openService = async (
  { options, config, closing, backlog, jobs, stores, relays, modules, doorkeepers, log }: Start,
  service: ServiceDefinition<any>,
  serviceConfig: unknown,
): Promise<void> => {
  const { name, tables, migrations } = service;
  const serviceLog = logger(name);
  const database = { url: options.databaseUrl(name), schema: schemaOf(name) };
  const store = await TypeOrmStore.open({
    ...database,
    tables: [...tables, parkedTable],
    migrations: [...messagingMigrations, ...migrations],
    poolMax: config.DATABASE_POOL_MAX,
    statementTimeoutMs: config.DATABASE_STATEMENT_TIMEOUT_MS,
  });
  closing.add(`${name}: store`, () => store.close());
  stores.set(name, store);
  const relay = new OutboxRelay({
    store,
    bus: options.bus,
    service: name,
    timers: systemTimers,
    logger: serviceLog,
  });
  relays.push(relay);
  jobs.every(
    `${name}.prune-handled`,
    PRUNE_INTERVAL_MS,
    async () => (
      await store.pruneHandled(new Date(systemClock.now().getTime() - HANDLED_KEPT_MS)),
      0
    ),
  );
  backlog.measure(`${name}.outbox`, () => relay.pending());
  const parts: ServiceParts<unknown> = {
    config: serviceConfig,
    store,
    database,
    backlog,
    bus: options.bus,
    fetch: globalThis.fetch,
    clock: systemClock,
    ids: systemIds,
    timers: systemTimers,
    logger: serviceLog,
    closes: (close) => closing.add(name, close),
    beforeBody: (keeper) => doorkeepers.add(keeper),
  };
  modules.push(await service.module(parts, await service.ports?.(parts)));
  log.info({ ready: name, schema: database.schema }, 'schema is ready');
  options.progress?.(`${name}: schema ${database.schema} is ready`);
};

/** HTTP and consumers. */
const openDoors = async (start: Start): Promise<Readonly<Record<string, unknown>>> => {
  const { options, config, log, stores, backlog, closing, doorkeepers } = start;
  const strategy = new BusStrategy({
    bus: options.bus,
    stores,
    clock: systemClock,
    timers: systemTimers,
    logger: log,
  });
  const limits = {
    requestTimeoutMs: config.HTTP_REQUEST_TIMEOUT_MS,
    connectionsMax: config.HTTP_CONNECTIONS_MAX,
    refused: throttled(systemClock, REPORT_INTERVAL_MS, (count) =>
      log.warn({ count }, 'connection limit reached: HTTP connections refused'),
    ),
  };
  const adapter = new LimitedHttp(limits, (inside) => doorkeepers.inFrontOf(inside));
  const app = await NestFactory.create<NestExpressApplication>(
    rootModule(start, strategy),
    adapter,
    { logger: nestLog(log), abortOnError: false, bodyParser: false },
  );
  const server = app.getHttpServer() as Server;
  closing.add('doors, consumers and jobs', async () => {
    const late = setTimeout(() => server.closeAllConnections(), REQUEST_GRACE_MS);
    await app.close().finally(() => clearTimeout(late));
  });
  app.use(requestLog(log, systemClock));
  app.use(doorkeepers.answerRefusals);
  app.useBodyParser('json', { limit: config.HTTP_BODY_MAX });
  app.use(brokenBody);
  app.disable('x-powered-by');
  if (options.metrics) app.use('/metrics', options.metrics);
  app.connectMicroservice({ strategy });
  for (const name of stores.keys())
    for (const { group, topics } of strategy.consumers(name))
      backlog.measure(`${name}.lag:${group}`, () => lagOf(options.bus, group, topics));
  const routes = keepToRoutes(app, {
    operatorKey: config.OPERATOR_KEY,
    internalToken: config.INTERNAL_TOKEN,
    checksAnswers: config.HTTP_RESPONSE_CHECK,
  });
  const document = app.get(ApiDocument);
  document.current = openapiOf([...routes, chassisRoutes.metrics], API_VERSION);
  app.useStaticAssets(UI_FOLDER, { prefix: UI_PATH, index: false });
  await app.init();
  await listen(server, config.HTTP_HOST, config.HTTP_PORT);
  await app.startAllMicroservices();
  return document.current;
};

const lagOf = async (bus: Bus, group: string, topics: readonly string[]): Promise<number> => {
  try {
    return await bus.lag(group, topics);
  } catch (error) {
    throw Object.assign(
      new DomainError('BUS_UNREACHABLE', 'unavailable', { group, remedy: 'try again later' }),
      { cause: error },
    );
  }
};

const rootModule = (
  { jobs, backlog, stores, modules, parked, health, problems }: Start,
  strategy: BusStrategy,
): DynamicModule => {
  for (const [name, store] of stores)
    parked.set(name, new Parked({ service: name, store, strategy, clock: systemClock }));
  const chassis: DynamicModule = {
    module: ChassisModule,
    global: true,
    providers: [
      { provide: Jobs, useValue: jobs },
      { provide: Backlog, useValue: backlog },
      { provide: ParkedByService, useValue: parked },
      { provide: Health, useValue: health },
      { provide: ApiDocument, useValue: new ApiDocument() },
      { provide: APP_FILTER, useValue: problems },
    ],
    exports: [Jobs, Backlog, ParkedByService],
    controllers: [HealthController, DocsController],
  };
  return { module: RootModule, imports: [chassis, ...modules], controllers: [OperatorController] };
};
