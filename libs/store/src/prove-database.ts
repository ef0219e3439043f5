import { CannotStart } from '@caretab/kernel';
import { Client, escapeIdentifier } from 'pg';
import { connectRefused, type NamedUrl } from './connect-refused';
import { lackingOf, type Right } from './database-rights';
import { databaseOf } from './rights';
import { proveSessions, startupOptions } from './session';

const CONNECT_TIMEOUT_MS = 10_000;
/** The oldest that was tried. */
const VERSION_MIN = 15;

interface Server {
  readonly version: number;
  readonly replica: boolean;
  readonly readonly: boolean;
  readonly encoding: string;
}

const SERVER = `
  select current_setting('server_version_num')::int / 10000 as version,
    pg_is_in_recovery() as replica,
    current_setting('default_transaction_read_only')::boolean as readonly,
    current_setting('server_encoding') as encoding`;

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
    const { rows } = await first.query<Server>(SERVER);
    const fault = faultOf(rows[0]!, named);
    if (fault !== undefined) throw new CannotStart(`${named.setting}: ${fault}`);
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

const faultOf = (server: Server, { url }: NamedUrl): string | undefined => {
  const { hostname } = new URL(url);
  const database = escapeIdentifier(databaseOf(url));
  if (server.version < VERSION_MIN)
    return `PostgreSQL ${server.version} at ${hostname} is too old: use ${VERSION_MIN} or later`;
  if (server.replica)
    return `${hostname} is a replica that can only be read: name the primary in the URL`;
  if (server.readonly)
    return (
      'transactions are read-only by default there. Run: ' +
      `alter database ${database} reset default_transaction_read_only;`
    );
  if (server.encoding !== 'UTF8')
    return (
      `the database has the encoding ${server.encoding}. Make it again: create database ` +
      `${database} encoding 'UTF8' template template0;`
    );
  return undefined;
};
