import { messagingMigrations } from '@caretab/bus';
import { countedWork, testDatabase, type TestDatabase } from '@caretab/doubles';
import { derivedId } from '@caretab/kernel';
import { TypeOrmStore } from '@caretab/store';
import { adjudication } from '..';
import { CheckedStage, employee, LATER, shipped } from '../../test/checks';
import { tables } from '../tables';

const CLAIMS = 20;
/** The place, the page, two of coverages, claims, lines, flags, and the place again. */
const STATEMENTS_TO_CHECK = 12;

let database: TestDatabase;
beforeEach(async () => (database = await testDatabase()));
afterEach(() => database.drop());

const open = (url = database.url): Promise<TypeOrmStore> =>
  TypeOrmStore.open({
    ...{ url, schema: 'adjudication', tables },
    migrations: [...messagingMigrations, ...adjudication.migrations],
  });

test('two processes that look through the same claims raise each flag once', async () => {
  const stores = [await open(), await open()];
  try {
    const [one, other] = stores.map((store) => new CheckedStage(store)) as [
      CheckedStage,
      CheckedStage,
    ];
    await one.begin();
    for (let at = 0; at < 5; at += 1) await one.stay(`HZ0${(at % 2) + 1}-${at}`);
    const looked = await Promise.all([one.toTheirEnd(), other.toTheirEnd()]);
    expect(looked.reduce((sum, count) => sum + count, 0)).toBe(5);
    const flags = await one.flags();
    expect(flags.length).toBe(10);
    expect([...one.counted, ...other.counted]).toHaveLength(10);
  } finally {
    for (const store of stores) await store.close();
  }
});

test('twenty claims of twenty persons are looked through by a few statements', async () => {
  const visits = Array.from({ length: CLAIMS }, (_, at) => `HZ01-${at}`);
  const personOf = (visitId: string) => ({ personId: `p-${derivedId('checked', visitId)}` });
  const { statements, commits } = await countedWork({
    url: database.url,
    open,
    given: async (store) => {
      const stage = new CheckedStage(store);
      await stage.begin();
      for (const visitId of visits) {
        await stage.claims.memberships.replace(personOf(visitId).personId, [employee]);
        await stage.stay(visitId, { changes: personOf(visitId) });
      }
    },
    work: async (store) => {
      const page = await new CheckedStage(store).checks(LATER, shipped).runOnce();
      expect(page).toBe(CLAIMS);
    },
  });
  expect(commits).toBe(1);
  expect(statements.length).toBeLessThanOrEqual(STATEMENTS_TO_CHECK);
});
