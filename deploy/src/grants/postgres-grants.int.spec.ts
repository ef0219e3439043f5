import { randomBytes } from 'node:crypto';
import { messagingMigrations, parkedTable } from '@caretab/bus';
import { PgBus } from '@caretab/bus-postgres';
import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { TWIN_KEYS } from '@caretab/event-store';
import { PgEventStore } from '@caretab/event-store-postgres';
import { TypeOrmStore } from '@caretab/store';
import { Client } from 'pg';
import { caretab } from '../caretab/caretab';
import { passwordVariablesOf, postgresScript, rolesOf } from './postgres-grants';

/** The server is shared: names of its roles and databases have to be this file's own. */
const prefix = `t${randomBytes(4).toString('hex')}-`;
const SERVICES = ['credit', 'visit-ledger'] as const;
const wanted = { services: SERVICES, bus: true, prefix };
const [credit, ledger, bus] = [...SERVICES, 'bus'].map((name) => rolesOf(name, prefix)) as [
  ...[ReturnType<typeof rolesOf>, ReturnType<typeof rolesOf>, ReturnType<typeof rolesOf>],
];
const ROLES = [credit, ledger]
  .flatMap(({ service, owner }) => [service, owner])
  .concat(bus.service);

let server: TestDatabase;
let admin: Client;

/** The role of all ledgers of the server is there already where another test made it. */
const LEDGER_ROLE = 'create role "caretab_ledger_app" nologin;';
const ONCE = `do $$ begin ${LEDGER_ROLE} exception when duplicate_object then null; end $$`;

/** As psql runs the script. */
const run = async (): Promise<void> => {
  for (const line of postgresScript(wanted).filter((text) => !/^(--|\\)/.test(text)))
    await admin.query(line === LEDGER_ROLE ? ONCE : line.replace(/:'\w+'/, "'only for tests'"));
};

const urlOf = (role: string, database: string): string => {
  const url = new URL(server.url);
  Object.assign(url, { username: role, password: 'only for tests', pathname: `/${database}` });
  return url.href;
};

/** Of each: as the service opens it at its start. */
const starts = {
  credit: async () => {
    const store = await TypeOrmStore.open({
      url: urlOf(credit.service, credit.database),
      ownerUrl: urlOf(credit.owner, credit.database),
      schema: 'credit',
      tables: [parkedTable],
      migrations: messagingMigrations,
    });
    await store.close();
  },
  ledger: async () => {
    const events = new PgEventStore({
      keys: TWIN_KEYS,
      url: urlOf(ledger.service, ledger.database),
      ownerUrl: urlOf(ledger.owner, ledger.database),
      schema: 'events',
    });
    try {
      await events.migrate();
      await events.append('visit', [{ id: 'a', type: 'VisitOpened', data: {} }], 'none');
    } finally {
      await events.close();
    }
  },
  bus: async () => {
    const pg = new PgBus({ url: urlOf(bus.service, bus.database) });
    try {
      await pg.declare([{ name: 'a.topic', partitions: 1, retentionMs: 1000 }]);
    } finally {
      await pg.close();
    }
  },
};

const check = async (): Promise<{ status: number; lines: readonly string[] }> => {
  const lines: string[] = [];
  const args = ['postgres', '--services', SERVICES.join(','), '--bus', '--prefix', prefix];
  const status = await caretab(['grants', ...args, '--check', server.url], (line) => {
    lines.push(line);
  });
  return { status, lines };
};

beforeAll(async () => {
  server = await testDatabase();
  admin = new Client({ connectionString: server.url });
  await admin.connect();
}, 120_000);
afterAll(async () => {
  for (const { database } of [credit, ledger, bus])
    await admin.query(`drop database if exists "${database}" with (force)`);
  for (const role of [...ROLES, `${credit.service}_within`, `${ledger.service}_within`])
    await admin.query(`drop role if exists "${role}"`);
  await admin.end();
  await server.drop();
}, 60_000);

test('before the script nothing is there, and the comparison names all of it', async () => {
  const { status, lines } = await check();
  expect(status).toBe(1);
  expect(lines).toContainEqual(expect.stringContaining(`there is no role ${credit.service} that`));
  expect(lines).toContain(`\\getenv CREDIT_DATABASE_PASSWORD CREDIT_DATABASE_PASSWORD`);
});

