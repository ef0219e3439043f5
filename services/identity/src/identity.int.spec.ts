import { randomUUID } from 'node:crypto';
import 'reflect-metadata';
import type { Subject } from '@caretab/access';
import { messagingMigrations } from '@caretab/bus';
import { type Store, TypeOrmStore } from '@caretab/store';
import {
  Backlog,
  Callers,
  Degradations,
  Jobs,
  keepToRoutes,
  ProblemFilter,
  TwinApprovals,
  OperatorKey,
  twinServices,
  twinTokensOf,
} from '@caretab/host';
import { DEFAULT_KEY_SCOPES } from '@caretab/contracts';
import { fixedClock, type TestDatabase, testDatabase } from '@caretab/doubles';
import { systemIds, systemTimers } from '@caretab/kernel';
import { Global, type INestApplication, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Client } from 'pg';
import { identityModule } from './app.module';
import { Erasures } from './erasure/erasures';
import { identity } from '.';
import { activationsSuite } from '../test/activations.suite';
import { erasuresSuite } from '../test/erasures.suite';
import { signInSuite } from '../test/sign-in.suite';
import { institutionKeysSuite } from '../test/institution-keys.suite';
import { codesSuite } from '../test/codes.suite';
import { decodedCodesSuite } from '../test/decoded-codes.suite';
import { cardFilesSuite } from '../test/card-files.suite';
import { cardPlatformsSuite } from '../test/card-platforms.suite';
import { cardsSuite } from '../test/cards.suite';
import { consentsSuite } from '../test/consents.suite';
import { deathsSuite } from '../test/deaths.suite';
import { guardianshipsSuite } from '../test/guardianships.suite';
import { openingSuite } from '../test/opening.suite';
import { adult, child, personsSuite } from '../test/persons.suite';
import { mergesSuite } from '../test/merges.suite';
import { masterIndexSuite } from '../test/master-index.suite';
import { signedConsentsSuite } from '../test/signed-consents.suite';
import { rotationSuite } from '../test/rotation.suite';

/** Who asks is the service whose question it is; the gateway asks for a hospital. */
const TOKEN = 'of the service';
const NOW = fixedClock('2026-03-02T00:00:00Z');
const hospital: Subject = {
  id: 'hospital/H1',
  roles: [{ kind: 'HospitalSystem', institution: 'H1' }],
  hasSecondFactor: false,
};
const tokenOf = (path: string): string =>
  /\/contacts?$/.test(path)
    ? twinTokensOf('notification', NOW).authorization('identity')
    : twinTokensOf('gateway', NOW).authorization(
        'identity',
        path.startsWith('persons/') ? hospital : undefined,
      );
/** What sources say of the adult: by a hospital's own number, and by a passport. */
const RECORDS = [
  [
    'institutions/H1/source-records',
    {
      identifier: 'MR-77001',
      person: { name: adult.name, idNumber: adult.idNumber, address: '萧山区金城路1号' },
    },
  ],
  [
    'source-records',
    {
      domain: { kind: 'passport', authority: 'CHN' },
      identifier: 'E12345678',
      person: { name: adult.name, birthDate: '1980-06-15', address: '西湖区文三路20号' },
    },
  ],
] as const;
const NEW_MOBILE = '13957100077';
const jobs = new Jobs(systemTimers, () => undefined);

@Global()
@Module({ providers: [{ provide: Jobs, useValue: jobs }], exports: [Jobs] })
class ChassisModule {}

/** Credit and the ledger, where nothing stands in the way of an erasure. */
const neighbours = (async (input: URL) =>
  Response.json(
    input.hostname === 'credit'
      ? { holds: 0, debts: 0, wards: 0, closed: true }
      : { personId: 'p', visits: [] },
  )) as unknown as typeof fetch;

let database: TestDatabase;
let schemas = 0;
const stores: Store[] = [];
const open = async (): Promise<Store> => {
  const store = await TypeOrmStore.open({
    url: database.url,
    schema: `identity_${++schemas}`,
    tables: identity.tables,
    migrations: [...messagingMigrations, ...identity.migrations],
    poolMax: 5,
  });
  stores.push(store);
  return store;
};

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => {
  await Promise.all(stores.map((store) => store.close()));
  await database.drop();
});

