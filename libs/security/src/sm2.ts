import { sm2 } from 'sm-crypto-v2';

/** Of a key without an identity of its own (GB/T 35276). */
const USER_ID = '1234567812345678';
const KEY_BYTES = 32;
const POINT_BYTES = 64;
/** How the library marks a point that is not compressed. */
const UNCOMPRESSED = '04';

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** The public key of a private one of 32 bytes: x and y, 64 bytes. Throws for what is no key of SM2. */
export const sm2PublicKeyOf = (privateKey: Uint8Array): Buffer => {
  if (privateKey.length !== KEY_BYTES) throw new Error('a private key of SM2 has 32 bytes');
  const point = sm2.getPublicKeyFromPrivateKey(hexOf(privateKey));
  return Buffer.from(point.slice(UNCOMPRESSED.length), 'hex');
};

/**
 * An SM2 signature with SM3 (GB/T 32918.2): r and s, 64 bytes. Some 5 ms. (node:crypto signs on the
 * curve with ECDSA, which is not SM2.)
 */
export const signBySm2 = (privateKey: Uint8Array, message: Uint8Array): Buffer =>
  Buffer.from(
    sm2.doSignature(message, hexOf(privateKey), {
      hash: true,
      userId: USER_ID,
      publicKey: UNCOMPRESSED + hexOf(sm2PublicKeyOf(privateKey)),
    }),
    'hex',
  );

/** Whether the private half of this public key signed the message. Some 20 ms. */
export const isSignedBySm2 = (
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean => {
  if (publicKey.length !== POINT_BYTES || signature.length !== POINT_BYTES) return false;
  const point = UNCOMPRESSED + hexOf(publicKey);
  try {
    return sm2.doVerifySignature(message, hexOf(signature), point, { hash: true, userId: USER_ID });
  } catch {
    return false; // No point of the curve, or numbers out of range.
  }
};
