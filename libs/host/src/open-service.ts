import { SERVICE, ServiceTokens } from '@caretab/access';
import { DAY_MS } from '@caretab/contracts';
import { systemClock, systemIds, systemTimers } from '@caretab/kernel';
import { messagingMigrations, OutboxRelay, parkedTable, signingBus } from '@caretab/bus';
import { TypeOrmStore } from '@caretab/store';
import { logger } from '@caretab/telemetry';
import { accessMigrations, accessTables } from './access-records';
import { serviceAnchorKeysOf } from './anchors/service-anchors';
import { openAccessRecords } from './access-records/open-access-records';
import { openBook } from './book/open-book';
import { bookEntryTable } from './book';
import { followDatabase } from './database-clock';
import { Approvals, approvalTable, chassisMigrations } from './approval';
import {
  compareFingerprints,
  environmentOf,
  fingerprintMigrations,
  fingerprintTable,
  keepFingerprints,
  type KnownKeys,
  signingKeysOf,
} from './fingerprints';
import type { ServiceDefinition, ServiceParts } from './service';
import { PRUNE_INTERVAL_MS, type Start } from './start';

/**
 * Marks of handled messages are kept longer than any topic of the platform's daily work redelivers.
 */
const HANDLED_KEPT_MS = 30 * DAY_MS;
const MS_PER_S = 1000;

/** The database dates the marks; the platform's clock may be another. */
const marksKeptSince = (): Date => new Date(systemClock.now().getTime() - HANDLED_KEPT_MS);

/** Where a service's rows are. */
const placeOf = ({ options }: Start, service: string) => ({
  url: options.databaseUrl(service),
  ownerUrl: options.ownerUrl?.(service),
  schema: schemaOf(service),
});

/** Of the service, and of what the chassis does in its database. */
const knownKeysOf = (
  { config, busKeys }: Start,
  { name, book, knownKeys }: ServiceDefinition<any>,
  serviceConfig: any,
): readonly KnownKeys[] => [
  ...(config.ENVIRONMENT === undefined ? [] : [environmentOf(config.ENVIRONMENT)]),
  signingKeysOf([name, `${SERVICE}${name}`].map((author) => busKeys.signingKeyOf(author))),
  ...serviceAnchorKeysOf(config, { name, book }),
  ...(knownKeys?.(serviceConfig) ?? []),
];

/** Throws ConfigError where the database was written by other keys, or is another's. */
export const compareKeys = (
  start: Start,
  service: ServiceDefinition<any>,
  serviceConfig: unknown,
): Promise<void> =>
  compareFingerprints(
    { service: service.name, isAlone: start.options.services.length === 1 },
    placeOf(start, service.name),
    knownKeysOf(start, service, serviceConfig),
  );

const schemaOf = (service: string): string => service.replaceAll('-', '_');

/** Opens the service's store, migrates it, and composes the service with its relay and jobs. */
export const openService = async (
  start: Start,
  service: ServiceDefinition<any>,
  serviceConfig: unknown,
): Promise<void> => {
  const { options, config, closing, backlog, jobs, stores, relays, modules, log, clock } = start;
  const { name, tables, migrations, book } = service;
  const serviceLog = logger(name);
  const database = placeOf(start, name);
  const store = await TypeOrmStore.open({
    ...database,
    tables: [
      ...tables,
      ...[parkedTable, approvalTable, ...accessTables, fingerprintTable],
      ...(book ? [bookEntryTable] : []),
    ],
    migrations: [
      ...messagingMigrations,
      ...chassisMigrations,
      ...accessMigrations,
      ...fingerprintMigrations,
      ...migrations,
    ],
    poolMax: config.DATABASE_POOL_MAX,
    statementTimeoutMs: config.DATABASE_STATEMENT_TIMEOUT_MS,
  });
  closing.add(`${name}: store`, () => store.close());
  if (stores.size === 0) await followDatabase(start, store);
  stores.set(name, store);
  await keepFingerprints(name, store, knownKeysOf(start, service, serviceConfig));
  const lifetimeMs = config.APPROVAL_LIFETIME_S * MS_PER_S;
  const approvals = new Approvals({ store, clock: systemClock, ids: systemIds, lifetimeMs });
  start.approvals.set(name, approvals);
  jobs.every(`${name}.prune-approvals`, PRUNE_INTERVAL_MS, () => approvals.prune());
  openAccessRecords(start, { service: name, store, logger: serviceLog });
  if (book) openBook(start, { service: name, entries: book, store, logger: serviceLog });
  const bus = signingBus(options.bus, () => start.busKeys.signingKeyOf(name));
  const relay = new OutboxRelay({
    store,
    bus,
    service: name,
    timers: systemTimers,
    logger: serviceLog,
  });
  relays.push(relay);
  jobs.every(
    `${name}.prune-handled`,
    PRUNE_INTERVAL_MS,
    async () => (await store.pruneHandled(marksKeptSince()), 0),
  );
  backlog.measure(`${name}.outbox`, () => relay.pending());
  const parts: ServiceParts<unknown> = {
    config: serviceConfig,
    store,
    database,
    backlog,
    degradations: start.degradations,
    agreements: start.agreements,
    authors: start.authors,
    bus,
    fetch: globalThis.fetch,
    tokens: new ServiceTokens({
      key: () => start.busKeys.signingKeyOf(`${SERVICE}${name}`),
      clock: systemClock,
    }),
    clock,
    ids: systemIds,
    timers: systemTimers,
    logger: serviceLog,
    closes: (close) => closing.add(name, close),
    keepKeys: (known) => keepFingerprints(name, store, [known]),
    callers: start.callers,
    beforeBody: (keeper) => start.doorkeepers.add(keeper),
  };
  start.degradations.report(name, () => start.agreements.degradations(name));
  modules.push(await service.module(parts, await service.ports?.(parts)));
  log.info({ ready: name, schema: database.schema }, 'schema is ready');
  options.progress?.(`${name}: schema ${database.schema} is ready`);
};
