import { TWIN_KEYS } from '@caretab/event-store';
import { PgEventStore } from '@caretab/event-store-postgres';
import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { Client } from 'pg';
import { ledgerInPostgres } from '../../test/ledgers';
import { visitAuditSuite, writeVisit } from '../../test/visit-audit.suite';
import { ProofController } from './proof.controller';

let database: TestDatabase;
let events: PgEventStore;
let controller: ProofController;

beforeAll(async () => {
  database = await testDatabase();
  events = new PgEventStore({ keys: TWIN_KEYS, url: database.url, schema: 'visit_ledger_events' });
  await events.migrate();
  controller = new ProofController(events);
});
afterAll(async () => {
  await events.close();
  await database.drop();
});

const write = (number: string): Promise<string> => writeVisit(events, number);

/**
 * What only the owner of the database can do: the triggers are off, and changes are made past the
 * application.
 */
const asSuperuser = async (...statements: string[]): Promise<void> => {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  for (const statement of [
    'alter table visit_ledger_events.events disable trigger all',
    ...statements,
    'alter table visit_ledger_events.events enable trigger all',
  ])
    await client.query(statement);
  await client.end();
};
const EVENTS = 'visit_ledger_events.events';

visitAuditSuite(ledgerInPostgres);

test.each([
  [
    'changed in its content',
    'X1',
    (stream: string) => [
      `update ${EVENTS} set data = replace(data, '"amountFen":200', ` +
        `'"amountFen":201') where stream = '${stream}' and revision = 4`,
    ],
    { kind: 'content', revision: 4 },
  ],
  [
    'changed in its time',
    'X2',
    (stream: string) => [
      `update ${EVENTS} set recorded_at = recorded_at + interval '1 day' where stream = '${stream}' and revision = 2`,
    ],
    { kind: 'content', revision: 2 },
  ],
  [
    'changed in its cause',
    'X3',
    (stream: string) => [
      `update ${EVENTS} set metadata = replace(metadata, 'm-X3-3', 'm-X3-9') where ` +
        `stream = '${stream}' and revision = 3`,
    ],
    { kind: 'content', revision: 3 },
  ],
  [
    'dropped',
    'X4',
    (stream: string) => [`delete from ${EVENTS} where stream = '${stream}' and revision = 3`],
    { kind: 'gap', revision: 4 },
  ],
  [
    'dropped, and the rest moved up',
    'X5',
    (stream: string) => [
      `delete from ${EVENTS} where stream = '${stream}' and revision = 3`,
      ...[4, 5, 6].map(
        (revision) =>
          `update ${EVENTS} set revision = ${revision - 1} where stream = '${stream}' and revision = ${revision}`,
      ),
    ],
    { kind: 'content', revision: 3 },
  ],
  [
    'moved before another',
    'X6',
    (stream: string) => [
      `update ${EVENTS} set revision = 99 where stream = '${stream}' and revision = 3`,
      `update ${EVENTS} set revision = 3 where stream = '${stream}' and revision = 4`,
      `update ${EVENTS} set revision = 4 where stream = '${stream}' and revision = 99`,
    ],
    { kind: 'content', revision: 3 },
  ],
])('a fact that was %s is found', async (_, number, meddle, fault) => {
  const visitId = await write(number);
  expect(await controller.proof({ params: { visitId } })).toMatchObject({ intact: true });
  await asSuperuser(...meddle(`visit-${visitId}`));
  const proof = await controller.proof({ params: { visitId } });
  expect(proof.intact).toBe(false);
  expect(proof.faults[0]).toMatchObject({
    ...fault,
    stream: `visit-${visitId}`,
    position: expect.any(String),
  });
});

test(
  'the last facts of a visit that were cut off leave its own chain whole, and are ' +
    'found in the order of all',
  async () => {
    const visitId = await write('Y1');
    await write('Y2');
    await asSuperuser(`delete from ${EVENTS} where stream = 'visit-${visitId}' and revision >= 5`);
    expect(await controller.proof({ params: { visitId } })).toMatchObject({
      events: 5,
      intact: true,
    });
    const { faults } = await controller.proofOfAll({ query: {} });
    expect(faults).toContainEqual(
      expect.objectContaining({ kind: 'gap', stream: 'visit-HZ001-Y2' }),
    );
  },
);
