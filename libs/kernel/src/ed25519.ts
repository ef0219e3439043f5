import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';

/** Of a seed, and of a public key. */
export const ED25519_BYTES = 32;
/** What stands before the 32 bytes in their DER form (RFC 8410). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

/** The private key of 32 bytes, its seed. Throws for anything else. */
export const privateKeyOf = (seed: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });

/** The public key of its 32 bytes. Throws for anything else. */
export const publicKeyFrom = (bytes: Uint8Array): KeyObject =>
  createPublicKey({ key: Buffer.concat([SPKI, bytes]), format: 'der', type: 'spki' });

/** The 32 bytes of the public key that belongs to a private one. */
export const publicBytesOf = (privateKey: KeyObject): Buffer =>
  createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(SPKI.length);
