import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeyFile, KeysRefused } from './key-file';
import { DerivedKeys, indexKey } from './keys';
import { open, seal } from './seal';

const ONE = Buffer.alloc(32, 1).toString('base64');
const TWO = Buffer.alloc(32, 2).toString('base64');

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'caretab-keys-'));
  path = join(folder, 'keys.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (content: object | string): void =>
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));

test.each([
  ['hex', Buffer.alloc(32, 1).toString('hex')],
  ['base64', ONE],
])('32 bytes in %s are the key called first', async (_form, given) => {
  const keys = new KeyFile('KEYS', given);
  expect(keys.currentId).toBe('first');
  expect(keys.key('first')).toEqual(Buffer.alloc(32, 1));
  expect(keys.isRotating).toBe(false);
  expect(await keys.reload()).toBe(false);
});

test('a file is read again: what was sealed before opens, and the new key seals', async () => {
  write(ONE);
  const keys = new KeyFile('KEYS', path);
  const derived = new DerivedKeys(keys, 'tests');
  const sealed = seal(derived, 'text', 'c');
  expect(await keys.reload()).toBe(false);
  write({ current: 'b', keys: { first: ONE, b: TWO }, suite: 'sm' });
  expect(await keys.reload()).toBe(true);
  expect(keys.isRotating).toBe(true);
  expect(open(derived, sealed, 'c').toString()).toBe('text');
  expect(seal(derived, 'text', 'c').subarray(0, 4).toString('latin1')).toBe('\x02\x02\x01b');
  write({ current: 'b', keys: { first: ONE, b: TWO }, suite: 'sm', retired: ['first'] });
  expect(await keys.reload()).toBe(true);
  expect(keys.isRotating).toBe(false);
});

test('what cannot be read, and another key under a known id, leave the keys as they were', async () => {
  write({ current: 'a', keys: { a: ONE } });
  const keys = new KeyFile('KEYS', path);
  for (const wrong of [
    { current: 'a', keys: { a: TWO } },
    { current: 'b', keys: { a: ONE } },
    '{',
  ]) {
    write(wrong);
    await expect(keys.reload()).rejects.toThrow(KeysRefused);
    expect(keys.key('a')).toEqual(Buffer.alloc(32, 1));
  }
});

test.each([
  ['no file', 'neither 32 bytes in hex or base64, nor a file that can be read (ENOENT)'],
  ['{"keys":{}}', 'current is missing'],
  ['{"current":"a"}', 'keys is missing'],
  ['{"current":"a","keys":{"a":"short"}}', 'keys.a is not 32 bytes in base64 or hex'],
  [`{"current":"a","keys":{"a b":"${ONE}"}}`, 'the id of a key is 1 to 40 letters'],
  [`{"current":"b","keys":{"a":"${ONE}"}}`, 'keys has no "b", which is current'],
  [`{"current":"a","keys":{"a":"${ONE}"},"suite":"des"}`, 'suite is neither aes nor sm'],
  [`{"current":"a","keys":{"a":"${ONE}"},"retired":["a"]}`, 'retired is not a list of ids'],
])('%s is refused: %s, and no key is said', (given, why) => {
  const read = (): KeyFile => new KeyFile('SOME_KEY', given);
  expect(read).toThrow(KeysRefused);
  expect(read).toThrow(`SOME_KEY: ${why}`);
  expect(read).not.toThrow(ONE);
});

test('indexes stay with the first key, which may not be taken away', () => {
  expect(indexKey(new KeyFile('KEYS', ONE))).toEqual(Buffer.alloc(32, 1));
  const without = new KeyFile('KEYS', JSON.stringify({ current: 'b', keys: { b: TWO } }));
  expect(() => indexKey(without)).toThrow('the key "first" stays among the keys');
});
