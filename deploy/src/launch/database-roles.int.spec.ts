import { messagingMigrations, parkedTable } from '@caretab/bus';
import { PgBus } from '@caretab/bus-postgres';
import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { TWIN_KEYS } from '@caretab/event-store';
import { PgEventStore } from '@caretab/event-store-postgres';
import { type Table, TypeOrmStore, type Whose } from '@caretab/store';
import { Client } from 'pg';
import { services } from '../embedded/platform';
import { type DatabaseRoles, makeRoles } from './database-roles';

const NAMES = services.map(({ name }) => name);
const schemaOf = (service: string): string => service.replaceAll('-', '_');

let database: TestDatabase;
let roles: DatabaseRoles;

const openAll = async (urls: {
  url(service: string): string;
  ownerUrl?: string;
}): Promise<void> => {
  for (const { name, tables, migrations } of services) {
    const store = await TypeOrmStore.open({
      ...{ url: urls.url(name), ownerUrl: urls.ownerUrl, schema: schemaOf(name) },
      tables: [...tables, parkedTable],
      migrations: [...messagingMigrations, ...migrations],
    });
    await store.transact((transaction) => transaction.rows(parkedTable).count({}));
    await store.close();
  }
  const events = new PgEventStore({
    ...{ keys: TWIN_KEYS, url: urls.url('visit-ledger'), schema: 'visit_ledger_events' },
    ...(urls.ownerUrl !== undefined && { ownerUrl: urls.ownerUrl }),
  });
  await events.migrate();
  const head = Number(await events.head());
  await events.append(`visit-${head}`, [{ id: 'a', type: 'VisitOpened', data: {} }], 'none');
  await events.close();
};

const openBus = async (url: string): Promise<void> => {
  const bus = new PgBus({ url });
  await bus.declare([{ name: 'a.topic', partitions: 1, retentionMs: 1000 }]);
  await bus.send('a.topic', [{ key: 'a', headers: {}, value: '{}' }]);
  await bus.close();
};

beforeAll(async () => {
  database = await testDatabase();
  // A data folder of before: a superuser made and owns everything.
  await openAll({ url: () => database.url });
  await openBus(database.url);
  roles = await makeRoles(database.url, NAMES);
  await openAll({ url: roles.serviceUrl, ownerUrl: roles.ownerUrl });
  await openBus(roles.busUrl);
}, 120_000);
afterAll(() => database.drop());

const as = async <Result>(url: string, work: (client: Client) => Promise<Result>) => {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
};

