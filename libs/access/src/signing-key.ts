import { createHash } from 'node:crypto';
import { ED25519_BYTES, privateKeyOf, publicBytesOf } from '@caretab/kernel';
import type { JWK } from 'jose';

/** An Ed25519 key that signs tokens. */
export interface SigningKey {
  /** Names the key in a token's header; of a key without a name its RFC 7638 thumbprint. */
  readonly kid: string;
  readonly privateJwk: JWK;
  /** What others verify with. */
  readonly publicJwk: JWK;
}

export const SEED_BYTES = ED25519_BYTES;

/** RFC 7638, of an Ed25519 key: its members in order of their names. */
export const thumbprintOf = ({ x }: { readonly x?: string }): string =>
  createHash('sha256')
    .update(JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x }))
    .digest('base64url');

/** A key from its secret half, 32 bytes. Throws for anything else. */
export const signingKeyOf = (seed: Buffer, name?: string): SigningKey => {
  if (seed.length !== SEED_BYTES) throw new Error('the secret half of an Ed25519 key has 32 bytes');
  const x = publicBytesOf(privateKeyOf(seed)).toString('base64url');
  const kid = name ?? thumbprintOf({ x });
  const publicJwk = { kty: 'OKP', crv: 'Ed25519', x, kid, alg: 'EdDSA', use: 'sig' };
  return { kid, publicJwk, privateJwk: { ...publicJwk, d: seed.toString('base64url') } };
};
