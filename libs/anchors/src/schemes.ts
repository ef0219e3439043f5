import { sign as signed, verify as isSigned } from 'node:crypto';
import { ED25519_BYTES, privateKeyOf, publicBytesOf, publicKeyFrom } from '@caretab/kernel';
import { isSignedBySm2, signBySm2, sm2PublicKeyOf } from '@caretab/security';

export type SchemeName = 'ed25519' | 'sm2';

/** How a note is signed. */
export interface Scheme {
  /** What stands before a key, and says of which kind it is (C2SP signed-note). */
  readonly type: Buffer;
  readonly seedBytes: number;
  readonly keyBytes: number;
  publicKeyOf(seed: Buffer): Buffer;
  signerOf(seed: Buffer): (text: Buffer) => Buffer;
  isSigned(key: Buffer, text: Buffer, signature: Buffer): boolean;
}

const ed25519: Scheme = {
  type: Buffer.from([1]),
  seedBytes: ED25519_BYTES,
  keyBytes: ED25519_BYTES,
  publicKeyOf: (seed) => publicBytesOf(privateKeyOf(seed)),
  signerOf: (seed) => {
    const key = privateKeyOf(seed);
    return (text) => signed(null, text, key);
  },
  isSigned: (key, text, signature) => isSigned(null, text, publicKeyFrom(key), signature),
};

/** 255 begins a kind that C2SP has no number for; a name of its own follows. */
const sm2: Scheme = {
  type: Buffer.from('\xffcaretab/sm2-sm3', 'latin1'),
  seedBytes: 32,
  keyBytes: 64,
  publicKeyOf: sm2PublicKeyOf,
  signerOf: (seed) => (text) => signBySm2(seed, text),
  isSigned: isSignedBySm2,
};

export const SCHEMES: Readonly<Record<SchemeName, Scheme>> = { ed25519, sm2 };
