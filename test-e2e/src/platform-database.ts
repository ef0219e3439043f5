import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import type { Address } from './platform';

const PORT_LINE = 3;

/** The platform's own PostgreSQL, as its data folder names it. */
const databaseOf = ({ dataDir }: Address): string => {
  const folder = join(dataDir, 'postgres');
  const password = readFileSync(join(folder, 'password'), 'utf8').trim();
  const port = readFileSync(join(folder, 'cluster', 'postmaster.pid'), 'utf8').split('\n');
  return `postgres://caretab:${password}@127.0.0.1:${port[PORT_LINE]!.trim()}/postgres`;
};

/** Works on the platform's database, behind its doors. */
export const inDatabase = async <Result>(
  address: Address,
  work: (client: Client) => Promise<Result>,
): Promise<Result> => {
  const client = new Client({ connectionString: databaseOf(address) });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
};

const copyOf = (schema: string): string => `${schema}_copy`;

const tablesOf = async (client: Client, schema: string): Promise<readonly string[]> => {
  const { rows } = await client.query<{ name: string }>(
    'select tablename as name from pg_tables where schemaname = $1',
    [schema],
  );
  return rows.map(({ name }) => `"${name}"`);
};

/** Triggers that also fire for a restore, as those that keep events as they are. */
const triggersOf = async (
  client: Client,
  schema: string,
): Promise<readonly { readonly table: string; readonly name: string }[]> => {
  const { rows } = await client.query<{ table: string; name: string }>(
    `select relname as table, tgname as name from pg_trigger join pg_class c on c.oid = tgrelid
       where tgenabled = 'A' and relnamespace = $1::regnamespace`,
    [schema],
  );
  return rows;
};

/** Copies every row and sequence of a service's schema at one moment. */
export const dumpSchema = (address: Address, schema: string): Promise<void> =>
  inDatabase(address, async (client) => {
    await client.query('begin isolation level repeatable read');
    await client.query(`create schema ${copyOf(schema)}`);
    for (const table of await tablesOf(client, schema))
      await client.query(
        `create table ${copyOf(schema)}.${table} as select * from ${schema}.${table}`,
      );
    await client.query(
      `create table ${copyOf(schema)}.sequences as
         select sequencename as name, last_value from pg_sequences where schemaname = '${schema}'`,
    );
    await client.query('commit');
  });

/** Puts a service's schema back as it was copied; everything written since is gone. */
export const restoreSchema = (address: Address, schema: string): Promise<void> =>
  inDatabase(address, async (client) => {
    const tables = await tablesOf(client, schema);
    await client.query('begin');
    await client.query('set local session_replication_role = replica');
    const always = await triggersOf(client, schema);
    for (const { table, name } of always)
      await client.query(`alter table ${schema}.${table} disable trigger ${name}`);
    await client.query(`truncate ${tables.map((table) => `${schema}.${table}`).join(', ')}`);
    for (const table of tables)
      await client.query(
        `insert into ${schema}.${table} overriding system value select * from ${copyOf(schema)}.${table}`,
      );
    for (const { table, name } of always)
      await client.query(`alter table ${schema}.${table} enable always trigger ${name}`);
    await client.query(
      `select setval(format('%I.%I', '${schema}', name)::regclass, coalesce(last_value, 1),
                     last_value is not null) from ${copyOf(schema)}.sequences`,
    );
    await client.query('commit');
  });
