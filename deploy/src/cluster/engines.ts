import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What is kept outside of a data folder belongs to the days that were played on it: a folder is
 * bound to its engines at its first start.
 */
export interface Engines {
  /** `its own`, the brokers that were given, or `PostgreSQL` where the bus is there. */
  readonly kafka: string;
  /** `its own`, or the server that was given; a folder of before has its own. */
  readonly postgres?: string;
  /**
   * Whether the platform's topics held nothing at the first start; only then is the sample day the
   * whole day.
   */
  readonly topicsWereEmpty: boolean;
  /** `PostgreSQL`, or the address that was given, without who signs in. */
  readonly eventStore: string;
  /**
   * What the names of its streams begin with in EventStoreDB, so that folders share a server
   * without meeting.
   */
  readonly eventStoreNamespace: string;
}

export const OWN = 'its own';
export const POSTGRES = 'PostgreSQL';

const pathOf = (dataDir: string): string => join(dataDir, 'engines.json');

/** Addresses without credentials: the file is for people to read. */
const withoutUser = (url: string): string => url.replace(/\/\/[^@/]*@/, '//');

/**
 * What the environment asks for. `random`: lower-case letters and digits, for a namespace of the
 * folder's own.
 */
export const enginesAskedFor = (
  env: NodeJS.ProcessEnv,
  random: string,
  { busOnPostgres }: { readonly busOnPostgres: boolean },
): Engines => ({
  kafka: busOnPostgres ? POSTGRES : env['KAFKA_BROKERS'] || OWN,
  postgres: env['POSTGRES_URL'] ? new URL(env['POSTGRES_URL']).host : OWN,
  topicsWereEmpty: true,
  eventStore: env['EVENTSTORE_URL'] ? withoutUser(env['EVENTSTORE_URL']) : POSTGRES,
  eventStoreNamespace: env['EVENTSTORE_NAMESPACE'] || `caretab_${random}`,
});

/**
 * The engines of the folder; undefined before its first start. Throws when others are asked for
 * now: half of the folder's days would be missing there.
 */
export const enginesOf = (dataDir: string, asked: Engines): Engines | undefined => {
  if (!existsSync(pathOf(dataDir))) return undefined;
  const bound = JSON.parse(readFileSync(pathOf(dataDir), 'utf8')) as Engines;
  const check = (what: string, was: string, is: string): void => {
    if (was !== is)
      throw new Error(
        `The data folder ${dataDir} was created with ${what} ${was}, and this start has ${is}: ` +
          `start with ${was}, or choose another folder with --data DIR, or start over with --fresh.`,
      );
  };
  const isBus = [bound.kafka, asked.kafka].includes(POSTGRES);
  check(isBus ? 'the bus on' : 'KAFKA_BROKERS', bound.kafka, asked.kafka);
  check('POSTGRES_URL', bound.postgres ?? OWN, asked.postgres ?? OWN);
  check('EVENTSTORE_URL', bound.eventStore, asked.eventStore);
  return bound;
};

export const bindEngines = (dataDir: string, engines: Engines): void => {
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(pathOf(dataDir), JSON.stringify(engines, null, 2));
};

/**
 * Of the embedded default, where the event store alone can be another's. A folder of before they were
 * bound keeps the namespace that it had.
 */
export const boundEngines = (
  dataDir: string,
  env: Readonly<Record<string, string | undefined>>,
  random: string,
): Engines => {
  const asked = enginesAskedFor({ ...env, POSTGRES_URL: undefined }, random, {
    busOnPostgres: true,
  });
  const bound = enginesOf(dataDir, asked);
  if (bound) return bound;
  const isOld = existsSync(join(dataDir, 'secrets.json'));
  const engines = {
    ...asked,
    ...(isOld && { eventStoreNamespace: env['EVENTSTORE_NAMESPACE'] || 'caretab' }),
  };
  bindEngines(dataDir, engines);
  return engines;
};
