import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { Client } from 'pg';
import { gateway } from '..';
import { answered, charge, CHILD, gatewayOn, hl7 } from '../../test/gateway';
import { Gateway1700000000012 } from './gateway-12';

let database: TestDatabase;
const stores: TypeOrmStore[] = [];
const opened = async (migrations = gateway.migrations): Promise<TypeOrmStore> => {
  const place = { url: database.url, schema: 'gateway', poolMax: 4 };
  stores.push(await TypeOrmStore.open({ ...place, tables: gateway.tables, migrations }));
  return stores.at(-1)!;
};
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => {
  for (const store of stores) await store.close();
  await database.drop();
});

test('merges that the release before noted hold, a circle of them too, and persons are known by them', async () => {
  const before = gateway.migrations.filter((one) => one !== Gateway1700000000012);
  const earlier = gatewayOn(await opened(before));
  const hash = (patientNumber: string): string =>
    earlier.envelope.hash({ institutionId: 'HZ001', patientNumber });
  await earlier.hl7Door.answer(Buffer.from(hl7('ADT^A04')));
  const client = new Client({ connectionString: database.url });
  await client.connect();
  for (const [former, surviving] of [
    ['P0001', 'P0002'],
    ['P0002', 'P0001'],
  ] as const)
    await client.query(
      `insert into gateway.merged_number (former_hash, surviving_hash, institution_id, merged_at)
       values ($1, $2, 'HZ001', now())`,
      [hash(former), hash(surviving)],
    );
  await client.end();
  const now = gatewayOn(await opened());
  const sent = async (text: string) => answered(await now.hl7Door.answer(Buffer.from(text)));
  const mr = (number: string): string => `${number}^^^HZ001^MR`;
  const merge = (controlId: string, surviving: string, former: string) =>
    sent(`${hl7('ADT^A40', { controlId, pid: { 3: mr(surviving) } })}\rMRG|${mr(former)}`);
  expect((await merge('M2', 'P0003', 'P0002')).text).toMatch(/^merged: /);
  const byNumber = { controlId: 'M3', pid: { 3: mr('P0002') }, ft1: [charge('T1')] };
  expect(await sent(hl7('DFT^P03', byNumber))).toMatchObject({ code: 'AA' });
  const childs = { 3: `${CHILD}^^^CN^NI~${mr('P0009')}` };
  await sent(hl7('ADT^A04', { controlId: 'M4', pid: childs, pv1: { 19: 'V2' } }));
  expect(await merge('M5', 'P0009', 'P0001')).toMatchObject({ errors: ['PERSON_DIFFERS'] });
});
