import { randomBytes } from 'node:crypto';
import { assert, InvariantViolation } from '@caretab/kernel';
import { FIRST, KEY_BYTES, onlyKey, type SealingKeys } from './keys';
import { SUITES, type SuiteName, suiteOfCode } from './suites';

/**
 * Gives so many unpredictable bytes; handed in so that a simulation can repeat itself. Never repeat
 * it outside a test.
 */
export type Randomness = (bytes: number) => Buffer;

/** By AES and a key without a name, or the first: version · nonce · ciphertext · tag. */
const VERSION_1 = 1;
const VERSION_2 = 2;

/** What a sealed value says of itself before its nonce. */
interface Head {
  readonly keyId: string;
  readonly suite: SuiteName;
  readonly bytes: Buffer;
}

const headOf = (keyId: string, suite: SuiteName): Buffer => {
  // A release from before keys had names opens it too.
  if (suite === 'aes' && (keyId === '' || keyId === FIRST)) return Buffer.from([VERSION_1]);
  const id = Buffer.from(keyId, 'ascii');
  return Buffer.concat([Buffer.from([VERSION_2, SUITES[suite].code, id.length]), id]);
};

const readHead = (sealed: Buffer): Head => {
  if (sealed[0] === VERSION_1) return { keyId: FIRST, suite: 'aes', bytes: sealed.subarray(0, 1) };
  assert(sealed[0] === VERSION_2 && sealed.length >= 3, 'a sealed value has a known version');
  const suite = suiteOfCode(sealed[1]!);
  assert(suite, 'a sealed value has a known suite');
  const bytes = sealed.subarray(0, 3 + sealed[2]!);
  return { keyId: bytes.subarray(3).toString('ascii'), suite, bytes };
};

/**
 * Encrypts: version 2 (1 byte) · suite (1) · length of the key's id (1) · id · nonce · ciphertext ·
 * tag, or shorter as version 1. `context` says whose and what this is, and must be given again to open
 * it. One key seals at most 2^32 values.
 */
export const seal = (
  keys: SealingKeys,
  plaintext: Buffer | string,
  context: string,
  randomness: Randomness = randomBytes,
): Buffer => {
  const { currentId, suite } = keys;
  const key = keys.keyOf(currentId, suite);
  assert(key, 'the key that seals is there');
  const { nonceBytes, encrypt } = SUITES[suite];
  const nonce = randomness(nonceBytes);
  assert(nonce.length === nonceBytes, `a nonce has ${nonceBytes} bytes`);
  const head = headOf(currentId, suite);
  const beside = Buffer.concat([head, Buffer.from(context, 'utf8')]);
  const bytes = typeof plaintext === 'string' ? Buffer.from(plaintext, 'utf8') : plaintext;
  return Buffer.concat([head, nonce, encrypt({ key, nonce, beside }, bytes)]);
};

/**
 * Opens what `seal` made with one of these keys and this context. Anything else (a key that is not
 * there, another context, a changed bit) breaks an invariant: the unit of work stops.
 */
export const open = (keys: SealingKeys, sealed: Buffer, context: string): Buffer => {
  const head = readHead(sealed);
  const { nonceBytes, tagBytes, decrypt } = SUITES[head.suite];
  const from = head.bytes.length + nonceBytes;
  assert(sealed.length >= from + tagBytes, 'a sealed value is whole');
  const key = keys.keyOf(head.keyId, head.suite);
  assert(key, `the key ${head.keyId} of a sealed value is there`);
  const opened = decrypt(
    {
      key,
      nonce: sealed.subarray(head.bytes.length, from),
      beside: Buffer.concat([head.bytes, Buffer.from(context, 'utf8')]),
    },
    sealed.subarray(from, -tagBytes),
    sealed.subarray(-tagBytes),
  );
  // The cause is left out on purpose: it says nothing beyond "did not authenticate".
  if (!opened) throw new InvariantViolation('a sealed value opens with its own key and context');
  return opened;
};

/** Whether it was sealed by the key and suite that seal now. */
export const isSealedBy = (
  { currentId, suite }: Pick<SealingKeys, 'currentId' | 'suite'>,
  sealed: Buffer,
): boolean => {
  const head = headOf(currentId, suite);
  return sealed.subarray(0, head.length).equals(head);
};

/**
 * A fresh data key for one person or thing, sealed by the keys: the only form that is stored. Destroy
 * it and what it sealed is gone. `context` binds it to its owner.
 */
export const newDataKey = (
  keys: SealingKeys,
  context: string,
  randomness: Randomness = randomBytes,
): Buffer => seal(keys, randomness(KEY_BYTES), `data-key ${context}`, randomness);

/** The data key out of its sealed form; context as given to `newDataKey`. */
export const dataKeyOf = (keys: SealingKeys, wrapped: Buffer, context: string): SealingKeys =>
  onlyKey(open(keys, wrapped, `data-key ${context}`), keys.suite);

/** The same data key, sealed by the key that seals now. */
export const rewrapped = (
  keys: SealingKeys,
  wrapped: Buffer,
  context: string,
  randomness: Randomness = randomBytes,
): Buffer =>
  seal(keys, open(keys, wrapped, `data-key ${context}`), `data-key ${context}`, randomness);
