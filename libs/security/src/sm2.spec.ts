import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isSignedBySm2, signBySm2, sm2PublicKeyOf } from './sm2';

const KEY = Buffer.from(Array.from({ length: 32 }, (_, at) => at + 1));
const MESSAGE = Buffer.from('origin\n16\nroot\n');
/** Made by `openssl pkeyutl -sign -rawin -digest sm3` of OpenSSL 3.0.19 with this key. */
const OF_OPENSSL = Buffer.from(
  '8118aac077c022388aaeef09bc4a8a4d235bed54fe4ee5e2f5575d03da089520' +
    '4e6b07c4a26d8ef2086d5fdcdafcb51789f7da86deb0ee326e51a715d88d752a',
  'hex',
);

/** The algorithm: a public key on the curve SM2 (GB/T 32918.5). */
const CURVE = '301306072a8648ce3d020106082a811ccf5501822d';
const PRIVATE = `3041020100${CURVE}042730250201010420`;
const PUBLIC = `3059${CURVE}03420004`;
const DISTINGUISHED = 'distid:1234567812345678';

/** Two numbers as DER has them, from r and s. */
const derOf = (signature: Buffer): Buffer => {
  const number = (bytes: Buffer): Buffer => {
    const trimmed = bytes.subarray(bytes.findIndex((byte) => byte !== 0));
    const body = trimmed[0]! >= 0x80 ? Buffer.concat([Buffer.alloc(1), trimmed]) : trimmed;
    return Buffer.concat([Buffer.from([2, body.length]), body]);
  };
  const both = Buffer.concat([number(signature.subarray(0, 32)), number(signature.subarray(32))]);
  return Buffer.concat([Buffer.from([0x30, both.length]), both]);
};

const fromDer = (der: Buffer): Buffer => {
  const length = der[3]!;
  const [r, s] = [der.subarray(4, 4 + length), der.subarray(6 + length)];
  const padded = (number: Buffer): Buffer =>
    Buffer.concat([Buffer.alloc(32), number]).subarray(-32);
  return Buffer.concat([padded(r), padded(s)]);
};

test('what OpenSSL’s command line signs is verified, and what is signed here it verifies', () => {
  const publicKey = sm2PublicKeyOf(KEY);
  expect(isSignedBySm2(publicKey, MESSAGE, OF_OPENSSL)).toBe(true);
  const own = signBySm2(KEY, MESSAGE);
  expect(isSignedBySm2(publicKey, MESSAGE, own)).toBe(true);
  if (spawnSync('openssl', ['version']).error) return; // Held to the signature above.
  const folder = mkdtempSync(join(tmpdir(), 'caretab-sm2-'));
  try {
    const file = (name: string, bytes: Buffer): string => {
      writeFileSync(join(folder, name), bytes);
      return join(folder, name);
    };
    const message = file('message', MESSAGE);
    const ask = (...args: string[]) =>
      spawnSync('openssl', [
        ...['pkeyutl', '-rawin', '-digest', 'sm3', '-pkeyopt', DISTINGUISHED],
        ...['-in', message, '-keyform', 'DER', ...args],
      ]);
    const key = file('key.der', Buffer.concat([Buffer.from(PRIVATE, 'hex'), KEY]));
    const { stdout } = ask('-sign', '-inkey', key);
    expect(isSignedBySm2(publicKey, MESSAGE, fromDer(stdout))).toBe(true);
    const pub = file('public.der', Buffer.concat([Buffer.from(PUBLIC, 'hex'), publicKey]));
    const signature = file('signature', derOf(own));
    const verified = ask('-verify', '-pubin', '-inkey', pub, '-sigfile', signature);
    expect([verified.status, verified.stderr.toString()]).toEqual([0, '']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('another message, key or signature is not verified, nor what is none', () => {
  const publicKey = sm2PublicKeyOf(KEY);
  expect(isSignedBySm2(publicKey, Buffer.from('other'), OF_OPENSSL)).toBe(false);
  expect(isSignedBySm2(sm2PublicKeyOf(Buffer.alloc(32, 9)), MESSAGE, OF_OPENSSL)).toBe(false);
  for (let at = 0; at < OF_OPENSSL.length; at += 9) {
    const changed = Buffer.from(OF_OPENSSL);
    changed[at]! ^= 1;
    expect(isSignedBySm2(publicKey, MESSAGE, changed)).toBe(false);
  }
  expect(isSignedBySm2(Buffer.alloc(64, 1), MESSAGE, OF_OPENSSL)).toBe(false);
  expect(isSignedBySm2(publicKey, MESSAGE, Buffer.alloc(64))).toBe(false);
  expect(isSignedBySm2(publicKey, MESSAGE, Buffer.alloc(0))).toBe(false);
  expect(() => sm2PublicKeyOf(Buffer.alloc(31))).toThrow('32 bytes');
});
