import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixedClock, type TestDatabase, testDatabase } from '@caretab/doubles';
import {
  fenColumn,
  instantColumn,
  type Migration,
  type MigrationRunner,
  table,
  textColumn,
  TypeOrmStore,
} from '@caretab/store';
import { Client } from 'pg';
import { hashLog } from '../anchors/hash-log';
import { type ServiceAnchors, serviceAnchorsOf } from '../anchors/service-anchors';
import { Book } from './book';
import { bookEntryTable } from './book.table';
import type { BookProof } from './book-proof';
import { createBook, dropBook } from './book-schema';

interface Movement {
  readonly movementId: string;
  readonly amountFen: number;
  readonly at: Date;
  readonly note: string | null;
}
const movementTable = table<Movement>({
  name: 'movement',
  columns: {
    movementId: textColumn('movement_id', { primary: true }),
    amountFen: fenColumn('amount_fen'),
    at: instantColumn(),
    note: textColumn(undefined, { nullable: true }),
  },
});

class Movements1000000000001 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      create table movement (movement_id text primary key, amount_fen bigint not null,
        at timestamptz(3) not null, note text)`);
    await runner.query(`insert into movement values ('of-an-earlier-release', 7, now(), null)`);
    await createBook(runner, 'movement');
  }

  async down(runner: MigrationRunner): Promise<void> {
    await dropBook(runner, 'movement');
  }
}

const clock = fixedClock('2026-03-02T08:00:00Z');
let database: TestDatabase;
let owner: Client;
let store: TypeOrmStore;
let home: string;
let anchors: ServiceAnchors;
let book: Book;

const bookNow = (): Book => new Book({ store, entries: movementTable, clock, anchors });

beforeEach(async () => {
  database = await testDatabase();
  store = await TypeOrmStore.open({
    ...{ url: database.url, schema: 'payment' },
    tables: [movementTable, bookEntryTable],
    migrations: [Movements1000000000001],
  });
  owner = new Client({ connectionString: `${database.url}?options=-csearch_path%3Dpayment` });
  await owner.connect();
  home = mkdtempSync(join(tmpdir(), 'caretab-book-anchors-'));
  const folders = ['one', 'two'].map((name) => join(home, name));
  for (const folder of folders) mkdirSync(folder);
  const settings = {
    ACCESS_ANCHOR_KEY: Buffer.alloc(32, 5).toString('base64'),
    ACCESS_ANCHOR_PLACES: folders.join(','),
  };
  const log = hashLog(store, bookEntryTable, 'gapless');
  anchors = serviceAnchorsOf(settings, { service: 'payment', kind: 'book', log, clock })!;
  book = bookNow();
});
afterEach(async () => {
  await owner.end();
  await store.close();
  await database.drop();
  rmSync(home, { recursive: true, force: true });
});

const move = (...ids: readonly string[]): Promise<void> =>
  store.transact((transaction) =>
    transaction
      .rows(movementTable)
      .insert(
        ...ids.map((movementId) => ({ movementId, amountFen: 100, at: clock.now(), note: null })),
      ),
  );
const proof = async (): Promise<BookProof> => {
  const steps = book.prove();
  for (;;) {
    const step = await steps.next();
    if (step.done) return step.value;
  }
};
const settle = async (of: Book = book): Promise<void> => {
  while ((await of.book()) > 0);
  await of.anchor();
};
/** The owner of the database, with the triggers off meanwhile. */
const asOwner = async (statement: string, ...values: unknown[]): Promise<void> => {
  await owner.query('alter table book_entry disable trigger all');
  await owner.query(statement, values);
  await owner.query('alter table book_entry enable trigger all');
};

test('every entry is booked and anchored, those of an earlier release too', async () => {
  await move('a', 'b');
  expect(await proof()).toMatchObject({ entries: 0, waiting: 3, anchors: { anchored: 0 } });
  await settle();
  await move('c');
  await settle();
  expect(await proof()).toMatchObject({
    ...{ entries: 4, waiting: 0, faults: [] },
    anchors: { anchored: 4, faults: [], places: [{ size: 4 }, { size: 4 }] },
  });
});

test('an entry that a database owner rewrites, deletes or puts in is named', async () => {
  await move('a');
  await owner.query('begin');
  const { rows } = await owner.query<{ number: string }>(
    `insert into movement values ('rolled-back', 1, now()) returning number`,
  );
  await owner.query('rollback');
  await move('b', 'c');
  await settle();
  await asOwner(`update movement set amount_fen = 1 where movement_id = 'b'`);
  await asOwner(`delete from movement where movement_id = 'c'`);
  await asOwner(
    `insert into movement (movement_id, amount_fen, at, number) overriding system value
     values ('put-in', 5, now(), $1)`,
    rows[0]!.number,
  );
  expect((await proof()).faults).toEqual([
    { kind: 'added', position: null, key: 'put-in' },
    { kind: 'changed', position: 3, key: 'b' },
    { kind: 'missing', position: 4, key: 'c' },
  ]);
  await asOwner(`delete from book_entry where key = 'a'`);
  expect((await proof()).faults).toContainEqual({ kind: 'gap', position: 3, key: 'b' });
});

test('who rewrites the book as well is found by the anchors', async () => {
  await move('a', 'b');
  await settle();
  await move('c');
  await settle();
  await asOwner(`update movement set amount_fen = 1 where movement_id = 'a'`);
  const shadow = `update book_entry set hash = $1 where key = 'a'`;
  await asOwner(shadow, 'x'.repeat(43));
  expect((await proof()).anchors!.faults).toMatchObject([
    { kind: 'rewritten', after: 0n, upTo: 3n },
    { kind: 'rewritten', after: 0n, upTo: 3n },
  ]);
  await asOwner(`delete from book_entry where key in ('b', 'c')`);
  await asOwner(`delete from movement where movement_id in ('b', 'c')`);
  expect((await proof()).anchors!.faults.map(({ kind }) => kind)).toContain('shorter');
  await move('d');
  await book.book();
  await expect(book.anchor()).rejects.toThrow('contradicts the log');
  expect(book.degradations()).toMatchObject([{ what: 'the anchors of the book' }]);
});

test('no entry is booked while one of a lower number may still come', async () => {
  const slow = new Client({ connectionString: `${database.url}?options=-csearch_path%3Dpayment` });
  await slow.connect();
  await slow.query('begin');
  await slow.query(`insert into movement (movement_id, amount_fen, at) values ('slow', 1, now())`);
  await move('fast');
  await settle();
  clock.advance(60_000);
  await settle();
  expect(await proof()).toMatchObject({ entries: 0, waiting: 2 });
  expect(book.ageMs()).toBe(60_000);
  await slow.query('commit');
  await slow.end();
  await settle();
  await settle();
  expect(book.ageMs()).toBe(0);
  const { rows } = await owner.query('select position::int, key from book_entry order by position');
  expect(rows).toEqual([
    { position: 1, key: 'of-an-earlier-release' },
    { position: 2, key: 'slow' },
    { position: 3, key: 'fast' },
  ]);
});

test('many writers at once leave no entry out, and two processes book each once', async () => {
  const others = [book, bookNow()];
  let isWriting = true;
  const booked = others.map(async (other) => {
    while (isWriting) await other.book();
  });
  for (let round = 0; round < 20; round += 1)
    await Promise.all(['a', 'b', 'c', 'd'].map((writer) => move(`${writer}${round}`)));
  isWriting = false;
  await Promise.all(booked);
  await settle();
  expect(await proof()).toMatchObject({ entries: 81, waiting: 0, faults: [] });
});

test('what waited long is booked in pages', async () => {
  await owner.query(
    `insert into movement select 'm' || n, n, now() from generate_series(1, 12000) as n`,
  );
  expect([await book.book(), await book.book(), await book.book()]).toEqual([5_000, 5_000, 0]);
  await book.anchor();
  expect(await proof()).toMatchObject({ entries: 12_001, anchors: { anchored: 12_001 } });
});

test('a column that came later leaves what was booked as it was', async () => {
  await move('a');
  await settle();
  await owner.query('alter table movement add column later text');
  const columns = { ...Object.fromEntries(movementTable.columns) };
  const wider = table<Movement & { later: string | null }>({
    ...{ name: 'movement' },
    columns: { ...columns, later: textColumn(undefined, { nullable: true }) } as never,
  });
  book = new Book({ store, entries: wider, clock, anchors });
  expect(await proof()).toMatchObject({ entries: 2, faults: [] });
});

test('a booked entry stays as it is', async () => {
  await move('a');
  await settle();
  for (const statement of ['update book_entry set key = key', 'delete from book_entry'])
    await expect(owner.query(statement)).rejects.toThrow('booked entries stay as they are');
});