describe('identity on PostgreSQL', () => personsSuite(open));
describe('keys of institutions on PostgreSQL', () => institutionKeysSuite(open));
describe('sign-in on PostgreSQL', () => signInSuite(open));
describe('an erasure on PostgreSQL', () => erasuresSuite(open));
describe('the master index on PostgreSQL', () => masterIndexSuite(open));
describe('activations on PostgreSQL', () => activationsSuite(open));
describe('the opening on PostgreSQL', () => openingSuite(open));
describe('codes on PostgreSQL', () => codesSuite(open));
describe('codes of other issuers on PostgreSQL', () => decodedCodesSuite(open));
describe('files of cards on PostgreSQL', () => cardFilesSuite(open));
describe('card platforms on PostgreSQL', () => cardPlatformsSuite(open));
describe('cards on PostgreSQL', () => cardsSuite(open));
describe('consents on PostgreSQL', () => consentsSuite(open));
describe('signed consents on PostgreSQL', () => signedConsentsSuite(open));
describe('deaths on PostgreSQL', () => deathsSuite(open));
describe('merges of persons on PostgreSQL', () => mergesSuite(open));
describe('guardianships on PostgreSQL', () => guardianshipsSuite(open));
describe('rotation of keys on PostgreSQL', () => rotationSuite(open));

