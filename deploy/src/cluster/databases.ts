import { Client } from 'pg';
import { type DatabaseRoles, makeRoles } from '../launch/database-roles';
import { type Service, SERVICES } from './topology';

const DUPLICATE_DATABASE = '42P04';

const nameOf = (service: string): string => `caretab_${service.replaceAll('-', '_')}`;

/** Where a service's own database is on the server. */
export const databaseUrlOf = (serverUrl: string, service: string): string => {
  const url = new URL(serverUrl);
  url.pathname = `/${nameOf(service)}`;
  return url.href;
};

/** Makes a database for each service, and further ones that are named, where they are missing. */
export const makeDatabases = async (
  serverUrl: string,
  ...further: readonly string[]
): Promise<void> => {
  const client = new Client({ connectionString: serverUrl });
  await client.connect();
  try {
    for (const service of [...SERVICES, ...further] as readonly (Service | string)[]) {
      await client.query(`create database ${nameOf(service)}`).catch((error: { code?: string }) => {
        if (error.code !== DUPLICATE_DATABASE) throw error;
      });
    }
  } finally {
    await client.end();
  }
};

/** With what each service signs in at its database, and with what its migrations do. */
export interface ServiceDatabases {
  databaseUrlOf(service: Service): string;
  ownerUrlOf(service: Service): string;
}

/** Makes the roles of each service in its database: it owns nothing there. Again changes nothing. */
export const makeServiceRoles = async (serverUrl: string): Promise<ServiceDatabases> => {
  const roles = new Map<Service, DatabaseRoles>();
  for (const service of SERVICES)
    roles.set(service, await makeRoles(databaseUrlOf(serverUrl, service), [service]));
  return {
    databaseUrlOf: (service) => roles.get(service)!.serviceUrl(service),
    ownerUrlOf: (service) => roles.get(service)!.ownerUrl,
  };
};
