import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { databaseUrlOf, makeDatabases } from '@caretab/deploy';
import { type EmbeddedPostgres, freePort, startEmbeddedPostgres } from '@caretab/engines';
import { TWIN_KEYS } from '@caretab/event-store';
import { PgEventStore } from '@caretab/event-store-postgres';
import type { Fault } from './faults';
import { onceIn } from './hands';
import { foreignEvent, forgedEvent } from './intruder';
import { olderCopy, readStrayed } from './older-copy';
import type { PlatformAccess } from './platform-access';
import type { SupervisedPlatform } from './supervised-platform';
import { OtherHands, type Touched } from './touched';
import { putBack, truncatedStream } from './truncation';

const STARTED_MS = 120_000;
const SCHEMA = 'visit_ledger_events';

let folder: string;
let postgres: EmbeddedPostgres;
let url: string;
let field: PlatformAccess;
let ground: SupervisedPlatform;
const opened: PgEventStore[] = [];

/** A process of the ledger. */
const open = (): PgEventStore => {
  const store = new PgEventStore({ keys: TWIN_KEYS, url, schema: SCHEMA, deadlineMs: 2000 });
  opened.push(store);
  return store;
};
const charge = (id: string) => ({ id, type: 'ChargeDeferred', data: { amountFen: 100 } });
/** So far all readers have come. */
const readTo = (position: bigint): Promise<object[]> =>
  onceIn(url, `update visit_ledger.checkpoint set position = '${position}'`);
/** What others do is the fault of this lot; true when it was done. */
const struck = (strike: typeof foreignEvent, lot = 0.3): Promise<boolean> =>
  strike(ground, { lot, number: 1 } as Fault).begin();
const touched = (): Touched => ground.hands.touched.at(-1)!;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'caretab-others-'));
  // The server's user must be able to enter.
  chmodSync(folder, 0o755);
  postgres = await startEmbeddedPostgres({
    dataDir: join(folder, 'postgres'),
    port: await freePort(),
  });
  await makeDatabases(postgres.url);
  url = databaseUrlOf(postgres.url, 'visit-ledger');
  field = { databaseUrlOf: () => url } as unknown as PlatformAccess;
  await onceIn(
    url,
    `create schema visit_ledger;
     create table visit_ledger.checkpoint (name text primary key, position text not null);
     insert into visit_ledger.checkpoint values ('views', '0'), ('publication', '0');
     create table visit_ledger.visit (visit_id text, institution_id text, person_id text, status text)`,
  );
}, STARTED_MS);
afterAll(async () => {
  await postgres?.stop();
  rmSync(folder, { recursive: true, force: true });
}, STARTED_MS);

let store: PgEventStore;
beforeEach(async () => {
  ground = {
    ...{ postgresUrl: postgres.url, hands: new OtherHands(), instances: [] },
    supervisor: { deaths: [] },
  } as unknown as SupervisedPlatform;
  await onceIn(url, `drop schema if exists ${SCHEMA} cascade`);
  await onceIn(url, 'drop schema if exists of_others cascade');
  await onceIn(
    url,
    `delete from visit_ledger.visit;
     insert into visit_ledger.visit select id, 'CH001', 'p-1', status
     from (values ('CH001-V1', 'open'), ('CH001-V2', 'settled')) as visits (id, status)`,
  );
  store = open();
  await store.migrate();
  for (const visit of ['V1', 'V2'])
    await store.append(
      `visit-CH001-${visit}`,
      ['a', 'b', 'c'].map((id) => charge(id)),
      'none',
    );
  await store.append('visit-CH001-V3', [charge('a')], 'none');
  await readTo(await store.head());
});
afterEach(async () => void (await Promise.all(opened.splice(0).map((one) => one.close()))));

test.each([
  ['foreign', foreignEvent],
  ['forged', forgedEvent],
] as const)(
  'a %s event of another login is a fault of its stream, and of no other',
  async (kind, strike) => {
    expect(await struck(strike)).toBe(true);
    const { stream, visitId } = touched();
    expect(touched()).toMatchObject({ kind, revision: 3 });
    await expect(store.readStream(stream)).rejects.toMatchObject({ fault: { kind, revision: 3 } });
    // Another one strikes another visit.
    await onceIn(url, `update visit_ledger.visit set status = 'open'`);
    await onceIn(url, `update visit_ledger.visit set status = 'settled' where visit_id = $1`, [
      visitId,
    ]);
    for (const lot of [0.1, 0.3, 0.5, 0.7, 0.9]) await struck(strike, lot);
    expect(new Set(ground.hands.visitIds).size).toBe(ground.hands.touched.length);
    expect(ground.hands.touched.length).toBeLessThanOrEqual(2);
    expect(await store.readStream('visit-CH001-V3')).toHaveLength(1);
  },
);

test.each([0.1, 0.3, 0.5, 0.7, 0.9])(
  'a stream that was taken away is no stream of ours until it is put back (lot %s)',
  async (lot) => {
    expect(await struck(truncatedStream, lot)).toBe(true);
    const { stream, kind } = touched();
    expect([stream, kind]).toEqual(['visit-CH001-V1', 'truncated']);
    const refused = await open()
      .append(stream, [charge('d')], 2)
      .catch((error: Error) => error.name);
    expect(['StreamFaulty', 'WrongExpectedRevision']).toContain(refused);
    expect((await store.verifyAll()).faults).not.toEqual([]);
    await putBack(field, stream);
    expect((await store.verifyAll()).faults).toEqual([]);
    expect(await store.append(stream, [charge('d')], 2)).toMatchObject({ revision: 3 });
    // And still no row may be changed.
    await expect(onceIn(url, `delete from ${SCHEMA}.events`, undefined, 0)).rejects.toThrow(
      'immutable',
    );
  },
);

test('the event at a reader’s place is not taken away', async () => {
  const [last] = (await store.readStream('visit-CH001-V1')).slice(-1);
  await readTo(last!.position);
  expect(await struck(truncatedStream)).toBe(false);
  expect(ground.hands.touched).toEqual([]);
});

test('an older copy is refused by who knows the newest; what another writes into it is found', async () => {
  const strike = olderCopy(ground, { lot: 0.9, number: 1 } as Fault);
  const began = strike.begin();
  // While the copy grows old.
  await new Promise((resolve) => setTimeout(resolve, 1000));
  await store.append('visit-CH001-V3', [charge('b')], 0);
  await readTo(await store.head());
  expect(await began).toBe(true);
  expect(ground.hands.olderCopies).toBe(1);
  await expect(store.append('visit-CH001-V3', [charge('c')], 1)).rejects.toMatchObject({
    kind: 'unavailable',
  });
  await open().append('visit-CH001-V2', [charge('d')], 2);
  await strike.end();
  expect(await readStrayed(field)).toEqual([{ stream: 'visit-CH001-V2', type: 'ChargeDeferred' }]);
  const fresh = open();
  expect((await fresh.verifyAll()).faults).toEqual([]);
  expect(await fresh.append('visit-CH001-V3', [charge('c')], 1)).toMatchObject({ revision: 2 });
});

test('where nothing was written meanwhile there is no older copy', async () => {
  expect(await olderCopy(ground, { lot: 0.9, number: 1 } as Fault).begin()).toBe(false);
  expect(ground.hands.olderCopies).toBe(0);
});
