import { verify } from 'node:crypto';
import { ED25519_BYTES, publicKeyFrom } from '@caretab/kernel';
import { isSignedBySm2 } from './sm2';

/** By what is signed: Ed25519, or SM2 with SM3. */
export type SignatureAlgorithm = 'Ed25519' | 'SM2';

export interface PublicKey {
  readonly algorithm: SignatureAlgorithm;
  /** 32 bytes of Ed25519, 64 of SM2. */
  readonly publicKey: Buffer;
}

/** Whether the private half of the key signed the message. */
export const isSignedBy = (
  { algorithm, publicKey }: PublicKey,
  message: Buffer,
  signature: Buffer,
): boolean => {
  if (algorithm === 'SM2') return isSignedBySm2(publicKey, message, signature);
  if (publicKey.length !== ED25519_BYTES || isOfSmallOrder(publicKey)) return false;
  try {
    return verify(null, message, publicKeyFrom(publicKey), signature);
  } catch {
    return false; // No point of the curve.
  }
};

/**
 * Points under which one signature fits many messages, so that it proves nothing. Without the sign,
 * which is the last bit; also those that are not written in the shortest way.
 */
const SMALL_ORDER = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
];

const isOfSmallOrder = (publicKey: Buffer): boolean => {
  const bytes = Buffer.from(publicKey);
  bytes[ED25519_BYTES - 1]! &= 0x7f;
  return SMALL_ORDER.includes(bytes.toString('hex'));
};
