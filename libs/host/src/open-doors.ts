import type { Server } from 'node:http';
import { chassisRoutes, openapiOf } from '@caretab/contracts';
import { DomainError, systemClock, systemTimers } from '@caretab/kernel';
import { type Bus, BusStrategy, Parked, type WaitingPartition } from '@caretab/bus';
import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { activeTraceparent } from '@caretab/telemetry';
import { BookController, BooksByService } from './book';
import { AccessLog, AccessRecordController, AccessRecordsByService } from './access-records';
import { Agreements } from './agreement';
import { ApprovalController, ApprovalsByService, FourEyes } from './approval';
import { AgreementController, StoresByService } from './agreement/agreement.controller';
import { Backlog } from './backlog';
import { boundedDepth } from './body-depth';
import { Degradations } from './degradations';
import { ApiDocument, DocsController } from './docs.controller';
import { UI_FOLDER, UI_PATH } from './docs-page';
import { fenced } from './fence';
import { Health } from './health';
import { HealthController } from './health.controller';
import { listen, nestLog, requestLog } from './http-door';
import { Jobs } from './jobs';
import { LimitedHttp } from './limited-http';
import { OperatorController, ParkedByService } from './operator.controller';
import { PositionsController } from './positions.controller';
import { Positions, PositionsByService } from './positions';
import { brokenBody } from './problem.filter';
import { keepToRoutes } from './routes';
import { ServiceWatch, WATCH_INTERVAL_MS } from './service-watch';
import { throttled } from './throttled';
import type { Start } from './start';

@Module({})
class ChassisModule {}
@Module({})
class RootModule {}

/** A running request has so long to be answered when the platform stops. */
const REQUEST_GRACE_MS = 10_000;

/** A request for a token; the fence lets no other form in. */
const FORM_MAX = '32kb';

/** The interval between log lines about shed requests. */
const REPORT_INTERVAL_MS = 10_000;

const API_VERSION = '0.1.0';

/**
 * Composes the opened services into one Nest application and starts HTTP and consumers. Returns the
 * OpenAPI document of what runs. Throws PortUnavailable.
 */
