import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeyRotation } from '@caretab/host';
import { derivedId } from '@caretab/kernel';
import { KeyFile } from '@caretab/security';
import type { Store } from '@caretab/store';
import { masterIndexOn } from '../src/master-index/master-index.module';
import { sourceRecordTable } from '../src/master-index/source-record.table';
import { personKeyTable, personTable } from '../src/person/person.table';
import { sealedTables } from '../src/person/sealed-tables';
import { H1 } from './master-index.suite';
import { adult, child, identityOn } from './persons.suite';

const FIRST = Buffer.alloc(32, 9).toString('base64');
const SECOND = Buffer.alloc(32, 10).toString('base64');
const NEXT = { current: 'b', keys: { first: FIRST, b: SECOND }, suite: 'sm' };

/** Keys change while the service runs; held by both stores. */
export const rotationSuite = (open: () => Promise<Store>): void => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'caretab-keys-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const world = async () => {
    const path = join(folder, 'keys.json');
    writeFileSync(path, FIRST);
    const keys = new KeyFile('IDENTITY_MASTER_KEY', path);
    const identity = identityOn(await open(), keys);
    const { store, clock, vault, persons } = identity;
    const said: object[] = [];
    const log = (facts: object): void => void said.push(facts);
    const rotation = new KeyRotation({
      ...{
        service: 'identity',
        store,
        clock,
        keys,
        tables: sealedTables(vault, identity.cardRows),
      },
      logger: { info: log, warn: log },
    });
    const { personId } = await persons.register(adult);
    const other = (await persons.register(child)).personId;
    /** Until nothing is due. */
    const work = async (): Promise<void> => {
      while ((await rotation.runOnce()) > 0);
    };
    const bytes = () =>
      store.transact(async (transaction) => {
        const rows = await transaction.rows(personKeyTable).find({}, { orderBy: 'personId' });
        const people = await transaction.rows(personTable).find({}, { orderBy: 'personId' });
        return [...rows.map(({ wrapped }) => wrapped), ...people.map(({ sealed }) => sealed)];
      });
    const change = (content: object): void => writeFileSync(path, JSON.stringify(content));
    return { ...identity, keys, said, personId, other, work, bytes, change };
  };

  test('a new key and suite are taken while the service runs, and everything is sealed by them', async () => {
    const { persons, personId, clock, work, bytes, change, said } = await world();
    await work();
    const before = await bytes();
    change(NEXT);
    await work();
    expect(await bytes()).toEqual(before);
    clock.advance(60_000);
    await work();
    const heads = (await bytes()).map((value) => value!.subarray(0, 3).toString('hex'));
    expect(heads).toEqual(['020201', '020201', '020200', '020200']);
    expect(await persons.show(personId)).toMatchObject({ name: '林**' });
    expect(await persons.resolve('id-number', adult.idNumber)).toBe(personId);
    expect(said).toContainEqual({ service: 'identity', renewed: 5, current: 'b' });
    clock.advance(600_000);
    await work();
    expect(said.at(-1)).toEqual({ service: 'identity', renewed: 0, current: 'b' });
    clock.advance(600_000);
    const lines = said.length;
    await work();
    expect(said).toHaveLength(lines);
  });

  test('records of the master index are sealed by the new suite too, and open as before', async () => {
    const { clock, work, change, store, ...parts } = await world();
    const { records } = masterIndexOn({ ...parts, store, clock });
    const said = { identifier: 'MR1', person: { name: adult.name, idNumber: adult.idNumber } };
    const first = await records.register(H1, said);
    change(NEXT);
    await work();
    clock.advance(60_000);
    await work();
    const [row] = await store.transact((transaction) =>
      transaction.rows(sourceRecordTable).find({}),
    );
    expect(row!.sealed.subarray(0, 3).toString('hex')).toBe('020200');
    expect(await records.register(H1, said)).toEqual({ ...first, created: false });
  });

  test('a person who was erased stays erased, whatever is sealed by the new key', async () => {
    const { destruction, persons, personId, other, store, clock, work, bytes, change } =
      await world();
    await store.transact((transaction) =>
      destruction.destroy(
        transaction,
        { personId, erasureId: `e-${derivedId('test', 'erasure')}` },
        clock.now(),
      ),
    );
    change(NEXT);
    await work();
    clock.advance(60_000);
    await work();
    expect(await bytes()).toHaveLength(3);
    await expect(persons.show(personId)).rejects.toThrow('PERSONAL_DATA_DESTROYED');
    expect(await persons.show(other)).toMatchObject({ name: '林**' });
  });

  test('keys that cannot be read are said once, and the ones before go on', async () => {
    const { persons, personId, work, change, said } = await world();
    change({ current: 'b', keys: { first: FIRST } });
    await work();
    await work();
    expect(said).toEqual([
      { service: 'identity', why: 'IDENTITY_MASTER_KEY: keys has no "b", which is current' },
    ]);
    expect(await persons.show(personId)).toMatchObject({ name: '林**' });
  });
};
