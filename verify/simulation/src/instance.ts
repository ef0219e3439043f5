import 'reflect-metadata';
import {
  Authors,
  type Bus,
  BusStrategy,
  OutboxRelay,
  Parked,
  TWIN_AUTHORS,
  twinKeyOf,
} from '@caretab/bus';
import { Hl7Door } from '@caretab/gateway';
import type { Store } from '@caretab/store';
import {
  Agreements,
  Backlog,
  Callers,
  Degradations,
  Jobs,
  OperatorKey,
  parseConfig,
  type ServiceDefinition,
  type ServiceParts,
  twinServices,
  twinTokensOf,
} from '@caretab/host';
import type { Logger } from '@caretab/telemetry';
import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ControllerDoor } from './controller-door';
import { citizenKey } from './citizen-key';
import type { Machine } from './machine';

/**
 * What a service runs on in the simulation: twins in the place of everything that is not its own
 * code.
 */
export interface Platform {
  readonly machine: Machine;
  readonly store: Store;
  readonly bus: Bus;
  /** What a planted bug has in the place of the check of authors. */
  readonly authors?: Pick<Authors, 'verify'> | undefined;
  readonly fetch: typeof globalThis.fetch;
  /** Twins of the ports that a service alone uses. */
  readonly ports: unknown;
  readonly env: Readonly<Record<string, string>>;
  nextId(): string;
  random(): number;
  tell(line: string): void;
}

/** A service at work: one process of it. */
export interface Instance {
  readonly door: ControllerDoor;
  readonly parked: Parked;
  /** The gateway's, over HL7; one frame's bytes in, the answers' texts out. */
  readonly hl7: Pick<Hl7Door, 'answers'> | undefined;
  /** Groups and topics that it consumes. */
  readonly consumers: readonly { readonly group: string; readonly topics: readonly string[] }[];
}

@Module({})
class ChassisModule {}
@Module({})
class RootModule {}

const RELAY_POLL_MS = 5_000;

const loggerOf = (tell: (line: string) => void): Logger => {
  const say =
    (level: string) =>
    (first: object | Error | string, second?: string): void =>
      tell(
        `  ${level}: ${typeof first === 'string' ? first : `${second ?? ''} ${JSON.stringify(first, plain)}`}`,
      );
  const log: Logger = {
    trace: () => undefined,
    debug: () => undefined,
    info: () => undefined,
    warn: say('warn'),
    error: say('error'),
    fatal: say('fatal'),
    child: () => log,
  };
  return log;
};

const plain = (_key: string, value: unknown): unknown =>
  value instanceof Error ? `${value.name}: ${value.message}` : value;

const RETRY_INTERVAL_MS = 2_000;

/**
 * Composes one service as the chassis does (stores, consumers, jobs, relay, in this order), on
 * twins and without a socket. Rejects when its start fails.
 */
export const startInstance = async (
  service: ServiceDefinition<any>,
  platform: Platform,
): Promise<Instance> => {
  const { machine, store, bus, fetch, ports } = platform;
  const { name } = service;
  const { clock } = machine;
  const logger = loggerOf((line) => platform.tell(`${line} (${machine.name})`));
  const jobs = new Jobs(machine, (job, err) => logger.warn({ job, err }, 'job failed'));
  const backlog = new Backlog();
  const agreements = new Agreements();
  const callers = new Callers()
    .add(new OperatorKey(undefined))
    .add(citizenKey)
    .add(twinServices([name], clock));
  const authors = platform.authors ?? new Authors(TWIN_AUTHORS, clock);
  const parts: ServiceParts<unknown> = {
    config: parseConfig(name, service.config, platform.env),
    store,
    bus,
    fetch,
    tokens: twinTokensOf(name, clock),
    clock,
    ids: { next: () => platform.nextId() },
    timers: machine,
    logger,
    backlog,
    degradations: new Degradations(),
    agreements,
    authors,
    callers,
    closes: () => undefined,
    database: { url: '', schema: name },
  };
  const module = await service.module(parts, ports);
  const strategy = new BusStrategy({
    bus,
    authors,
    stores: new Map([[name, store]]),
    clock,
    timers: machine,
    logger,
    random: platform.random,
  });
  const chassis: DynamicModule = {
    module: ChassisModule,
    global: true,
    providers: [
      { provide: Jobs, useValue: jobs },
      { provide: Backlog, useValue: backlog },
    ],
    exports: [Jobs, Backlog],
  };
  const app = await NestFactory.createMicroservice(
    { module: RootModule, imports: [chassis, module] },
    { strategy, logger: false, abortOnError: false },
  );
  await app.listen();
  new OutboxRelay({ store, bus, clock, timers: machine, logger, pollMs: RELAY_POLL_MS }).start();
  const signingKey = () => twinKeyOf(name);
  const parked = new Parked({ service: name, store, strategy, clock, authors, signingKey });
  jobs.every(`caretab.retry-held:${name}`, RETRY_INTERVAL_MS, () => parked.retryHeld());
  agreements.schedule(jobs);
  jobs.start();
  return {
    door: new ControllerDoor(
      controllersOf(module),
      (controller) => app.get<object>(controller, { strict: false }),
      callers,
    ),
    parked,
    hl7: name === 'gateway' ? app.get(Hl7Door, { strict: false }) : undefined,
    consumers: strategy.consumers(name),
  };
};

/** Of a service and of the modules that it is made of. */
const controllersOf = ({ controllers = [], imports = [] }: DynamicModule): Type<object>[] => [
  ...controllers,
  ...imports.flatMap((inner) => ('module' in inner ? controllersOf(inner) : [])),
];
