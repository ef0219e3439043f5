import { MemoryBus } from '@caretab/bus';
import { visitLedgerVisits } from '@caretab/contracts';
import { type EventStoreServer, startEventStoreServer } from '@caretab/doubles';
import { StreamFaulty, TWIN_KEYS } from '@caretab/event-store';
import { eventually } from '@caretab/hospital';
import { systemClock, systemTimers } from '@caretab/kernel';
import { MemoryStore } from '@caretab/store';
import { EventStoreDBClient } from '@eventstore/db-client';
import { candidate } from '../../test/candidate';
import { caused, commandsOf, noLaterClaims, visitIdOfNumber } from '../../test/facts';
import { writeVisit } from '../../test/visit-audit.suite';
import { ledgerDatabase } from '../../test/ledger-database';
import { type LedgerEvents, openLedger } from '../ledger-store';
import { Projection } from '../views/projection';
import { Republication } from '../visit/republication';
import { ProofController } from '../visit/proof.controller';
import { VisitController } from '../visit/visit.controller';
import { VisitPublication } from '../visit/visit-publication';
import { Visits } from '../visit/visits';
import { Resumption } from './resumption';
import { passingBy, SetAside } from './set-aside';

/** A closed visit whose stream an operator of the server deletes softly. */
let server: EventStoreServer;
let client: EventStoreDBClient;
let visitId: string;
let ledger: Awaited<ReturnType<typeof startLedger>>;

const open = (): Promise<LedgerEvents> =>
  openLedger({ kind: 'eventstoredb', url: server.url, namespace: 'ledger' }, { keys: TWIN_KEYS });

const startLedger = async () => {
  const events = await open();
  const store = new MemoryStore({ database: ledgerDatabase() });
  const bus = new MemoryBus(systemTimers);
  const { name, partitions, retentionMs } = visitLedgerVisits;
  await bus.declare([{ name, partitions, retentionMs }]);
  const clock = systemClock;
  const logger = { error: () => undefined };
  const setAside = new SetAside({ store, storeId: 'twin', clock, logger });
  const followed = passingBy(events, setAside.note);
  const projection = new Projection(followed, store, candidate('twin'));
  const publication = new VisitPublication(followed, bus, store, candidate('twin'), setAside);
  const republication = new Republication(followed, bus, setAside);
  await publication.start();
  await projection.start();
  return {
    ...{ events, setAside },
    resumption: new Resumption({
      ...{ events, store, clock, setAside, projection, republication },
    }),
    /** A process of the service that remembers nothing yet. */
    fresh: () => {
      const visits = new Visits(events, setAside);
      return {
        visits,
        doors: new VisitController(events, visits, noLaterClaims, setAside),
        proofs: new ProofController(events, setAside),
      };
    },
    differences: async () => (await projection.check()).flatMap(({ differences }) => differences),
    stop: async () => {
      await publication.stop();
      await projection.stop();
      await events.close();
    },
  };
};

beforeEach(async () => {
  server = await startEventStoreServer();
  client = EventStoreDBClient.connectionString(server.url);
  ledger = await startLedger();
  visitId = await writeVisit(ledger.events, 'S1');
  await client.deleteStream(`ledger-visit-${visitId}`);
});
afterEach(async () => {
  await ledger.stop();
  await client.dispose();
  await server.stop();
});

const start = caused(commandsOf('S1').start, 'm-again');
const isAside = (): Promise<void> =>
  eventually(() => expect(ledger.setAside.isAside(visitId)).toBe(true));

test('it is set aside before any command comes, and its start sent again opens nothing', async () => {
  await isAside();
  const { visits, doors, proofs } = ledger.fresh();
  await expect(visits.handle(visitId, [start])).rejects.toBeInstanceOf(StreamFaulty);
  await expect(doors.history({ params: { visitId } })).rejects.toMatchObject({
    code: 'VISIT_SET_ASIDE',
  });
  expect(await proofs.proof({ params: { visitId } })).toMatchObject({
    events: 0,
    intact: false,
    faults: [{ kind: 'truncated', revision: 0 }],
  });
  expect(await proofs.proofOfAll({ query: {} })).toMatchObject({ events: 7, intact: false });
  const other = await writeVisit(ledger.events, 'T1');
  expect(await proofs.proof({ params: { visitId: other } })).toMatchObject({ intact: true });
});

test('a process that has not learned of it takes it for no empty visit', async () => {
  const events = await open();
  const visits = new Visits(events);
  await expect(visits.handle(visitId, [start])).rejects.toBeInstanceOf(StreamFaulty);
  await expect(visits.look(visitIdOfNumber('S1'))).rejects.toBeInstanceOf(StreamFaulty);
  await events.close();
});

test('its metadata is put back, and it goes on as it was', async () => {
  await isAside();
  await client.setStreamMetadata(`ledger-visit-${visitId}`, { truncateBefore: 0 });
  const resumed = await ledger.resumption.resume(visitId, { leavesOut: [], reason: 'put back' });
  expect(resumed).toMatchObject({ stream: `visit-${visitId}`, events: 7 });
  const { visits, proofs } = ledger.fresh();
  expect((await visits.look(visitId)).status).toBe('closed');
  expect(await proofs.proof({ params: { visitId } })).toMatchObject({ events: 7, intact: true });
  await eventually(async () => expect(await ledger.differences()).toEqual([]));
});

test('without it, what the log of all still has goes on in a new stream', async () => {
  await isAside();
  const resumed = await ledger.resumption.resume(visitId, { leavesOut: [], reason: 'deleted' });
  expect(resumed).toMatchObject({ stream: `visit-${visitId}~2`, events: 7 });
  const { visits, proofs } = ledger.fresh();
  expect((await visits.look(visitId)).status).toBe('closed');
  expect(await proofs.proof({ params: { visitId } })).toMatchObject({ events: 7, intact: true });
  await eventually(async () => expect(await ledger.differences()).toEqual([]));
});