export const openDoors = async (start: Start): Promise<Readonly<Record<string, unknown>>> => {
  const { options, config, log, stores, backlog, closing, doorkeepers } = start;
  const strategy = new BusStrategy({
    bus: options.bus,
    stores,
    clock: systemClock,
    timers: systemTimers,
    authors: start.authors,
    hospitals: () => start.busKeys.hospitals,
    logger: log,
  });
  const limits = {
    requestTimeoutMs: config.HTTP_REQUEST_TIMEOUT_MS,
    connectionsMax: config.HTTP_CONNECTIONS_MAX,
    refused: throttled(systemClock, REPORT_INTERVAL_MS, (count) =>
      log.warn({ count }, 'connection limit reached: HTTP connections refused'),
    ),
  };
  const fence = fenced({
    hosts: config.HTTP_ALLOWED_HOSTS?.split(',') ?? [],
    problems: start.problems,
  });
  const adapter = new LimitedHttp(limits, (inside) => fence(doorkeepers.inFrontOf(inside)));
  const positions = new PositionsByService();
  const app = await NestFactory.create<NestExpressApplication>(
    rootModule(start, strategy, positions),
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
  app.useBodyParser('urlencoded', { limit: FORM_MAX, extended: false });
  app.use(brokenBody);
  app.use(boundedDepth);
  app.disable('x-powered-by');
  app.disable('etag'); // Nobody keeps an answer that says `no-store`.
  if (options.metrics) app.use('/metrics', options.metrics);
  app.connectMicroservice({ strategy });
  for (const name of stores.keys())
    for (const group of strategy.groups(name))
      backlog.measure(`${name}.lag:${group}`, () =>
        lagOf(options.bus, group, strategy.topicsOf(group)),
      );
  start.jobs.every('caretab.hospital-topics', TOPICS_INTERVAL_MS, () => strategy.takeOver());
  watchServices(start, strategy);
  watchPositions(start, strategy, positions);
  const routes = keepToRoutes(app, {
    callers: start.callers,
    checksAnswers: config.HTTP_RESPONSE_CHECK,
    fourEyes: new FourEyes(start.approvals, (facts, text) => log.warn(facts, text)),
    accessLog: new AccessLog(start.accessRecords, activeTraceparent),
  });
  const document = app.get(ApiDocument);
  document.current = openapiOf([...routes, chassisRoutes.metrics], API_VERSION);
  app.useStaticAssets(UI_FOLDER, { prefix: UI_PATH, index: false });
  await app.init();
  await listen(server, config.HTTP_HOST, config.HTTP_PORT);
  await strategy.declare();
  for (const each of positions.values()) await each.begin();
  await app.startAllMicroservices();
  return document.current;
};

/** Between two looks for hospitals that have a topic of their own by now. */
const TOPICS_INTERVAL_MS = 2_000;

/** Between two looks for held keys whose time has come. */
const RETRY_INTERVAL_MS = 2_000;

const waitingAsDegradation = ({ group, topic, partition, why, since }: WaitingPartition) => ({
  what: `partition ${topic}/${partition} of ${group}`,
  why: `waits for what is away (${why})`,
  since,
});

/**
 * Gauges and `/health` of what waits in each service. How long something waits goes by the time of
 * the process, as parking does: the platform's clock may play another day.
 */
const watchServices = (start: Start, strategy: BusStrategy): void => {
  const { stores, backlog, jobs, degradations, parked } = start;
  for (const [service, store] of stores) {
    const approvals = start.approvals.of(service);
    const watch = new ServiceWatch({ service, store, backlog, approvals, clock: systemClock });
    watch.observe();
    degradations.report(service, () => [
      ...watch.degradations(),
      ...strategy.waiting(service).map(waitingAsDegradation),
    ]);
    jobs.every(`caretab.retry-held:${service}`, RETRY_INTERVAL_MS, () =>
      parked.get(service)!.retryHeld(),
    );
    // Not a job of the service: it is no work that its quiet waits for.
    jobs.every(`caretab.watch:${service}`, WATCH_INTERVAL_MS, () => watch.look());
  }
};

/** Compared before the consumers begin, and every fifteen seconds. */
const watchPositions = (
  { options, stores, jobs, degradations }: Start,
  strategy: BusStrategy,
  positions: PositionsByService,
): void => {
  for (const [service, store] of stores) {
    const own = new Positions({
      ...{ service, store, bus: options.bus, clock: systemClock },
      // Hospitals' own topics come while it runs.
      get consumers() {
        return strategy.consumers(service);
      },
    });
    own.observe();
    positions.set(service, own);
    degradations.report(service, () => own.degradations());
    jobs.every(`caretab.positions:${service}`, WATCH_INTERVAL_MS, () => own.look());
  }
};

const lagOf = async (bus: Bus, group: string, topics: readonly string[]): Promise<number> => {
  // No hospital has a topic of its own yet.
  if (topics.length === 0) return 0;
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
  start: Start,
  strategy: BusStrategy,
  positions: PositionsByService,
): DynamicModule => {
  const { jobs, backlog, degradations, agreements, stores, modules, parked, health, problems } =
    start;
  for (const [service, store] of stores)
    parked.set(
      service,
      new Parked({
        ...{ service, store, strategy, clock: systemClock, authors: start.authors },
        signingKey: () => start.busKeys.signingKeyOf(service),
      }),
    );
  const chassis: DynamicModule = {
    module: ChassisModule,
    global: true,
    providers: [
      { provide: Jobs, useValue: jobs },
      { provide: Backlog, useValue: backlog },
      { provide: Degradations, useValue: degradations },
      { provide: Agreements, useValue: agreements },
      { provide: StoresByService, useValue: stores },
      { provide: ParkedByService, useValue: parked },
      { provide: PositionsByService, useValue: positions },
      { provide: ApprovalsByService, useValue: start.approvals },
      { provide: AccessRecordsByService, useValue: start.accessRecords },
      { provide: BooksByService, useValue: start.books },
      { provide: Health, useValue: health },
      { provide: ApiDocument, useValue: new ApiDocument() },
      { provide: APP_FILTER, useValue: problems },
    ],
    exports: [
      ...[Jobs, Backlog, ParkedByService, PositionsByService, Agreements, StoresByService],
      ...[ApprovalsByService, AccessRecordsByService, BooksByService],
    ],
    controllers: [HealthController, DocsController],
  };
  return {
    module: RootModule,
    imports: [chassis, ...modules],
    controllers: [
      ...[AgreementController, PositionsController, OperatorController, ApprovalController],
      ...[AccessRecordController, BookController],
    ],
  };
};
