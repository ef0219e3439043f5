import {
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign as signed,
  verify as isSigned,
} from 'node:crypto';
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

/** What stands before the 32 bytes of a key of Ed25519 in its DER form (RFC 8410). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

const privateKeyOf = (seed: Buffer): KeyObject =>
  createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });

const ed25519: Scheme = {
  type: Buffer.from([1]),
  seedBytes: 32,
  keyBytes: 32,
  publicKeyOf: (seed) =>
    createPublicKey(privateKeyOf(seed))
      .export({ format: 'der', type: 'spki' })
      .subarray(SPKI.length),
  signerOf: (seed) => {
    const key = privateKeyOf(seed);
    return (text) => signed(null, text, key);
  },
  isSigned: (key, text, signature) => {
    const spki = Buffer.concat([SPKI, key]);
    const publicKey = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    return isSigned(null, text, publicKey, signature);
  },
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
