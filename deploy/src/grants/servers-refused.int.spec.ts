import { chownSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { authority, type Certified } from '@caretab/doubles';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@caretab/engines';
import { CannotStart } from '@caretab/kernel';
import { TypeOrmStore } from '@caretab/store';
import { Client } from 'pg';

const DAY_MS = 86_400_000;
const folder = mkdtempSync(join(tmpdir(), 'caretab-refused-'));
const dataDir = join(folder, 'postgres');
const cluster = join(dataDir, 'cluster');
let postgres: EmbeddedPostgres;

const start = async (): Promise<void> => void (postgres = await startEmbeddedPostgres({ dataDir }));

/** In each database of its own connection; several statements are one transaction each. */
const run = async (database: string, ...statements: readonly string[]): Promise<void> => {
  const client = new Client({
    connectionString: urlOf({ database }),
    options: '-c default_transaction_read_only=off',
  });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
};

const urlOf = ({
  database,
  role,
  host,
  search,
}: Partial<Record<'database' | 'role' | 'host' | 'search', string>>): string => {
  const url = new URL(postgres.url);
  url.pathname = `/${database ?? 'shop'}`;
  if (role) Object.assign(url, { username: role, password: 'p' });
  if (host) url.hostname = host;
  if (search) url.search = search;
  return url.href;
};

/** What a start says; `started` where it does. */
const startOn = async (url: string, ownerUrl?: string): Promise<string> => {
  try {
    const options = { url, ownerUrl, schema: 'shop', tables: [], migrations: [] };
    await (await TypeOrmStore.open(options)).close();
    return 'started';
  } catch (error) {
    if (!(error instanceof CannotStart)) throw error;
    return error.message;
  }
};

beforeAll(async () => {
  await start();
  await run('postgres', 'create role clerk superuser login password $$p$$', 'create database shop');
}, 240_000);
afterAll(async () => {
  await postgres?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

test.each([
  ['the database', 'alter database "shop" set default_transaction_read_only = on'],
  ['the role', 'alter role "clerk" set default_transaction_read_only = on'],
  [
    'the role in it',
    'alter role "clerk" in database "shop" set default_transaction_read_only = on',
  ],
  ['the server', 'alter system set default_transaction_read_only = on; select pg_reload_conf()'],
])('read-only by %s: the printed statement ends it', async (_by, statement) => {
  const url = urlOf({ role: 'clerk' });
  await run('postgres', ...statement.split(';'));
  const said = await startOn(url);
  expect(said).toMatch(/^DATABASE_URL: transactions are read-only by default there\. Run: /);
  await run('postgres', ...said.split('Run: ')[1]!.split(';').filter(Boolean));
  expect(await startOn(url)).toBe('started');
});

test('the owner alone may be read-only: that is said of its own URL', async () => {
  await run(
    'postgres',
    'create role reader login password $$p$$',
    'create role reader_within',
    'grant reader_within to reader',
    'alter role clerk set default_transaction_read_only = on',
  );
  const said = await startOn(urlOf({ role: 'reader' }), urlOf({ role: 'clerk' }));
  expect(said).toBe(
    'DATABASE_OWNER_URL: transactions are read-only by default there. ' +
      'Run: alter role "clerk" reset default_transaction_read_only;',
  );
  await run('postgres', 'alter role clerk reset default_transaction_read_only');
});

test('a database of another encoding: the printed statement makes one that can be used', async () => {
  const old = `create database "ascii" encoding 'SQL_ASCII' locale 'C' template template0`;
  await run('postgres', old);
  const said = await startOn(urlOf({ database: 'ascii' }));
  expect(said).toMatch(/^DATABASE_URL: the database has the encoding SQL_ASCII\. Make it again: /);
  await run('postgres', 'drop database "ascii"', said.split('Make it again: ')[1]!);
  expect(await startOn(urlOf({ database: 'ascii' }))).toBe('started');
});

describe('with TLS', () => {
  const [ours, others] = [authority('ours'), authority('others')];
  const owner = () => statSync(join(cluster, 'PG_VERSION'));
  const serves = async ({ cert, key }: Certified): Promise<void> => {
    for (const [name, text] of Object.entries({ 'server.crt': cert, 'server.key': key })) {
      const file = join(cluster, name);
      writeFileSync(file, text, { mode: 0o600 });
      chownSync(file, owner().uid, owner().gid);
    }
    await run('postgres', 'alter system set ssl = on', 'select pg_reload_conf()');
  };
  const ca = join(folder, 'ca.crt');
  beforeAll(() => writeFileSync(ca, ours.ca));
  const verified = (host = '127.0.0.1') =>
    startOn(urlOf({ host, search: `?sslmode=verify-full&sslrootcert=${ca}` }));

  test('a server without TLS', async () =>
    expect(await verified()).toMatch(/^DATABASE_URL: .*: switch TLS on there \(ssl = on\)$/));

  test.each([
    ['that is good', () => ours.certifies('db'), /^started$/],
    [
      'that has expired',
      () => ours.certifies('db', new Date(Date.now() - DAY_MS)),
      /^DATABASE_URL: .*CERT_HAS_EXPIRED\): its certificate is not valid today: renew it$/,
    ],
    [
      'of an authority that is not known',
      () => others.certifies('db'),
      /^DATABASE_URL: .*of no authority that is known: name that by sslrootcert=FILE$/,
    ],
  ])('a certificate %s', async (_what, certified, says) => {
    await serves(certified());
    // A reload is seen by new connections a moment later.
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await verified()).toMatch(says);
  });

  test('a certificate of another host', async () => {
    await serves(ours.certifies('db'));
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await verified('localhost')).toMatch(/names another host: use the name in it$/);
  });
});

test('a hot standby is named as one', async () => {
  await postgres.stop();
  const signal = join(cluster, 'standby.signal');
  writeFileSync(signal, '');
  const { uid, gid } = statSync(join(cluster, 'PG_VERSION'));
  chownSync(signal, uid, gid);
  await start();
  expect(await startOn(urlOf({}))).toBe(
    'DATABASE_URL: 127.0.0.1 is a replica that can only be read: name the primary in the URL',
  );
});
