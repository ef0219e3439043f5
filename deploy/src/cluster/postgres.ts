import { join } from 'node:path';
import { startEmbeddedPostgres } from '@caretab/engines';
import { connectRefused } from '@caretab/store';
import { Client, escapeLiteral } from 'pg';
import { passwordVariablesOf, rolesOf } from '../grants/postgres-grants';
import { makeRoles } from '../launch/database-roles';
import { databaseUrlOf, makeDatabases, makeServiceRoles, type ServiceDatabases } from './databases';
import { type Service, SERVICES } from './topology';

export interface Postgres {
  readonly databases: ServiceDatabases;
  /** Where topics are in it too. */
  readonly busUrl?: string | undefined;
  readonly host: string;
  readonly port: number;
  /** What to do when it is gone. */
  readonly advice: string;
  stop(): Promise<void>;
}

const BUS = 'bus';
const PORT = 5432;

/** A PostgreSQL of the folder's own, with a database per service. */
export const startOwnPostgres = async (
  dataDir: string,
  hasBus: boolean,
  log: (line: string) => void,
): Promise<Postgres> => {
  const server = await startEmbeddedPostgres({ dataDir: join(dataDir, 'postgres'), log });
  try {
    await makeDatabases(server.url, ...(hasBus ? [BUS] : []));
    const roles = hasBus ? await makeRoles(databaseUrlOf(server.url, BUS), []) : undefined;
    const { hostname, port } = new URL(server.url);
    return {
      databases: await makeServiceRoles(server.url),
      busUrl: roles?.busUrl,
      ...{ host: hostname, port: Number(port) },
      advice:
        `See ${join(dataDir, 'postgres/server.log')}. Stop with Ctrl-C and start ` +
        'again: the day goes on where it was.',
      stop: () => server.stop(),
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
};

/**
 * The PostgreSQL of POSTGRES_URL, with the roles and databases of `caretab grants postgres`. Throws
 * where a password is missing, and where a new folder would meet the data of another.
 */
export const givenPostgres = async (
  env: NodeJS.ProcessEnv,
  { busOnPostgres, isNew }: { readonly busOnPostgres: boolean; readonly isNew: boolean },
): Promise<Postgres> => {
  const variables = [
    ...SERVICES.flatMap((service) => Object.values(passwordVariablesOf(service))),
    ...(busOnPostgres ? [passwordVariablesOf(BUS).service] : []),
  ];
  const missing = variables.filter((name) => !env[name]);
  if (missing.length > 0)
    throw new Error(
      `POSTGRES_URL needs the passwords of its roles: ${missing.join(', ')}. ` +
        '`node deploy/secrets.mjs compose` makes them, `npm run --silent caretab -- grants postgres` ' +
        'the roles.',
    );
  const at = (role: string, password: string, database: string): string => {
    const url = new URL(env['POSTGRES_URL']!);
    Object.assign(url, { username: role, password: env[password]!, pathname: `/${database}` });
    return url.href;
  };
  const urlOf = (name: string, who: 'service' | 'owner'): string => {
    const roles = rolesOf(name, '');
    return at(roles[who], passwordVariablesOf(name)[who], roles.database);
  };
  const databases = {
    databaseUrlOf: (service: Service) => urlOf(service, 'service'),
    ownerUrlOf: (service: Service) => urlOf(service, 'owner'),
  };
  if (isNew) await refuseStrangers(databases);
  const { hostname, port } = new URL(env['POSTGRES_URL']!);
  return {
    databases,
    busUrl: busOnPostgres ? urlOf(BUS, 'service') : undefined,
    ...{ host: hostname, port: Number(port || PORT) },
    advice: 'The services go on by themselves once it is back.',
    stop: async () => undefined,
  };
};

/** Secrets are the folder's: what another one sealed, this one cannot read. */
const refuseStrangers = async ({ databaseUrlOf: urlOf }: ServiceDatabases): Promise<void> => {
  const full: string[] = [];
  for (const service of SERVICES) if (await isFull(urlOf(service), service)) full.push(service);
  if (full.length > 0)
    throw new Error(
      `The databases ${full.join(', ')} of POSTGRES_URL hold data that this data folder knows ` +
        'nothing of: start with the folder that they belong to (--data DIR), or drop them, make them ' +
        'again, and start with --fresh.',
    );
};

const isFull = async (url: string, service: Service): Promise<boolean> => {
  const client = new Client({ connectionString: url });
  try {
    await client.connect();
    const { rows } = await client.query<{ full: boolean }>(
      `select exists (select from pg_namespace where nspname = ${escapeLiteral(service.replaceAll('-', '_'))}) as full`,
    );
    return rows[0]!.full;
  } catch (error) {
    throw connectRefused(error, { url, setting: 'POSTGRES_URL' });
  } finally {
    await client.end();
  }
};
