import { generateKeyPairSync, sign } from 'node:crypto';
import { publicBytesOf } from '@caretab/kernel';
import { isSignedBy } from './public-keys';
import { signBySm2, sm2PublicKeyOf } from './sm2';

const text = Buffer.from('caretab consent 1');
const other = Buffer.from('caretab consent 2');

test('a signature is over one text by one key, by either algorithm', () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const seed = Buffer.alloc(32, 7);
  const keys = [
    {
      key: { algorithm: 'Ed25519' as const, publicKey: publicBytesOf(privateKey) },
      signature: sign(null, text, privateKey),
    },
    {
      key: { algorithm: 'SM2' as const, publicKey: sm2PublicKeyOf(seed) },
      signature: signBySm2(seed, text),
    },
  ];
  for (const [at, { key, signature }] of keys.entries()) {
    expect(isSignedBy(key, text, signature)).toBe(true);
    expect(isSignedBy(key, other, signature)).toBe(false);
    expect(isSignedBy(keys[1 - at]!.key, text, signature)).toBe(false);
  }
});

test.each(['00', '01'])(
  'a point of small order (%s…) signed nothing, also as the identity',
  (first) => {
    const publicKey = Buffer.from(first.padEnd(64, '0'), 'hex');
    // R the identity, S zero: over the point of order one it fits every message.
    const signature = Buffer.concat([Buffer.from('01'.padEnd(64, '0'), 'hex'), Buffer.alloc(32)]);
    expect(isSignedBy({ algorithm: 'Ed25519', publicKey }, text, signature)).toBe(false);
  },
);

test('what is no key at all signed nothing', () => {
  const publicKey = Buffer.alloc(32, 0xff);
  expect(isSignedBy({ algorithm: 'Ed25519', publicKey }, text, Buffer.alloc(64))).toBe(false);
  const short = { algorithm: 'SM2' as const, publicKey: Buffer.alloc(32) };
  expect(isSignedBy(short, text, Buffer.alloc(64))).toBe(false);
});
