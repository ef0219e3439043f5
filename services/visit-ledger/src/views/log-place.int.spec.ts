import { MemoryBus } from '@caretab/bus';
import { visitLedgerVisits } from '@caretab/contracts';
import { fixedClock } from '@caretab/doubles';
import { TWIN_KEYS } from '@caretab/event-store';
import { eventually } from '@caretab/hospital';
import { systemTimers } from '@caretab/kernel';
import { Client } from 'pg';
import { candidate } from '../../test/candidate';
import { caused, commandsOf, visitIdOfNumber } from '../../test/facts';
import { ledgerInPostgres, type OpenedLedger } from '../../test/ledgers';
import { passingBy, SetAside } from '../set-aside/set-aside';
import { openLedger } from '../ledger-store';
import { VisitPublication } from '../visit/visit-publication';
import { Visits } from '../visit/visits';
import { CheckpointOfAnotherStore } from './checkpoints';
import { LAG_MS_MAX, LogPlace, onProvenLog } from './log-place';
import { Projection } from './projection';

const TABLE = 'visit_ledger_events.events';
let ledger: OpenedLedger;
beforeEach(async () => void (ledger = await ledgerInPostgres()));
afterEach(() => ledger.close());

/** What a restore of the database does to the log. */
const asOwner = async (statement: string): Promise<void> => {
  const client = new Client({ connectionString: ledger.databaseUrl });
  await client.connect();
  await client.query(
    `alter table ${TABLE} disable trigger events_immutable; ${statement}; ` +
      `alter table ${TABLE} enable always trigger events_immutable`,
  );
  await client.end();
};

/** The parts of a process of the service that follow the log and write into it. */
const startProcess = async () => {
  const { events, id } = ledger;
  const store = await ledger.openRows();
  const clock = fixedClock('2026-03-02T09:00:00Z');
  const lines: string[] = [];
  const line = (_facts: object, text: string): void => void lines.push(text);
  const place: LogPlace = new LogPlace({
    ...{ events, store, clock, logger: { error: line, info: line } },
    onLost: () => visits.forget(),
  });
  const setAside = new SetAside({
    ...{ store, storeId: id, clock, logger: { error: line } },
    proveLog: () => place.prove(),
  });
  const followed = passingBy(events, setAside.note);
  const visits = new Visits(onProvenLog(events, place), setAside);
  const bus = new MemoryBus(systemTimers);
  const { name, partitions, retentionMs } = visitLedgerVisits;
  await bus.declare([{ name, partitions, retentionMs }]);
  const projection = new Projection(followed, store, candidate(id), { streams: setAside });
  const publication = new VisitPublication(followed, bus, store, candidate(id), setAside);
  await projection.start();
  await publication.start();
  const open = (number: string): Promise<void> =>
    visits.handle(visitIdOfNumber(number), [caused(commandsOf(number).start, `m-${number}`)]);
  const published = (): (string | null)[] => bus.messages(name).map(({ key }) => key);
  return {
    ...{ clock, place, visits, lines, open, published, projection, setAside },
    openAndFollow: async (number: string): Promise<void> => {
      await open(number);
      await eventually(async () => {
        expect(published()).toContain(visitIdOfNumber(number));
        expect([await publication.pending(), await projection.pending()]).toEqual([0, 0]);
      });
    },
    stop: async () => {
      await publication.stop();
      await projection.stop();
    },
  };
};

const unavailable = { kind: 'unavailable' };

test('an older copy under the running service is given no answer, and the true log goes on', async () => {
  const made = await startProcess();
  const { place, clock, visits, open, published, lines } = made;
  await made.openAndFollow('A1');
  await made.openAndFollow('B1');
  await made.openAndFollow('C1');
  await asOwner(`create table kept as table ${TABLE}; delete from ${TABLE} where position > 1`);
  const before = published();
  // What lands on the copy before the fence has no answer.
  const lost = open('D1').catch((error: unknown) => error);
  await place.runOnce();
  await expect(open('E1')).rejects.toMatchObject(unavailable);
  await expect(visits.look(visitIdOfNumber('B1'))).rejects.toMatchObject(unavailable);
  expect(place.degradations()).toEqual([]);
  clock.advance(LAG_MS_MAX);
  await place.runOnce();
  expect(place.degradations()).toMatchObject([
    { why: expect.stringMatching(/the log ends at [12], but \w+ has read up to 3/) },
  ]);
  expect(lines).toEqual(['the log is not the one that was read, commands wait']);
  expect(await lost).toMatchObject(unavailable);
  expect(published()).toEqual(before);
  await asOwner(`delete from ${TABLE}; insert into ${TABLE} select * from kept`);
  await place.runOnce();
  expect(place.degradations()).toEqual([]);
  for (const number of ['D1', 'E1']) await made.openAndFollow(number);
  expect(published().toSorted()).toEqual(
    ['A1', 'B1', 'C1', 'D1', 'E1'].map((number) => visitIdOfNumber(number)).toSorted(),
  );
  expect((await ledger.events.verifyAll()).faults).toEqual([]);
  for (const { differences } of await made.projection.check()) expect(differences).toEqual([]);
  await made.stop();
});

test('an older copy rebuilds no view: they stand as they were, and follow the true log on', async () => {
  const made = await startProcess();
  for (const number of ['A1', 'B1', 'C1']) await made.openAndFollow(number);
  await asOwner(`create table kept as table ${TABLE}; delete from ${TABLE} where position > 1`);
  await expect(made.projection.rebuild()).rejects.toBeInstanceOf(CheckpointOfAnotherStore);
  // Brought as far by another process since, it is another log all the same.
  const other = await openLedger(ledger.place, { keys: TWIN_KEYS });
  for (const number of ['D1', 'E1'])
    await new Visits(other).handle(visitIdOfNumber(number), [
      caused(commandsOf(number).start, `m-${number}`),
    ]);
  await other.close();
  await expect(made.projection.rebuild()).rejects.toMatchObject(unavailable);
  await asOwner(`delete from ${TABLE}; insert into ${TABLE} select * from kept`);
  await made.place.runOnce();
  await made.openAndFollow('G1');
  for (const { differences } of await made.projection.check()) expect(differences).toEqual([]);
  expect((await made.projection.rebuild()).events).toBe(4);
  await made.stop();
});

test('a stream that lost every row opens no visit anew, also after the views were rebuilt', async () => {
  const made = await startProcess();
  for (const number of ['A1', 'B1', 'C1']) await made.openAndFollow(number);
  const lost = visitIdOfNumber('B1');
  await asOwner(`delete from ${TABLE} where stream = 'visit-${lost}'`);
  const visits = new Visits(ledger.events, made.setAside);
  const again = (): Promise<void> =>
    visits.handle(lost, [caused(commandsOf('B1').start, 'm-again')]);
  const truncated = { fault: { kind: 'truncated', stream: `visit-${lost}`, revision: 0 } };
  await made.projection.rebuild();
  expect(made.setAside.isAside(lost)).toBe(true);
  await expect(again()).rejects.toMatchObject(truncated);
  expect(await ledger.events.readStream(`visit-${lost}`)).toEqual([]);
  await made.openAndFollow('D1');
  for (const { differences } of await made.projection.check()) expect(differences).toEqual([]);
  await made.stop();
});
