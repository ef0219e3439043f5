import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FilePlace, openCheckpoint, rootFrom, signerOf } from '@caretab/anchors';
import { MemoryBus } from '@caretab/bus';
import { read, visitLedgerAnchors } from '@caretab/contracts';
import { testDatabase, type TestDatabase } from '@caretab/doubles';
import {
  type ChainedEvent,
  chainHash,
  contentDigest,
  EventSigner,
  GENESIS,
  TWIN_KEYS,
} from '@caretab/event-store';
import { PgEventStore } from '@caretab/event-store-postgres';
import { systemClock, systemTimers } from '@caretab/kernel';
import { Client } from 'pg';
import { writeVisit } from '../../test/visit-audit.suite';
import { ProofController } from '../visit/proof.controller';
import { firstStreams } from '../visit/visit-streams';
import { LogAnchors } from './log-anchors';

const EVENTS = 'visit_ledger_events.events';
const { signer } = signerOf('caretab/visit-ledger', Buffer.alloc(32, 3));

let database: TestDatabase;
let events: PgEventStore;
let home: string;
let bus: MemoryBus;
let anchors: LogAnchors;
let proofs: ProofController;

beforeEach(async () => {
  database = await testDatabase();
  events = new PgEventStore({ keys: TWIN_KEYS, url: database.url, schema: 'visit_ledger_events' });
  await events.migrate();
  home = mkdtempSync(join(tmpdir(), 'caretab-log-anchors-'));
  bus = new MemoryBus(systemTimers);
  const { name, partitions, retentionMs } = visitLedgerAnchors;
  await bus.declare([{ name, partitions, retentionMs }]);
  const places = ['one', 'two'].map(
    (place) => new FilePlace(place, mkdtempSync(join(home, place)), signer.verifier.name),
  );
  anchors = new LogAnchors({
    ...{ events, bus, clock: systemClock, storeId: 'postgres:visit_ledger_events' },
    ports: { signer, verifiers: [signer.verifier], places },
    leads: () => true,
  });
  proofs = new ProofController(events, firstStreams, anchors);
});
afterEach(async () => {
  await events.close();
  await database.drop();
  rmSync(home, { recursive: true, force: true });
});

/** The owner of the database, who has the keys of events too: the trigger is off meanwhile. */
const asOwner = async (work: (client: Client) => Promise<void>): Promise<void> => {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query(`alter table ${EVENTS} disable trigger all`);
  await work(client);
  await client.query(`alter table ${EVENTS} enable trigger all`);
  await client.end();
};

const streamOf = async (stream: string): Promise<ChainedEvent[]> => {
  const found: ChainedEvent[] = [];
  for await (const page of events.export())
    found.push(...page.filter((event) => event.stream === stream));
  return found;
};

/** Changes an amount, and recomputes every hash and signature behind it. */
const rewrite = async (visitId: string): Promise<void> => {
  const keys = new EventSigner(TWIN_KEYS);
  const stream = await streamOf(`visit-${visitId}`);
  await asOwner(async (client) => {
    let previous: Uint8Array = GENESIS;
    for (const event of stream) {
      const data = event.data.replaceAll('"amountFen":200', '"amountFen":999900');
      const digest = contentDigest({ ...event, data });
      const hash = chainHash(previous, digest, event.revision, event.recordedAtMs);
      const { mac } = keys.sign(digest, event.revision);
      await client.query(
        `update ${EVENTS} set data = $1, hash = $2, mac = $3 where position = $4`,
        [data, hash, mac, event.position.toString()],
      );
      previous = hash;
    }
  });
};

test('what the owner of the database rewrites with all hashes and signatures is found, and where', async () => {
  await writeVisit(events, 'A1');
  await anchors.runOnce();
  const visitId = await writeVisit(events, 'A2');
  await anchors.runOnce();
  await writeVisit(events, 'A3');
  await anchors.runOnce();
  const ask = () => proofs.proof({ params: { visitId } });
  expect(await ask()).toMatchObject({
    ...{ intact: true, events: 7 },
    anchors: {
      anchored: 7,
      places: [
        { place: 'one', size: 21 },
        { place: 'two', size: 21 },
      ],
      faults: [],
    },
  });
  await rewrite(visitId);
  const fault = { kind: 'rewritten', size: 14, after: '7', upTo: '14' };
  const found = [
    { ...fault, place: 'one' },
    { ...fault, place: 'two' },
  ];
  expect(await ask()).toMatchObject({ intact: false, faults: [], anchors: { faults: found } });
  expect(await proofs.proofOfAll({ query: {} })).toMatchObject({
    ...{ intact: false, faults: [], anchors: { anchored: 21, faults: found } },
  });
  const other = { params: { visitId: 'HZ001-A1' } };
  expect(await proofs.proof(other)).toMatchObject({ intact: true });
});

test('a visit whose last events were cut off, with those behind moved up, is found in the whole log', async () => {
  await writeVisit(events, 'B1');
  await writeVisit(events, 'B2');
  await anchors.runOnce();
  await asOwner(async (client) => {
    await client.query(`delete from ${EVENTS} where position = 7`);
    for (let position = 8; position <= 14; position += 1)
      await client.query(`update ${EVENTS} set position = $1 where position = $2`, [
        position - 1,
        position,
      ]);
  });
  expect(await proofs.proofOfAll({ query: {} })).toMatchObject({
    ...{ intact: false, faults: [] },
    anchors: { faults: [{ kind: 'shorter' }, { kind: 'shorter' }] },
  });
  await expect(anchors.runOnce()).rejects.toThrow('the anchor of 14 entries contradicts the log');
  expect(anchors.degradations()).toMatchObject([{ what: 'the anchors of the log' }]);
});

test('an event is proven to who has the public key alone, once an anchor covers it', async () => {
  const visitId = await writeVisit(events, 'D1');
  const ask = (revision: string) => proofs.eventProof({ params: { visitId, revision } });
  expect(await ask('4')).toMatchObject({ revision: 4, inclusion: null });
  await anchors.runOnce();
  const { inclusion, previousHash, ...event } = await ask('4');
  const { size, root } = openCheckpoint(inclusion!.note, [signer.verifier]);
  const previous = Buffer.from(previousHash, 'base64');
  const hash = chainHash(previous, contentDigest(event), event.revision, event.recordedAtMs);
  const way = inclusion!.way.map((node) => Buffer.from(node, 'base64'));
  expect(rootFrom(hash, { index: inclusion!.index, size }, way)).toEqual(root);
  await expect(ask('7')).rejects.toMatchObject({ code: 'VISIT_UNKNOWN' });
});

test('each anchor is on its topic, once, for those who keep it outside', async () => {
  await writeVisit(events, 'C1');
  await anchors.runOnce();
  await anchors.runOnce();
  const sent = bus.messages(visitLedgerAnchors.name).map((one) => read(visitLedgerAnchors, one));
  expect(sent).toMatchObject([
    { type: 'LogAnchored', data: { origin: 'caretab/visit-ledger', size: 7 } },
  ]);
});
