import { Client } from 'pg';
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