const tablesOf = (schemas: readonly string[]): Promise<string[]> =>
  as(database.url, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables
       where schemaname = any($1) order by 1`,
      [schemas],
    );
    return rows.map(({ name }) => name);
  });

/** The SQLSTATE with which each is refused; undefined: it was done. */
const refusals = (url: string, statements: readonly string[]): Promise<(string | undefined)[]> =>
  as(url, async (client) => {
    const codes: (string | undefined)[] = [];
    for (const statement of statements) {
      await client.query('begin');
      codes.push(
        await client.query(statement).then(
          () => undefined,
          (error: { code: string }) => error.code,
        ),
      );
      await client.query('rollback');
    }
    return codes;
  });

const REFUSED = '42501';

test.each(NAMES)('%s owns no table, and cannot change, empty or drop one', async (service) => {
  const schemas = [
    schemaOf(service),
    ...(service === 'visit-ledger' ? ['visit_ledger_events'] : []),
  ];
  const tables = await tablesOf(schemas);
  expect(tables.length).toBeGreaterThan(2);
  const statements = tables.flatMap((table) => [
    `alter table ${table} add column another int`,
    `alter table ${table} disable trigger all`,
    `alter table ${table} owner to caretab_${schemaOf(service)}`,
    `truncate ${table}`,
    `drop table ${table}`,
    `create trigger another before insert on ${table} for each row execute function ` +
      'suppress_redundant_updates_trigger()',
  ]);
  statements.push(
    `create table ${schemas[0]}.another (a int)`,
    'set session_replication_role = replica',
  );
  const url = roles.serviceUrl(service);
  const done = (await refusals(url, statements)).flatMap((code, index) =>
    code === REFUSED ? [] : [`${statements[index]}: ${code ?? 'done'}`],
  );
  expect(done).toEqual([]);
});

test.each([
  ['visit-ledger', 'visit_ledger_events.events'],
  ['credit', 'credit.entry'],
  ['payment', 'payment.journal_entry'],
])(
  'what %s recorded in %s can be read, and neither changed nor deleted',
  async (service, table) => {
    const url = roles.serviceUrl(service);
    const [column] = await as(database.url, async (client) => {
      const { rows } = await client.query<{ name: string }>(
        'select attname as name from pg_attribute where attrelid = $1::regclass and attnum = 1',
        [table],
      );
      return rows.map(({ name }) => name);
    });
    const role = service === 'visit-ledger' ? 'set local role caretab_ledger_app; ' : '';
    expect(
      await refusals(url, [
        `${role}update ${table} set ${column} = ${column}`,
        `${role}delete from ${table}`,
        `${role}select from ${table} for update`,
        `${role}select count(*) from ${table}`,
      ]),
    ).toEqual([REFUSED, REFUSED, REFUSED, undefined]);
  },
);

test('a service reaches no table of another, and none of the bus', async () => {
  const foreign = await tablesOf(['payment', 'identity', 'bus', 'visit_ledger_events']);
  const statements = foreign.map((table) => `select from ${table}`);
  expect(new Set(await refusals(roles.serviceUrl('credit'), statements))).toEqual(
    new Set([REFUSED]),
  );
});

test('who reads for a hospital sees its rows alone, whatever is asked for', async () => {
  const { name, tables, migrations } = services.find((one) => one.name === 'gateway')!;
  const cases = tables.find((table) => table.name === 'holder_case')!;
  const store = await TypeOrmStore.open({
    ...{ url: roles.serviceUrl(name), ownerUrl: roles.ownerUrl, schema: name },
    tables: [...tables, parkedTable],
    migrations: [...messagingMigrations, ...migrations],
  });
  const ofInstitution = (institutionId: string) => ({
    ...{ visitId: `${institutionId}-V1`, fields: 'name', sourceMessageId: 'M1', institutionId },
    ...{ foundAt: new Date(0), status: 'open', closedAt: null, why: null },
  });
  await store.transact((transaction) =>
    transaction.rows(cases).insert(ofInstitution('HZ001'), ofInstitution('HZ002')),
  );
  const seen = (...within: Whose[]) =>
    store.transact((transaction) => transaction.rows(cases).count({}), { within });
  expect(await seen({})).toBe(2);
  expect(await seen({ institution: 'HZ002' })).toBe(1);
  expect(await seen({ institution: 'HZ003' })).toBe(0);
  await store.close();
  // Without a name for whom it reads, the role sees nothing, and of other tables less.
  await as(roles.serviceUrl(name), async (client) => {
    await client.query('set role caretab_gateway_within');
    const { rows } = await client.query('select from gateway.holder_case');
    expect(rows).toEqual([]);
    for (const text of ['select from gateway.outbox', 'delete from gateway.holder_case'])
      await expect(client.query(text)).rejects.toMatchObject({ code: REFUSED });
  });
});

/** Rows that must be there before one of a table is, the first one first. */
const PARENTS: Readonly<Record<string, readonly string[]>> = {
  ...{ clearing_line: ['clearing'], payout: ['clearing'], claim: ['coverage'] },
  ...{ claim_line: ['coverage', 'claim'], payment_order: ['collection'], refund: ['collection'] },
  ...{ capture: ['collection'], enrolment: ['account'], account: ['account', 'enrolment'] },
  ...{ entry: ['account', 'enrolment'] },
  ...{ consent: ['person'] },
};

const OPEN = { status: 'open', kind: 'Opened' };
const OF_COLLECTION = { status: 'due', amountFen: 1, way: 'channel' };

/** A row whose text columns that must be there name HZ001, but for those that are given. */
const rowOf = ({ columns }: Table, given: object): object => ({
  ...Object.fromEntries(
    [...columns].map(([field, { type, nullable }]) => {
      const empty = { text: 'HZ001', json: [], integer: 0, bigint: 0, boolean: false } as const;
      if (nullable) return [field, null];
      if (type === 'instant') return [field, new Date(0)];
      return [field, type === 'date' ? '2026-03-02' : empty[type as keyof typeof empty]];
    }),
  ),
  ...Object.fromEntries(Object.entries(given).filter(([field]) => columns.has(field))),
});

test.each<[string, string, object, Whose[]]>([
  ['visit-ledger', 'visit', { status: 'open' }, [{ institution: 'HZ001' }]],
  ['visit-ledger', 'person_visit', { personId: 'p-1', status: 'open' }, [{ person: 'p-1' }]],
  ['visit-ledger', 'institution_day', {}, [{ institution: 'HZ001' }]],
  ['payment', 'clearing_line', { party: 'insurer', partyId: 'city' }, [{ payer: 'city' }]],
  [
    'payment',
    'payout',
    { party: 'institution', amountFen: 1, approvedBy: 'op-2' },
    [{ institution: 'HZ001' }],
  ],
  [
    'adjudication',
    'claim',
    { revision: 1, coverage: { plans: [{ payerId: 'city' }] } },
    [{ payer: 'city' }],
  ],
  [
    'adjudication',
    'claim_line',
    { visitId: 'V2', revision: 1, coverage: { plans: [{ payerId: 'city' }] } },
    [{ payer: 'city' }],
  ],
  [
    'adjudication',
    'settlement',
    {
      ...{ revision: 1, benefit: 'inpatient', payerId: 'city' },
      ...{ grossFen: 1, postedFen: 1, fundFen: 1, totalFen: 1 },
    },
    [{ payer: 'city' }],
  ],
  ['adjudication', 'membership', { planId: 'basic' }, [{ plan: 'basic' }]],
  ['adjudication', 'personal_account', { planId: 'basic' }, [{ person: 'HZ001' }]],
  [
    'payment',
    'payment_order',
    { ...OF_COLLECTION, paymentId: 'P-3', visitId: 'V3', status: 'sending' },
    [{ person: 'HZ001' }],
  ],
  [
    'payment',
    'capture',
    { ...OF_COLLECTION, paymentId: 'P-4', visitId: 'V4' },
    [{ institution: 'HZ001' }],
  ],
  [
    'payment',
    'refund',
    { ...OF_COLLECTION, paymentId: 'P-5', visitId: 'V5' },
    [{ institution: 'HZ001' }],
  ],
  [
    'credit',
    'enrolment',
    { personId: 'p-5', ...OPEN, accountPersonId: 'p-5' },
    [{ person: 'p-5' }],
  ],
  [
    'credit',
    'account',
    { personId: 'ward', ...OPEN, accountPersonId: 'p-6' },
    [{ person: 'ward' }],
  ],
  ['credit', 'entry', { personId: 'p-7', ...OPEN, accountPersonId: 'p-7' }, [{ person: 'p-7' }]],
  ['credit', 'arrears', { owedFen: 1 }, [{ person: 'HZ001' }]],
  ['credit', 'score', {}, [{ person: 'HZ001' }]],
  ['credit', 'score_appeal', OPEN, [{ person: 'HZ001' }]],
  ['identity', 'consent', {}, [{ person: 'HZ001' }]],
  ['notification', 'notice', { channel: 'webhook', status: 'pending' }, [{ institution: 'HZ001' }]],
])(
  'as the role of %s, %s shows its row to whose it is, and to no other',
  async (name, tableName, given, whose) => {
    const { tables, migrations } = services.find((one) => one.name === name)!;
    const declared = tables.find((table) => table.name === tableName)!;
    const store = await TypeOrmStore.open({
      ...{ url: roles.serviceUrl(name), ownerUrl: roles.ownerUrl, schema: schemaOf(name) },
      tables: [...tables, parkedTable],
      migrations: [...messagingMigrations, ...migrations],
    });
    await store.transact(async (transaction) => {
      for (const parent of PARENTS[tableName] ?? []) {
        const above = tables.find(({ name: of }) => of === parent)!;
        await transaction.rows(above).insertIfAbsent(
          rowOf(above, {
            payout: 'open',
            ...given,
            ...(parent === 'collection' && { status: 'due', lenderParty: 'funder' }),
          }),
        );
      }
      await transaction.rows(declared).insertIfAbsent(rowOf(declared, given));
    });
    const seen = (within: Whose[]) =>
      store.transact((transaction) => transaction.rows(declared).count({}), { within });
    expect(await seen(whose)).toBe(1);
    for (const other of [
      [{ institution: 'HZ002' }],
      [{ person: 'p-2' }],
      [{ payer: 'village' }],
      [],
    ] satisfies Whose[][])
      expect(await seen(other)).toBe(0);
    await store.close();
  },
);

test('made again, with everything there, the roles and their rights are the same', async () => {
  expect(await makeRoles(database.url, NAMES)).toMatchObject({ ownerUrl: roles.ownerUrl });
  await openAll({ url: roles.serviceUrl, ownerUrl: roles.ownerUrl });
  const owners = await as(database.url, async (client) => {
    const { rows } = await client.query<{ owner: string }>(
      `select distinct tableowner as owner from pg_tables
       where schemaname = any($1) order by 1`,
      [['bus', 'visit_ledger_events', ...NAMES.map(schemaOf)]],
    );
    return rows.map(({ owner }) => owner);
  });
  expect(owners).toEqual(['caretab_bus', 'caretab_owner']);
});
