import { KeyFile } from '@caretab/security';
import { MemoryStore, type Store } from '@caretab/store';
import { ConfigError } from '../config';
import {
  environmentOf,
  givenEventKeys,
  givenSealingKeys,
  givenSecret,
  keepFingerprints,
  type KnownKeys,
  sealingKeysOf,
} from '.';
import { fingerprintTable } from './fingerprint.table';

const [ONE, TWO, THREE] = [1, 2, 3].map((byte) => Buffer.alloc(32, byte).toString('base64')) as [
  string,
  string,
  string,
];
const sealing = (keys: Readonly<Record<string, string>>, current: string): KnownKeys =>
  givenSealingKeys('SEALING_KEY', JSON.stringify({ current, keys }));
const single = (key: string): KnownKeys => givenSealingKeys('SEALING_KEY', key);
const start = (store: Store, ...known: readonly KnownKeys[]): Promise<void> =>
  keepFingerprints('till', store, known);
const stored = (store: Store) =>
  store.transact((transaction) => transaction.rows(fingerprintTable).find({}));

test('the key that a database was written with is taken again, and no other', async () => {
  const store = new MemoryStore();
  await start(store, single(ONE));
  await start(store, single(ONE));
  const before = await stored(store);
  await expect(start(store, single(TWO))).rejects.toThrow(
    'SEALING_KEY: its key "first" is not the one by which this database was written',
  );
  await expect(start(store, single(TWO))).rejects.toThrow(ConfigError);
  expect(await stored(store)).toEqual(before);
  expect(JSON.stringify(before)).not.toContain(ONE);
});

test('a key comes beside another, takes over, and the earlier one may leave', async () => {
  const store = new MemoryStore();
  await start(store, single(ONE));
  await start(store, sealing({ first: ONE, b: TWO }, 'first'));
  await start(store, sealing({ first: ONE, b: TWO }, 'b'));
  await start(store, sealing({ b: TWO }, 'b'));
  await expect(start(store, sealing({ first: THREE, b: TWO }, 'b'))).rejects.toThrow(
    'its key "first" is not the one',
  );
});

test('keys of before the last change are refused: they do not open what was sealed since', async () => {
  const store = new MemoryStore();
  await start(store, single(ONE));
  await start(store, sealing({ first: ONE, b: TWO }, 'b'));
  await expect(start(store, single(ONE))).rejects.toThrow(
    'SEALING_KEY: has no key "b", by which this database was written last',
  );
});

test('a key that never wrote may leave again', async () => {
  const store = new MemoryStore();
  await start(store, sealing({ first: ONE, b: TWO }, 'first'));
  await start(store, single(ONE));
});

test('a database says of which environment it is, once it was told', async () => {
  const store = new MemoryStore();
  await start(store);
  await start(store, environmentOf('staging'));
  await expect(start(store, environmentOf('production'))).rejects.toThrow(
    'ENVIRONMENT: this database belongs to the environment "staging"',
  );
  await expect(start(store)).rejects.toThrow('ENVIRONMENT: is missing');
});

test('every fault stands in one message', async () => {
  const store = new MemoryStore();
  const events = (key: string): KnownKeys =>
    givenEventKeys('EVENT_KEYS', JSON.stringify({ current: 'a', keys: { a: key } }));
  await start(store, single(ONE), givenSecret('SECRET', 'sixteen letters.'), events(ONE));
  const refused = start(store, single(TWO), givenSecret('SECRET', 'sixteen others..'), events(TWO));
  await expect(refused).rejects.toMatchObject({
    faults: [
      expect.stringMatching(/^SEALING_KEY: /),
      expect.stringMatching(/^SECRET: its key is not/),
      expect.stringMatching(/^EVENT_KEYS: /),
    ],
  });
});

test('a key that another process came with meanwhile is refused before it seals', async () => {
  const store = new MemoryStore();
  await start(store, sealing({ first: ONE, b: TWO }, 'b'));
  const keys = new KeyFile('SEALING_KEY', JSON.stringify({ current: 'b', keys: { b: THREE } }));
  await expect(start(store, sealingKeysOf('SEALING_KEY', keys))).rejects.toThrow('key "b" is not');
});