/** A right that is taken away, or given too much, with what gives it back. */
const TAKEN: readonly {
  readonly start: keyof typeof starts;
  readonly without: readonly string[];
  readonly says: string;
  readonly back: readonly string[];
}[] = [
  {
    start: 'credit',
    without: [`revoke connect on database "${credit.database}" from "${credit.service}"`],
    says: `grant connect on database "${credit.database}" to "${credit.service}";`,
    back: [`grant connect on database "${credit.database}" to "${credit.service}"`],
  },
  {
    start: 'credit',
    without: [`revoke create on database "${credit.database}" from "${credit.owner}"`],
    says: `grant connect, create, temporary on database "${credit.database}" to "${credit.owner}";`,
    back: [`grant create on database "${credit.database}" to "${credit.owner}"`],
  },
  {
    start: 'credit',
    without: [`revoke "${credit.service}_within" from "${credit.service}"`],
    says: `grant "${credit.service}_within" to "${credit.service}";`,
    back: [`grant "${credit.service}_within" to "${credit.service}"`],
  },
  {
    start: 'credit',
    without: [`drop role "${credit.service}_within"`],
    says: `create role "${credit.service}_within" nologin;`,
    back: [
      `create role "${credit.service}_within" nologin`,
      `grant "${credit.service}_within" to "${credit.service}"`,
    ],
  },
  {
    start: 'credit',
    without: [`alter role "${credit.service}" nologin`],
    says: `alter role "${credit.service}" login;`,
    back: [`alter role "${credit.service}" login`],
  },
  {
    start: 'credit',
    without: [`alter role "${credit.owner}" password 'another'`],
    says: 'DATABASE_OWNER_URL',
    back: [`alter role "${credit.owner}" password 'only for tests'`],
  },
  {
    start: 'credit',
    without: [`alter role "${credit.service}" superuser`],
    says: `alter role "${credit.service}" nosuperuser`,
    back: [`alter role "${credit.service}" nosuperuser`],
  },
  {
    start: 'credit',
    without: [`grant "${credit.owner}" to "${credit.service}"`],
    says: `revoke "${credit.owner}" from "${credit.service}";`,
    back: [`revoke "${credit.owner}" from "${credit.service}"`],
  },
  {
    start: 'credit',
    without: [`alter database "${credit.database}" set default_transaction_read_only = on`],
    says: `alter database "${credit.database}" reset default_transaction_read_only;`,
    back: [`alter database "${credit.database}" reset default_transaction_read_only`],
  },
  {
    start: 'credit',
    without: [`alter database "${credit.database}" rename to "${prefix}elsewhere"`],
    says: `create database "${credit.database}" encoding 'UTF8'`,
    back: [`alter database "${prefix}elsewhere" rename to "${credit.database}"`],
  },
  {
    start: 'ledger',
    without: [`revoke caretab_ledger_app from "${ledger.service}"`],
    says: `grant "caretab_ledger_app" to "${ledger.service}";`,
    back: [`grant caretab_ledger_app to "${ledger.service}"`],
  },
  {
    start: 'bus',
    without: [`revoke create on database "${bus.database}" from "${bus.service}"`],
    says: `grant connect, create, temporary on database "${bus.database}" to "${bus.service}";`,
    back: [`grant create on database "${bus.database}" to "${bus.service}"`],
  },
];

describe('on a server with the roles of the script', () => {
  beforeAll(run);

  test('nothing differs, and each opens', async () => {
    expect(await check()).toMatchObject({ status: 0 });
    for (const start of Object.values(starts)) await start();
    // Tables that are there change nothing.
    expect(await check()).toMatchObject({ status: 0 });
  });

  test.each(TAKEN)('$start refuses its start: $without', async ({ start, without, says, back }) => {
    for (const statement of without) await admin.query(statement);
    try {
      const refusal = await starts[start]().catch((error: unknown) => error);
      expect(refusal).toMatchObject({ name: 'CannotStart' });
      expect((refusal as Error).message).toContain(says);
      expect((refusal as Error).message).not.toContain('\n');
    } finally {
      for (const statement of back) await admin.query(statement);
    }
    await starts[start]();
  });

  test('the comparison names a right that is missing, and one too many', async () => {
    await admin.query(`revoke "${credit.service}_within" from "${credit.service}"`);
    await admin.query(`alter role "${ledger.service}" createdb`);
    await admin.query(`grant connect on database "${bus.database}" to public`);
    const { status, lines } = await check();
    expect(status).toBe(1);
    expect(lines).toEqual([
      expect.stringContaining(`the role ${credit.service} is no member of`),
      expect.stringContaining(
        `every role of the server may connect to the database ${bus.database}`,
      ),
      expect.stringContaining(`the role ${ledger.service} may do more`),
    ]);
    for (const line of lines) await admin.query(line.split('\n')[1]!);
    expect(await check()).toMatchObject({ status: 0 });
  });
});

test('passwords have the names under which secrets are made', () =>
  expect(passwordVariablesOf('visit-ledger')).toEqual({
    service: 'VISIT_LEDGER_DATABASE_PASSWORD',
    owner: 'VISIT_LEDGER_DATABASE_OWNER_PASSWORD',
  }));
