import { PgEventStore } from '@caretab/event-store';
import { testDatabase, type TestDatabase } from '@caretab/testing';
import { Client } from 'pg';
import { caused, commandsOf, visitIdOfNumber } from './fixtures.suite';
import { VisitController } from './visit.controller';
import { Visits } from './visits';

let database: TestDatabase;
let events: PgEventStore;
let controller: VisitController;

beforeAll(async () => {
  database = await testDatabase();
  events = new PgEventStore({ url: database.url, schema: 'visit_ledger_events' });
  await events.migrate();
  controller = new VisitController(events);
});
afterAll(async () => {
  await events.close();
  await database.drop();
});

const write = async (number: string): Promise<string> => {
  const { start, authorize, cover, post, end } = commandsOf(number);
  const commands = [start, authorize(), cover, post('T1', 100), post('T2', 200), end].map((command, index) => caused(command, `m-${number}-${index}`));
  await new Visits(events).handle(visitIdOfNumber(number), commands);
  return visitIdOfNumber(number);
};

/** What only somebody with all power over the database can do: the triggers are off, and changes are made past the application. */
const asSuperuser = async (...statements: string[]): Promise<void> => {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  for (const statement of ['alter table visit_ledger_events.events disable trigger all', ...statements, 'alter table visit_ledger_events.events enable trigger all']) await client.query(statement);
  await client.end();
};
const EVENTS = 'visit_ledger_events.events';

test('the history of a visit shows every fact with its time, its cause and its source message', async () => {
  const visitId = await write('H1');
  const { events: facts } = (await controller.history(visitId)) as { events: Record<string, unknown>[] };
  expect(facts.map(({ type }) => type)).toEqual(['VisitOpened', 'CreditAuthorized', 'CoverageDetermined', 'ChargeDeferred', 'ChargeDeferred', 'VisitEndReported', 'VisitClosed']);
  expect(facts.map(({ causationId }) => causationId)).toEqual([0, 1, 2, 3, 4, 5, 5].map((index) => `m-H1-${index}`));
  expect(facts.map(({ revision }) => revision)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  for (const fact of facts) expect(fact).toMatchObject({ recordedAt: expect.any(Date), source: expect.stringMatching(/^HL7\/m-H1-/), eventId: expect.any(String), position: expect.stringMatching(/^\d+$/) });
  await expect(controller.history('HZ001-NONE')).rejects.toMatchObject({ code: 'VISIT_UNKNOWN' });
});

test('an untouched visit is proven, an unknown one is not', async () => {
  const visitId = await write('P1');
  expect(await controller.proof(visitId)).toEqual({ visitId, events: 7, intact: true, faults: [] });
  await expect(controller.proof('HZ001-NONE')).rejects.toMatchObject({ code: 'VISIT_UNKNOWN' });
  const whole = (await controller.proofOfAll()) as { head: string; seal: string };
  expect(whole).toMatchObject({ intact: true, faults: [], seal: expect.stringMatching(/^[0-9a-f]{64}$/) });
  await write('P2');
  expect(await controller.proofOfAll(whole.head)).toMatchObject({ intact: true, head: whole.head, seal: whole.seal });
});

test.each([
  ['changed in its content', 'X1', (stream: string) => [`update ${EVENTS} set data = replace(data, '"amountFen":200', '"amountFen":201') where stream = '${stream}' and revision = 4`], { kind: 'content', revision: 4 }],
  ['changed in its time', 'X2', (stream: string) => [`update ${EVENTS} set recorded_at = recorded_at + interval '1 day' where stream = '${stream}' and revision = 2`], { kind: 'content', revision: 2 }],
  ['changed in its cause', 'X3', (stream: string) => [`update ${EVENTS} set metadata = replace(metadata, 'm-X3-3', 'm-X3-9') where stream = '${stream}' and revision = 3`], { kind: 'content', revision: 3 }],
  ['dropped', 'X4', (stream: string) => [`delete from ${EVENTS} where stream = '${stream}' and revision = 3`], { kind: 'gap', revision: 4 }],
  ['dropped, and the rest moved up', 'X5', (stream: string) => [
    `delete from ${EVENTS} where stream = '${stream}' and revision = 3`,
    ...[4, 5, 6].map((revision) => `update ${EVENTS} set revision = ${revision - 1} where stream = '${stream}' and revision = ${revision}`),
  ], { kind: 'content', revision: 3 }],
  ['moved before another', 'X6', (stream: string) => [
    `update ${EVENTS} set revision = 99 where stream = '${stream}' and revision = 3`, `update ${EVENTS} set revision = 3 where stream = '${stream}' and revision = 4`, `update ${EVENTS} set revision = 4 where stream = '${stream}' and revision = 99`,
  ], { kind: 'content', revision: 3 }],
])('a fact that was %s is found', async (_, number, meddle, fault) => {
  const visitId = await write(number);
  expect(await controller.proof(visitId)).toMatchObject({ intact: true });
  await asSuperuser(...meddle(`visit-${visitId}`));
  const proof = (await controller.proof(visitId)) as { intact: boolean; faults: object[] };
  expect(proof.intact).toBe(false);
  expect(proof.faults[0]).toMatchObject({ ...fault, stream: `visit-${visitId}`, position: expect.any(String) });
});

test('the last facts of a visit that were cut off leave its own chain whole, and are found in the order of all', async () => {
  const visitId = await write('Y1');
  await write('Y2');
  await asSuperuser(`delete from ${EVENTS} where stream = 'visit-${visitId}' and revision >= 5`);
  expect(await controller.proof(visitId)).toMatchObject({ events: 5, intact: true });
  const { faults } = (await controller.proofOfAll()) as { faults: { kind: string; stream: string }[] };
  expect(faults).toContainEqual(expect.objectContaining({ kind: 'gap', stream: 'visit-HZ001-Y2' }));
});
