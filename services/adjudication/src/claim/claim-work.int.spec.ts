import { messagingMigrations } from '@caretab/bus';
import { countedWork, testDatabase, type TestDatabase } from '@caretab/doubles';
import { derivedId } from '@caretab/kernel';
import { TypeOrmStore } from '@caretab/store';
import { adjudication } from '..';
import { AdjudicationStage, employee, evergreen, line } from '../../test/claims';
import { tables } from '../tables';

const BATCH = 50;
const LINES = 10;
/** Each kind of row is read and written once, however many visits there are. */
const STATEMENTS_TO_COVER = 12;
const STATEMENTS_TO_SETTLE = 17;
/** Of one visit: level, memberships, accounts; of one claim also its lines' references. */
const ROWS_TO_COVER = 5;
const ROWS_TO_SETTLE = 20;
const lines = Array.from({ length: LINES }, (_, index) => line(`c${index}`, '331006002', 20_000));
const visits = Array.from({ length: BATCH }, (_, index) => `HZ01-${index}`);
const personOf = (visitId: string): { readonly personId: string } => ({
  personId: `p-${derivedId('a person at work', visitId)}`,
});
const opened = (stage: AdjudicationStage) =>
  visits.map((visitId) => stage.opened(visitId, personOf(visitId)));
const closed = (stage: AdjudicationStage) =>
  visits.map((visitId) => stage.closed(visitId, 1, lines, personOf(visitId)));
const members = async (stage: AdjudicationStage): Promise<void> => {
  await stage.registerHospital();
  await Promise.all(
    visits.map((visitId) =>
      stage.memberships.replace(personOf(visitId).personId, [employee, evergreen]),
    ),
  );
};

let database: TestDatabase;
beforeEach(async () => (database = await testDatabase()));
afterEach(() => database.drop());

const counted = (
  given: (stage: AdjudicationStage) => Promise<void>,
  work: (stage: AdjudicationStage) => Promise<void>,
) =>
  countedWork({
    url: database.url,
    open: (url) =>
      TypeOrmStore.open({
        url,
        schema: 'adjudication',
        tables,
        migrations: [...messagingMigrations, ...adjudication.migrations],
      }),
    given: (store) => given(new AdjudicationStage(store)),
    work: (store) => work(new AdjudicationStage(store)),
  });

test('fifty opened visits are covered by a few statements and one commit', async () => {
  const { statements, commits, rowsRead } = await counted(members, (stage) =>
    stage.handle(opened(stage)),
  );
  expect(commits).toBe(1);
  expect(statements.length).toBeLessThanOrEqual(STATEMENTS_TO_COVER);
  expect(rowsRead / BATCH).toBeLessThanOrEqual(ROWS_TO_COVER);
});

test('fifty claims of ten lines are settled by a few statements and one commit', async () => {
  const { statements, commits, rowsRead } = await counted(
    async (stage) => {
      await members(stage);
      await stage.handle(opened(stage));
    },
    (stage) => stage.handle(closed(stage)),
  );
  expect(commits).toBe(1);
  expect(statements.length).toBeLessThanOrEqual(STATEMENTS_TO_SETTLE);
  expect(rowsRead / BATCH).toBeLessThanOrEqual(ROWS_TO_SETTLE);
});
