import 'reflect-metadata';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Topic } from '@caretab/contracts';
import { type Bus, BusStrategy, MessagingTables1, OutboxRelay, Parked, parkedTable } from '@caretab/messaging';
import { TypeOrmStore } from '@caretab/postgres';
import { logger } from '@caretab/telemetry';
import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { Backlog } from './backlog';
import { ChassisConfig } from './chassis-config';
import { parseConfig } from './config';
import { HealthController } from './health.controller';
import { Jobs } from './jobs';
import { OperatorController, ParkedByService } from './operator.controller';
import { OperatorGuard } from './operator.guard';
import { ProblemFilter } from './problem.filter';
import type { ServiceDefinition } from './service';
import { systemClock, systemIds, systemTimers } from './system';

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
  readonly openApi: OpenAPIObject;
  stop(): Promise<void>;
}

@Module({})
class ChassisModule {}
@Module({})
class RootModule {}

const schemaOf = (service: string): string => service.replaceAll('-', '_');

/**
 * Opens each service's store, migrates it, composes the services into one Nest application, and starts HTTP, consumers, relays and jobs, in this order.
 * Throws ConfigError, or the adapter's own one-line error when a port is taken or a database cannot be reached.
 */
export const startServices = async (options: StartOptions): Promise<RunningServices> => {
  const config = parseConfig('caretab', ChassisConfig, options.env);
  const log = logger('caretab');
  const jobs = new Jobs(systemTimers, (job, error) => log.error({ job, err: error }, 'job failed, will try again'));
  const backlog = new Backlog();
  const parked = new ParkedByService();
  const stores = new Map<string, TypeOrmStore>();
  const relays: OutboxRelay[] = [];
  const modules: DynamicModule[] = [];

  for (const service of options.services) {
    const serviceConfig = parseConfig(service.name, service.config, options.env);
    const database = { url: options.databaseUrl(service.name), schema: schemaOf(service.name) };
    const store = await TypeOrmStore.open({ ...database, tables: [...service.tables, parkedTable], migrations: [MessagingTables1, ...service.migrations], poolMax: config.DATABASE_POOL_MAX });
    stores.set(service.name, store);
    const relay = new OutboxRelay({ store, bus: options.bus, timers: systemTimers, logger: logger(service.name) });
    relays.push(relay);
    backlog.measure(`${service.name}.outbox`, () => relay.pending());
    modules.push(await service.module({ config: serviceConfig, store, database, bus: options.bus, clock: systemClock, ids: systemIds, timers: systemTimers, backlog, logger: logger(service.name) }));
    options.progress?.(`${service.name}: schema ${database.schema} is ready`);
  }
  await options.bus.declare(options.topics.map(({ name, partitions, retentionMs }) => ({ name, partitions, retentionMs })));

  const strategy = new BusStrategy({ bus: options.bus, stores, clock: systemClock, timers: systemTimers, logger: log });
  for (const [name, store] of stores) parked.set(name, new Parked({ service: name, store, strategy, clock: systemClock }));

  const chassis: DynamicModule = {
    module: ChassisModule,
    global: true,
    providers: [
      { provide: Jobs, useValue: jobs },
      { provide: Backlog, useValue: backlog },
      { provide: ParkedByService, useValue: parked },
      { provide: APP_FILTER, useValue: new ProblemFilter((error) => log.error({ err: error }, 'unforeseen')) },
      { provide: APP_GUARD, useValue: new OperatorGuard({ operatorKey: config.OPERATOR_KEY, internalToken: config.INTERNAL_TOKEN }) },
    ],
    exports: [Jobs, Backlog, ParkedByService],
    controllers: [HealthController],
  };
  const operator: DynamicModule = { module: RootModule, imports: [chassis, ...modules], controllers: [OperatorController] };
  const app = await NestFactory.create<NestExpressApplication>(operator, { logger: ['error', 'warn'], abortOnError: false, bodyParser: false });
  app.useBodyParser('json', { limit: config.HTTP_BODY_MAX });
  app.disable('x-powered-by');
  if (options.metrics) app.use('/metrics', options.metrics);
  app.connectMicroservice({ strategy });
  const openApi = SwaggerModule.createDocument(app, new DocumentBuilder().setTitle('CareTab').setVersion('0.1').addBearerAuth().build());
  SwaggerModule.setup('docs', app, openApi, { customSiteTitle: 'CareTab API' });

  await app.listen(config.HTTP_PORT, config.HTTP_HOST);
  await app.startAllMicroservices();
  for (const [name] of stores) for (const { group, topics } of strategy.consumers(name)) backlog.measure(`${name}.lag:${group}`, () => options.bus.lag(group, topics));
  for (const relay of relays) relay.start();
  jobs.start();

  return {
    url: `http://${config.HTTP_HOST}:${config.HTTP_PORT}`,
    openApi,
    stop: async () => {
      await app.close();
      await Promise.all(relays.map((relay) => relay.stop()));
      await Promise.all([...stores.values()].map((store) => store.close()));
    },
  };
};