describe('behind its doors', () => {
  let app: INestApplication;
  let store: Store;
  let url: string;
  const unhandled: unknown[] = [];
  const bodies: string[] = [];

  const approvals = new TwinApprovals('identity');
  const call = async (
    method: string,
    path: string,
    body?: unknown,
    token?: string,
    approval?: string,
  ): Promise<{ status: number; body: any }> => {
    const response = await fetch(`${url}/identity/${path}`, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(token && { authorization: token === TOKEN ? tokenOf(path) : `Bearer ${token}` }),
        ...(approval !== undefined && { approval }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) bodies.push(text);
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  };

  beforeAll(async () => {
    store = await open();
    const logger = {
      trace: jest.fn(),
      debug: jest.fn(),
      info: jest.fn(),
      warn: jest.fn(),
      error: jest.fn(),
      fatal: jest.fn(),
    };
    const callers = new Callers()
      .add(new OperatorKey(undefined))
      .add(twinServices(['identity'], NOW));
    const parts = {
      callers,
      store,
      clock: NOW,
      tokens: twinTokensOf('identity', NOW),
      ids: systemIds,
      timers: systemTimers,
      fetch: neighbours,
      backlog: new Backlog(),
      degradations: new Degradations(),
      logger,
      config: {
        IDENTITY_MASTER_KEY: 'ab'.repeat(32),
        IDENTITY_TOKEN_KEY_DAYS: 30,
        OIDC_ISSUER: 'http://identity/identity',
        CREDIT_URL: 'http://credit',
        VISIT_LEDGER_URL: 'http://visit-ledger',
      },
      bus: undefined,
      database: { url: database.url, schema: '' },
    };
    const module = identityModule(parts as never, {});
    app = await NestFactory.create({ module: ChassisModule, imports: [module] }, { logger: false });
    keepToRoutes(app, { callers, checksAnswers: true, fourEyes: approvals.fourEyes });
    app.useGlobalFilters(new ProblemFilter((error) => unhandled.push(error)));
    await app.listen(0, '127.0.0.1');
    url = await app.getUrl();
  });
  afterAll(() => app.close());

  /** Bytes are read as text too: what is sealed must not show its content in any writing. */
  const readable = (row: string): string =>
    row +
    row.replace(/\\+x([0-9a-f]+)/g, (_all, hex: string) =>
      Buffer.from(hex, 'hex').toString('utf8'),
    );

  const query = async <Row extends object>(
    statement: string,
    values: unknown[] = [],
  ): Promise<Row[]> => {
    const client = new Client({ connectionString: database.url });
    await client.connect();
    try {
      return (await client.query<Row>(statement, values)).rows;
    } finally {
      await client.end();
    }
  };

  const allRows = async (): Promise<string> => {
    const tables = (
      await query<{ table_name: string }>(
        'select table_name from information_schema.tables where table_schema = $1',
        [`identity_${schemas}`],
      )
    ).map(({ table_name }) => table_name);
    expect(tables).toEqual(
      expect.arrayContaining([
        'person',
        'person_key',
        'identifier',
        'guardianship',
        'outbox',
        'parked',
      ]),
    );
    const lines: string[] = [];
    for (const name of tables)
      lines.push(
        ...(
          await query<{ line: string }>(
            `select t::text as line from "identity_${schemas}"."${name}" t`,
          )
        ).map(({ line }) => readable(line)),
      );
    return lines.join('\n');
  };

  test('the scan would see a datum that was only written as bytes', async () => {
    const [row] = await query<{ line: string }>(
      "select t::text as line from (select 'p'::text, convert_to('林清和', 'UTF8')) t",
    );
    expect(row!.line).not.toContain('林清和');
    expect(readable(row!.line)).toContain('林清和');
  });

  const refusals = async (): Promise<void> => {
    const resolve = { type: 'id-number', value: adult.idNumber };
    expect((await call('POST', 'persons', { ...adult, name: '王大力' })).status).toBe(409);
    expect(
      (await call('POST', 'persons', { ...adult, idNumber: adult.idNumber.slice(0, 17) })).status,
    ).toBe(400);
    expect((await call('POST', 'persons', { ...adult, mobile: '23957100001' })).status).toBe(400);
    expect(
      (await call('POST', 'persons', { ...adult, email: `${adult.mobile} at home` })).status,
    ).toBe(400);
    expect(
      (await call('POST', 'persons', { ...child, credentials: adult.credentials })).status,
    ).toBe(409);
    expect((await call('POST', 'persons/resolve', resolve)).status).toBe(401);
    expect(
      (
        await call(
          'POST',
          'persons/resolve',
          resolve,
          `${tokenOf('persons/resolve').slice('Bearer '.length)}x`,
        )
      ).status,
    ).toBe(401);
    expect((await call('POST', 'persons/resolve', resolve, 'undefined')).status).toBe(401);
    expect(
      (await call('POST', 'persons/resolve', { type: 'qr', value: adult.idNumber }, TOKEN)).status,
    ).toBe(404);
    expect(
      (await call('POST', 'persons/resolve', { type: adult.idNumber, value: 'x' }, TOKEN)).status,
    ).toBe(400);
    expect((await call('GET', `persons/${adult.idNumber}`)).status).toBe(400);
    expect(
      (await call('POST', 'institutions/authenticate', { apiKey: adult.idNumber }, TOKEN)).status,
    ).toBe(404);
  };

  test('no personal datum stands in clear in any row, message or error', async () => {
    const registered = await call('POST', 'persons', adult);
    expect(registered.status).toBe(201);
    expect(await call('POST', 'persons', adult)).toEqual({ status: 200, body: registered.body });
    const { personId } = registered.body;
    const { personId: childId } = (await call('POST', 'persons', child)).body;
    expect(
      (await call('PUT', `persons/${childId}/guardian`, { guardianId: personId, relation: '5' }))
        .status,
    ).toBe(200);
    expect(
      (await call('POST', 'persons/resolve', { type: 'id-number', value: adult.idNumber }, TOKEN))
        .body,
    ).toEqual({ personId });
    expect((await call('GET', `persons/${personId}/contact`)).status).toBe(401);
    expect((await call('GET', `persons/${personId}/contact`, undefined, TOKEN)).body).toEqual({
      mobile: adult.mobile,
      email: adult.email,
      language: 'zh',
    });
    const many = { personIds: [personId, `p-${randomUUID()}`] };
    expect((await call('POST', 'persons/contacts', many)).status).toBe(401);
    expect((await call('POST', 'persons/contacts', many, TOKEN)).body).toEqual({
      contacts: [{ personId, mobile: adult.mobile, email: adult.email, language: 'zh' }],
      destroyed: [],
    });
    for (const [path, body] of RECORDS)
      expect(await call('POST', path, body)).toMatchObject({ status: 201 });
    expect((await call('GET', 'match-cases')).body.cases).toHaveLength(1);
    const { name, idNumber } = adult;
    const offer = { purpose: 'mobile', channel: 'desk', name, idNumber, mobile: NEW_MOBILE };
    const begun = await call('POST', 'activations', offer);
    expect(begun).toMatchObject({ status: 201, body: { status: 'asking-registry' } });
    expect((await call('POST', 'activations', offer)).body.activationId).toBe(
      begun.body.activationId,
    );
    await refusals();
    expect(unhandled).toEqual([]);
    const everything = `${await allRows()}\n${bodies.join('\n')}`;
    expect(everything).toContain(personId);
    const secrets = [adult, child].flatMap(({ name, idNumber, mobile, email }) => [
      name,
      idNumber,
      mobile,
      email,
      idNumber.slice(6, 14),
      idNumber.toLowerCase(),
      '1980-06-15',
      '2015-09-01',
    ]);
    const ofRecords = RECORDS.flatMap(([, { identifier, person }]) => [identifier, person.address]);
    for (const secret of [
      ...[...secrets, ...ofRecords, NEW_MOBILE, adult.credentials![0]!.value, '王大力'],
    ].filter((text) => text !== undefined)) {
      expect(everything).not.toContain(secret);
      expect(everything).not.toContain(Buffer.from(secret).toString('base64').replace(/=+$/, ''));
      expect(everything).not.toContain(Buffer.from(secret).toString('hex'));
    }
  });

  test('after destruction no key, no sealed datum and no index of the person is left', async () => {
    const { personId } = (
      await call('POST', 'persons/resolve', { type: 'id-number', value: adult.idNumber }, TOKEN)
    ).body;
    const { personId: childId } = (
      await call('POST', 'persons/resolve', { type: 'id-number', value: child.idNumber }, TOKEN)
    ).body;
    const erase = async (id: string): Promise<void> => {
      const path = `persons/${id}/personal-data`;
      const approval = await approvals.given((await call('DELETE', path)).body);
      const { status, body } = await call('DELETE', path, undefined, undefined, approval);
      expect([status, body.status]).toEqual([202, 'closing']);
      await store.transact((transaction) =>
        app.get(Erasures, { strict: false }).noticeEnded(
          {
            type: 'ClosingNoticeEnded',
            data: { erasureId: body.erasureId, personId: id, outcome: 'sent' },
          },
          transaction,
        ),
      );
    };
    expect((await call('DELETE', `persons/${personId}/personal-data`)).body).toMatchObject({
      code: 'ERASURE_REFUSED',
      details: [{ field: 'wards' }],
    });
    await erase(childId);
    await erase(personId);
    expect((await call('GET', `persons/${personId}/erasure`)).body).toMatchObject({
      status: 'destroying',
      destroyed: expect.arrayContaining([{ service: 'identity', table: 'person_key', rows: 1 }]),
    });
    expect((await call('GET', 'retention')).body.records.length).toBeGreaterThan(0);
    expect(
      (await call('POST', 'persons/resolve', { type: 'id-number', value: adult.idNumber }, TOKEN))
        .status,
    ).toBe(404);
    expect(
      (
        await call(
          'POST',
          'persons/resolve',
          { type: 'health-card', value: adult.credentials![0]!.value },
          TOKEN,
        )
      ).status,
    ).toBe(404);
    expect((await call('GET', `persons/${personId}`)).body).toMatchObject({
      code: 'PERSONAL_DATA_DESTROYED',
    });
    const rowsOf = (table: string) =>
      query<{ sealed?: Buffer | null }>(
        `select * from "identity_${schemas}".${table} where person_id = $1`,
        [personId],
      );
    expect(await rowsOf('person_key')).toEqual([]);
    expect(await rowsOf('identifier')).toEqual([]);
    expect(await rowsOf('person')).toMatchObject([{ sealed: null }]);
  });

  test('an institution gets its key once', async () => {
    const put = await call('PUT', 'institutions/H1', { name: '市一医院', level: 'level-3' });
    expect(put).toMatchObject({ status: 201, body: { apiKey: expect.any(String) } });
    expect(
      (await call('PUT', 'institutions/H1', { name: '市一医院', level: 'level-3' })).body,
    ).not.toHaveProperty('apiKey');
    expect(
      (await call('POST', 'institutions/authenticate', { apiKey: put.body.apiKey }, TOKEN)).body,
    ).toEqual({
      ...{ institutionId: 'H1', name: '市一医院', level: 'level-3' },
      scopes: DEFAULT_KEY_SCOPES,
    });
    expect(
      (await call('POST', 'institutions/authenticate', { facility: 'H1' }, TOKEN)).status,
    ).toBe(200);
    expect((await call('POST', 'institutions/authenticate', { facility: 'H1' })).status).toBe(401);
    expect(await allRows()).not.toContain(put.body.apiKey);
  });
});
