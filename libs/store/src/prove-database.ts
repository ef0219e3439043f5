import { CannotStart } from '@caretab/kernel';
import { Client, type ClientBase, escapeIdentifier } from 'pg';
import { connectRefused, type NamedUrl } from './connect-refused';
import { lackingOf, type Right } from './database-rights';
import { databaseOf, userOf } from './rights';
import { proveSessions, startupOptions } from './session';

const CONNECT_TIMEOUT_MS = 10_000;
/** The oldest that was tried. */
const VERSION_MIN = 15;

/** What a server says of itself to one who signed in. */
export interface Server {
  readonly version: number;
  readonly replica: boolean;
  readonly readonly: boolean;
  /** Where that is set, as `pg_settings` names it. */
  readonly readonlyBy: string;
  readonly encoding: string;
}

const SERVER = `
  select current_setting('server_version_num')::int / 10000 as version,
    pg_is_in_recovery() as replica,
    setting::boolean as readonly, source as "readonlyBy",
    current_setting('server_encoding') as encoding
  from pg_settings where name = 'default_transaction_read_only'`;

/**
 * Connects, and reads whether the server can be worked with, before anything is written. Throws
 * CannotStart with a sentence that says what is wrong and what to do.
 */
export const proveDatabase = async (
  named: NamedUrl,
  rights: readonly Right[] = [],
): Promise<void> => {
  const first = await connected(named);
  try {
    await demandServer(first, named);
    const second = await connected(named);
    try {
      await proveSessions(first, second, named.setting);
    } finally {
      await second.end();
    }
    await demand(first, named, rights);
  } catch (error) {
    throw connectRefused(error, named);
  } finally {
    await first.end();
  }
};

/** Throws CannotStart where the server cannot be worked with. */
export const demandServer = async (client: ClientBase, named: NamedUrl): Promise<void> => {
  const { rows } = await client.query<Server>(SERVER);
  const fault = serverFault(rows[0]!, named.url);
  if (fault !== undefined) throw new CannotStart(`${named.setting}: ${fault}`);
};

/** Throws CannotStart where a right is missing, or one is too many. */
export const demand = async (
  client: Client,
  { setting }: Pick<NamedUrl, 'setting'>,
  rights: readonly Right[],
): Promise<void> => {
  const lacking = await lackingOf(async (text) => (await client.query(text)).rows as never, rights);
  if (lacking.length === 0) return;
  const [faults, statements] = [
    lacking.map(({ otherwise }) => otherwise),
    lacking.map(({ statement }) => statement),
  ];
  throw new CannotStart(`${setting}: ${faults.join('; ')}. Run: ${statements.join(' ')}`);
};

const connected = async (named: NamedUrl): Promise<Client> => {
  try {
    const client = new Client({
      connectionString: named.url,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      application_name: 'caretab start',
      // As every session of ours begins: a pooler may refuse that.
      options: startupOptions({ jit: 'off' }),
    });
    client.on('error', () => undefined); // The query under way rejects with the same error.
    await client.connect();
    return client;
  } catch (error) {
    throw connectRefused(error, named);
  }
};

/** What takes the setting away, by where it is set. */
const writableAgain = (source: string, url: string): string => {
  const [database, role] = [databaseOf(url), userOf(url)].map((name) => escapeIdentifier(name));
  const reset = 'reset default_transaction_read_only';
  if (source === 'database') return `alter database ${database} ${reset};`;
  if (source === 'user') return `alter role ${role} ${reset};`;
  if (source === 'database user') return `alter role ${role} in database ${database} ${reset};`;
  return 'alter system set default_transaction_read_only = off; select pg_reload_conf();';
};

/** Why a server cannot be worked with, and what to do; undefined where it can. */
export const serverFault = (server: Server, url: string): string | undefined => {
  const { hostname } = new URL(url);
  if (server.version < VERSION_MIN)
    return `PostgreSQL ${server.version} at ${hostname} is too old: use ${VERSION_MIN} or later`;
  if (server.replica)
    return `${hostname} is a replica that can only be read: name the primary in the URL`;
  if (server.readonly)
    return (
      'transactions are read-only by default there. ' +
      `Run: ${writableAgain(server.readonlyBy, url)}`
    );
  if (server.encoding !== 'UTF8')
    return (
      `the database has the encoding ${server.encoding}. Make it again: create database ` +
      `${escapeIdentifier(databaseOf(url))} encoding 'UTF8' template template0;`
    );
  return undefined;
};
