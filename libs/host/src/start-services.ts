import 'reflect-metadata';
import { createPublicKey } from 'node:crypto';
import { SERVICE, ServiceAuthenticator } from '@caretab/access';
import { Authors, BusKeys, BusKeysRefused, isAway, outageCauseOf, reasonOf } from '@caretab/bus';
import { Outages, systemClock, systemTimers } from '@caretab/kernel';
import { type Logger, logger, setLogLevel } from '@caretab/telemetry';
import { AccessRecordsByService } from './access-records';
import { Agreements } from './agreement';
import { ApprovalsByService } from './approval';
import { BooksByService } from './book';
import { Backlog } from './backlog';
import { Callers } from './callers';
import { Degradations } from './degradations';
import { type ChassisConfig, isLoopback, parseChassisConfig } from './chassis-config';
import { Closing } from './closing';
import { collectFaults, ConfigError, parseConfig } from './config';
import { Doorkeepers } from './doorkeepers';
import { fileClock } from './file-clock.adapter';
import { Health } from './health';
import { Jobs } from './jobs';
import { openDoors } from './open-doors';
import { compareKeys, openService } from './open-service';
import { OperatorKey } from './operator-key';
import { ParkedByService } from './operator.controller';
import { ProblemFilter } from './problem.filter';
import { tokenCallers } from './token-callers';
import { PRUNE_INTERVAL_MS, type Start, type StartOptions } from './start';

export interface RunningServices {
  readonly url: string;
  /** The OpenAPI document of what runs here. */
  readonly openApi: Readonly<Record<string, unknown>>;
  /** Doors first, then consumers, jobs, relays and stores; each completes its running work. */
  stop(): Promise<void>;
}

/**
 * Opens each service's store, migrates it, composes the services into one Nest application, and
 * starts HTTP, consumers, relays and jobs, in this order. When it fails it closes what it opened.
 * Throws ConfigError with every fault of every service, PortUnavailable, or the adapter's own
 * one-line error when a database cannot be reached. The bus is the caller's.
 */
export const startServices = async (options: StartOptions): Promise<RunningServices> => {
  const { config, configs } = configsOf(options);
  const busKeys = busKeysOf(options, config);
  setLogLevel(config.LOG_LEVEL);
  const log = logger('caretab');
  const closing = new Closing((what, err) => log.error({ what, err }, 'close failed'));
  const jobs = jobsOf(log);
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
    clock: config.CLOCK_FILE === undefined ? systemClock : fileClock(config.CLOCK_FILE),
    closing,
    jobs,
    busKeys,
    authors: new Authors(busKeys, systemClock),
    backlog: new Backlog(),
    degradations: new Degradations(),
    agreements: new Agreements(),
    stores: new Map(),
    relays: [],
    modules: [],
    problems,
    doorkeepers: new Doorkeepers(problems),
    callers: callersOf(options, { config, busKeys, jobs }),
    parked,
    approvals: new ApprovalsByService(),
    accessRecords: new AccessRecordsByService(),
    books: new BooksByService(),
    health,
  };
  try {
    // All of them before anything is written.
    for (const [index, service] of options.services.entries())
      await compareKeys(start, service, configs[index]);
    for (const [index, service] of options.services.entries())
      await openService(start, service, configs[index]);
    jobs.every(
      'caretab.prune-bus',
      PRUNE_INTERVAL_MS,
      async () => (await options.bus.prune?.(), 0),
    );
    jobs.every('caretab.bus-keys', BUS_KEYS_INTERVAL_MS, async () => (busKeys.reload(), 0));
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
    start.agreements.schedule(jobs);
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

const jobsOf = (log: Logger): Jobs => {
  const outages = new Outages(log, { what: 'job', level: 'error' });
  return new Jobs(
    systemTimers,
    (job, err) => {
      const facts = isAway(err) ? reasonOf(err) : { err };
      outages.failed(job, { job, ...facts }, outageCauseOf(err));
    },
    (job) => outages.worked(job),
  );
};

/** A key is added, ends or takes over within this, where a file holds the keys. */
const BUS_KEYS_INTERVAL_MS = 10_000;

/** Throws BusKeysRefused where an author has no key, or no reader would believe what it signs. */
const checkSigningKey = (keys: BusKeys, author: string): void => {
  const { kid, key } = keys.signingKeyOf(author);
  const known = keys.of(kid);
  if (known?.author === author && createPublicKey(key).equals(known.key)) return;
  throw new BusKeysRefused(
    'BUS_AUTHORS',
    `its key "${kid}" is not the public one of ${author} in BUS_SIGNING_KEYS, ` +
      'so that nothing it says would be believed (docs/runbooks/message-authors.md)',
  );
};

/** Throws ConfigError, also where a service has no key to sign with. */
const busKeysOf = (
  { services }: StartOptions,
  { BUS_SIGNING_KEYS: signingKeys, BUS_AUTHORS: authors }: ChassisConfig,
): BusKeys => {
  try {
    const keys = new BusKeys({ signingKeys, authors });
    for (const { name } of services)
      for (const author of [name, `${SERVICE}${name}`]) checkSigningKey(keys, author);
    return keys;
  } catch (error) {
    if (!(error instanceof BusKeysRefused)) throw error;
    throw new ConfigError('caretab', [error.message]);
  }
};

/** A service adds whom it alone can recognize. */
const callersOf = (
  { services }: StartOptions,
  { config, busKeys, jobs }: Pick<Start, 'config' | 'busKeys' | 'jobs'>,
): Callers => {
  // First: most requests are theirs, and a known token is only looked up.
  const callers = new Callers().add(
    new ServiceAuthenticator({
      keys: busKeys,
      audiences: services.map(({ name }) => name),
      clock: systemClock,
    }),
  );
  // Without a key who sends nothing is the operator: never where other machines ask.
  if (config.OPERATOR_KEY !== undefined || isLoopback(config.HTTP_HOST))
    callers.add(new OperatorKey(config.OPERATOR_KEY));
  return callers.add(
    tokenCallers(config.OIDC_ISSUER, { jobs, clock: systemClock, fetch: globalThis.fetch }),
  );
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
