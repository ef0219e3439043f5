import { messagingMigrations, parkedTable } from '@caretab/bus';
import { type Store, TypeOrmStore } from '@caretab/store';
import { type TestDatabase, testDatabase } from '@caretab/doubles';
import { credit } from '..';
import { holdTable } from '../hold/hold.table';
import { CreditFixture, expectEntriesToExplain } from '../../test/holds.suite';
import { again, mergesSuite, TwoPersons } from '../../test/merges.suite';

let database: TestDatabase;
let schemas = 0;
const stores: Store[] = [];
const open = async (schema = ++schemas): Promise<Store> => {
  const store = await TypeOrmStore.open({
    url: database.url,
    schema: `credit_${schema}`,
    tables: [parkedTable, ...credit.tables],
    migrations: [...messagingMigrations, ...credit.migrations],
    poolMax: 10,
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

mergesSuite(() => open(), 5);

test('merged and unmerged under load of two instances, each fen stays on one line', async () => {
  const here = new CreditFixture(await open(), 'here');
  const there = new CreditFixture(await open(schemas), 'there');
  const both = await new TwoPersons(here).enrol();
  const { merged, survivor } = both;
  const child = await here.registered('child', true);
  await here.guardian(child, merged);
  await here.enrolments.open(child);
  const visits =
    (world: CreditFixture, person: string, name: string) => async (): Promise<void> => {
      await again(() => world.opens(person, name));
      await again(() => world.asks(person, name, 3000, 3000, name));
      await again(() =>
        world.adjudicated(person, name, 2000, 1, person === child ? merged : person),
      );
      if (name.endsWith('3')) await again(() => world.settled(person, name, 2000));
    };
  const merges = async (): Promise<void> => {
    for (let round = 1; round <= 9; round += 1)
      await again(() =>
        both.says(round % 2 === 1 ? 'PersonsMerged' : 'PersonsUnmerged', { revision: round }),
      );
  };
  await Promise.all([
    merges(),
    ...Array.from({ length: 12 }, (_, index) => [
      visits(here, merged, `m${index}`)(),
      visits(there, survivor, `s${index}`)(),
      visits(index % 2 ? here : there, child, `c${index}`)(),
    ]).flat(),
  ]);
  const standing = async (person: string) => {
    const { heldFen, outstandingFen } = await here.account(person);
    const holds = await here.store.transact((transaction) =>
      transaction.rows(holdTable).find({ accountPersonId: person }),
    );
    const sum = (field: 'heldFen' | 'outstandingFen'): number =>
      holds.reduce((total, hold) => total + hold[field], 0);
    expect([heldFen, outstandingFen]).toEqual([sum('heldFen'), sum('outstandingFen')]);
    await expectEntriesToExplain(here, person);
    return holds.map((hold) => hold.personId);
  };
  expect(await standing(merged)).toEqual([]);
  expect(new Set(await standing(survivor))).toEqual(new Set([merged, survivor, child]));
  await again(() => both.says('PersonsUnmerged', { revision: 10 }));
  expect(new Set(await standing(merged))).toEqual(new Set([merged, child]));
  expect(new Set(await standing(survivor))).toEqual(new Set([survivor]));
}, 120_000);
