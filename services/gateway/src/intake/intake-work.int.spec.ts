import { messagingMigrations } from '@caretab/bus';
import { countedWork, testDatabase, type TestDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import type { HospitalRequest } from '../api/http-door';
import { gateway } from '..';
import { gatewayOn } from '../../test/gateway';
import { charging, numbers, opening, outcomes } from '../../test/together.suite';

const CALLERS = 32;
/** Beginning and end, two reads, and what is written of intake, reports and outbox. */
const STATEMENTS_OF_CHARGES = 7;
/** Persons erased, visits that are over, and what came before each opening are read too. */
const STATEMENTS_OF_OPENINGS = 10;
/** Of one charge: its visit's opening. The list of messages is short here, and read whole. */
const ROWS_MAX = 2;

let database: TestDatabase;
beforeEach(async () => (database = await testDatabase()));
afterEach(() => database.drop());

const counted = async (
  given: readonly HospitalRequest[],
  requests: readonly HospitalRequest[],
): Promise<Awaited<ReturnType<typeof countedWork>>> => {
  let answers: readonly string[] = [];
  const found = await countedWork({
    url: database.url,
    open: (url) =>
      TypeOrmStore.open({
        url,
        schema: 'gateway',
        tables: gateway.tables,
        migrations: [...messagingMigrations, ...gateway.migrations],
      }),
    given: (store) => outcomes(gatewayOn(store), given),
    work: async (store) => {
      answers = await outcomes(gatewayOn(store), requests);
    },
  });
  expect(answers).toEqual(requests.map(() => 'accepted'));
  return found;
};

test.each([1, CALLERS])(
  '%d charges at once cost seven statements and one commit',
  async (count) => {
    const charges = numbers(count).map((number) => charging(number));
    const { statements, commits, rowsRead } = await counted(numbers(count).map(opening), charges);
    expect(commits).toBe(1);
    expect(statements.length).toBeLessThanOrEqual(STATEMENTS_OF_CHARGES);
    expect(rowsRead / count).toBeLessThanOrEqual(ROWS_MAX);
  },
);

test('openings at once cost one commit too, and no statement for each', async () => {
  const { statements, commits } = await counted([], numbers(CALLERS).map(opening));
  expect(commits).toBe(1);
  expect(statements.length).toBeLessThanOrEqual(STATEMENTS_OF_OPENINGS);
});
