import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixedClock, type TestDatabase, testDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { Client } from 'pg';
import { type ServiceAnchors, serviceAnchorsOf } from '../anchors/service-anchors';
import { looked } from '../../test/access-records.suite';
import { recordHash } from './access-record';
import { AccessRecords } from './access-records';
import { recordLog, type Verification } from './verification';
import { accessMigrations, accessTables } from '.';

const DAY_MS = 86_400_000;
let database: TestDatabase;
let owner: Client;
let store: TypeOrmStore;
let home: string;
let records: AccessRecords;
let anchors: ServiceAnchors;
const clock = fixedClock(new Date(Date.now() - 400 * DAY_MS).toISOString());

beforeEach(async () => {
  database = await testDatabase();
  store = await TypeOrmStore.open({
    ...{ url: database.url, schema: 'identity', tables: accessTables },
    migrations: [...accessMigrations],
  });
  owner = new Client({ connectionString: database.url });
  await owner.connect();
  home = mkdtempSync(join(tmpdir(), 'caretab-access-anchors-'));
  const folders = ['one', 'two'].map((name) => join(home, name));
  for (const folder of folders) mkdirSync(folder);
  const settings = {
    ACCESS_ANCHOR_KEY: Buffer.alloc(32, 5).toString('base64'),
    ACCESS_ANCHOR_PLACES: folders.join(','),
  };
  anchors = serviceAnchorsOf(settings, {
    ...{ service: 'identity', kind: 'access', log: recordLog(store), clock },
  })!;
  records = new AccessRecords({
    ...{ store, clock, ids: { next: () => 'pruned' }, keptMs: 180 * DAY_MS },
    anchoredBy: anchors,
  });
});
afterEach(async () => {
  await owner.end();
  await store.close();
  await database.drop();
  rmSync(home, { recursive: true, force: true });
});

const report = async (): Promise<Verification> => {
  const steps = records.verify();
  for (;;) {
    const step = await steps.next();
    if (step.done) return step.value;
  }
};
const kindsOf = async () => {
  const { faults, anchors: found } = await report();
  return [faults.map(({ kind }) => kind), found!.faults.map(({ kind }) => kind)];
};
/** The owner of the database, with the triggers off meanwhile. */
const asOwner = async (statement: string, ...values: unknown[]): Promise<void> => {
  await owner.query('alter table identity.access_record disable trigger all');
  await owner.query(statement, values);
  await owner.query('alter table identity.access_record enable trigger all');
};

test('what was recorded is intact, and an anchor covers it', async () => {
  for (const subject of ['ann', 'ben', 'cao']) {
    await records.record(looked(subject), looked(subject));
    await anchors.runOnce();
  }
  expect(await report()).toMatchObject({
    ...{ records: 6, from: 1, upTo: 6, faults: [] },
    anchors: { anchored: 6, faults: [], places: [{ size: 6 }, { size: 6 }] },
  });
});

test('a record that is changed, dropped or cut off is found by the chain alone', async () => {
  await records.record(...['ann', 'ben', 'cao', 'dan'].map((subject) => looked(subject)));
  await asOwner(`update identity.access_record set person = 'p-2' where position = 2`);
  expect((await report()).faults).toEqual([{ kind: 'changed', position: 2 }]);
  await asOwner('delete from identity.access_record where position = 2');
  expect((await report()).faults).toEqual([{ kind: 'missing', position: 3 }]);
  await asOwner('delete from identity.access_record where position > 2');
  expect((await report()).faults).toEqual([{ kind: 'head', position: 4 }]);
});

test('who owns the database and rewrites every hash is found by the anchors', async () => {
  await records.record(looked('ann'), looked('mallory'), looked('cao'));
  await anchors.runOnce();
  await records.record(looked('dan'));
  const all = (await records.list({ order: 'oldest' })).records;
  let previous = '';
  for (const record of all) {
    const forged = { ...record, previous, subject: record.subject.replace('mallory', 'ben') };
    previous = recordHash(forged);
    await asOwner(
      'update identity.access_record set subject = $1, previous = $2, hash = $3 where position = $4',
      ...[forged.subject, forged.previous, previous, forged.position],
    );
  }
  await owner.query('update identity.access_head set hash = $1', [previous]);
  expect(await kindsOf()).toEqual([[], ['rewritten', 'rewritten']]);
  await expect(anchors.runOnce()).rejects.toThrow('contradicts the log');
  expect(anchors.degradations()).toMatchObject([{ what: 'the anchors of records of access' }]);
});

test('what was kept long enough may go, and what was not is missed', async () => {
  await records.record(looked('long-ago'), looked('long-ago'));
  await anchors.runOnce();
  clock.advance(300 * DAY_MS);
  await records.record(looked('of-late'));
  await anchors.runOnce();
  clock.advance(100 * DAY_MS);
  await records.record(looked('now'));
  expect(await records.prune()).toBe(1);
  expect(await report()).toMatchObject({ records: 2, from: 3, upTo: 4 });
  expect(await kindsOf()).toEqual([[], []]);
  await asOwner('delete from identity.access_record where position = 3');
  expect(await kindsOf()).toEqual([[], ['forgotten', 'forgotten']]);
});
