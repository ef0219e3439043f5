import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { authorsOf, BusKeys, BusKeysRefused } from './bus-keys';

const signingKeys = (kid: string, byte: number): string =>
  JSON.stringify({ payment: { kid, key: Buffer.alloc(32, byte).toString('base64') } });
const authors = (...given: string[]): string =>
  JSON.stringify({ keys: given.flatMap((one) => authorsOf(one)) });

describe('keys in files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'caretab-keys-'));
  const files = {
    signingKeys: join(folder, 'signing.json'),
    authors: join(folder, 'authors.json'),
  };
  afterAll(() => rmSync(folder, { recursive: true }));
  const [first, second] = [signingKeys('payment-1', 1), signingKeys('payment-2', 2)];

  test('a key takes over while the process runs, and the old one still verifies', () => {
    writeFileSync(files.signingKeys, first);
    writeFileSync(files.authors, authors(first));
    const keys = new BusKeys(files);
    expect(keys.of('payment-2')).toBeUndefined();
    writeFileSync(files.authors, authors(first, second));
    keys.reload();
    expect(keys.of('payment-2')).toMatchObject({ author: 'payment' });
    expect(keys.signingKeyOf('payment').kid).toBe('payment-1');
    writeFileSync(files.signingKeys, second);
    keys.reload();
    expect(keys.signingKeyOf('payment').kid).toBe('payment-2');
    expect(keys.of('payment-1')).toMatchObject({ author: 'payment' });
  });

  test('hospitals that have a key are known, each once, also one that comes later', () => {
    const keyOf = (author: string, byte: number): string =>
      JSON.stringify({
        [author]: { kid: `${author}-${byte}`, key: Buffer.alloc(32, byte).toString('base64') },
      });
    const [one, again, other] = [
      keyOf('hospital/HZ003', 3),
      keyOf('hospital/HZ003', 4),
      keyOf('hospital/HZ004', 5),
    ];
    writeFileSync(files.signingKeys, first);
    writeFileSync(files.authors, authors(first, one, again, keyOf('hospital/not-an-id', 6)));
    const keys = new BusKeys(files);
    expect(keys.hospitals).toEqual(['HZ003']);
    writeFileSync(files.authors, authors(first, one, again, other));
    keys.reload();
    expect(keys.hospitals).toEqual(['HZ003', 'HZ004']);
  });

  test('a file that is broken changes nothing', () => {
    writeFileSync(files.signingKeys, second);
    writeFileSync(files.authors, authors(second));
    const keys = new BusKeys(files);
    writeFileSync(files.authors, '{"keys": [');
    expect(() => keys.reload()).toThrow(BusKeysRefused);
    expect(keys.of('payment-2')).toMatchObject({ author: 'payment' });
  });
});
