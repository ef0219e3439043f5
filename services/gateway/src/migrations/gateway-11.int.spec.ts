import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { gateway } from '..';
import { answered, charge, gatewayOn, hl7 } from '../../test/gateway';
import { Gateway1700000000011 } from './gateway-11';

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

test('a visit that the release before opened under a number is found under the one that it was merged into', async () => {
  const before = gatewayOn(
    await opened(gateway.migrations.slice(0, gateway.migrations.indexOf(Gateway1700000000011))),
  );
  const now = gatewayOn(await opened());
  const sent = async (text: string, door = now.hl7Door) =>
    answered(await door.answer(Buffer.from(text)));
  expect(await sent(hl7('ADT^A04'), before.hl7Door)).toMatchObject({ code: 'AA' });
  const a40 = hl7('ADT^A40', { controlId: 'M2', pid: { 3: 'P0002^^^HZ001^MR' } });
  const merge = `${a40}\rMRG|P0001^^^HZ001^MR`;
  expect((await sent(merge)).text).toMatch(/^merged: /);
  const pid = { 3: 'P0002^^^HZ001^MR' };
  const ft1 = [charge('T1')];
  expect(await sent(hl7('DFT^P03', { controlId: 'M3', pid, ft1 }))).toMatchObject({ code: 'AA' });
});
