import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { assert, InvariantViolation } from '@caretab/kernel';

/**
 * Gives so many unpredictable bytes; handed in so that a simulation can repeat itself. Never repeat
 * it outside a test.
 */
export type Randomness = (bytes: number) => Buffer;

const VERSION = 1;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const OVERHEAD_BYTES = 1 + NONCE_BYTES + TAG_BYTES;

const additionalData = (context: string): Buffer =>
  Buffer.concat([Buffer.from([VERSION]), Buffer.from(context, 'utf8')]);

/**
 * Encrypts with AES-256-GCM (NIST SP 800-38D): version (1 byte) · nonce (12) · ciphertext · tag
 * (16). `key` is 32 bytes; `context` says whose and what this is, and must be given again to open
 * it. One key seals at most 2^32 values.
 */
export const seal = (
  key: Buffer,
  plaintext: Buffer | string,
  context: string,
  randomness: Randomness = randomBytes,
): Buffer => {
  assert(key.length === KEY_BYTES, 'a sealing key has 32 bytes');
  const nonce = randomness(NONCE_BYTES);
  assert(nonce.length === NONCE_BYTES, 'a nonce has 12 bytes');
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(additionalData(context));
  const body = Buffer.concat([
    cipher.update(typeof plaintext === 'string' ? Buffer.from(plaintext, 'utf8') : plaintext),
    cipher.final(),
  ]);
  return Buffer.concat([Buffer.from([VERSION]), nonce, body, cipher.getAuthTag()]);
};

/**
 * Opens what `seal` made with the same key and context. Anything else (other key, other context, a
 * changed bit) breaks an invariant: the unit of work stops.
 */
export const open = (key: Buffer, sealed: Buffer, context: string): Buffer => {
  assert(key.length === KEY_BYTES, 'a sealing key has 32 bytes');
  assert(
    sealed.length >= OVERHEAD_BYTES && sealed[0] === VERSION,
    'a sealed value has a known version',
  );
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, 1 + NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(additionalData(context));
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  const body = sealed.subarray(1 + NONCE_BYTES, sealed.length - TAG_BYTES);
  try {
    return Buffer.concat([decipher.update(body), decipher.final()]);
  } catch {
    // The cause is left out on purpose: it says nothing beyond "did not authenticate".
    throw new InvariantViolation('a sealed value opens with its own key and context');
  }
};

/**
 * A key of 32 bytes for one purpose, derived from a master key (HKDF-SHA-256, RFC 5869), so that no
 * key serves two purposes.
 */
export const deriveKey = (master: Buffer, purpose: string): Buffer => {
  assert(master.length === KEY_BYTES, 'a master key has 32 bytes');
  return Buffer.from(hkdfSync('sha256', master, Buffer.alloc(0), `caretab ${purpose}`, KEY_BYTES));
};

export interface NewDataKey {
  readonly dataKey: Buffer;
  /**
   * The data key, sealed by the master key: the only form that is stored. Destroy it and what it
   * sealed is gone.
   */
  readonly wrapped: Buffer;
}

/** A fresh data key for one person or thing; `context` binds the wrapped key to its owner. */
export const newDataKey = (
  master: Buffer,
  context: string,
  randomness: Randomness = randomBytes,
): NewDataKey => {
  const dataKey = randomness(KEY_BYTES);
  return { dataKey, wrapped: seal(master, dataKey, `data-key ${context}`, randomness) };
};

/** The data key out of its wrapped form; master and context as given to `newDataKey`. */
export const unwrapDataKey = (master: Buffer, wrapped: Buffer, context: string): Buffer =>
  open(master, wrapped, `data-key ${context}`);
