import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';

/**
 * How bytes are encrypted and authenticated: `aes` is AES-256-GCM (NIST SP 800-38D), `sm` is SM4 in
 * counter mode with HMAC-SM3 over what was encrypted (GB/T 32907, GB/T 32905, GB/T 36624).
 */
export type SuiteName = 'aes' | 'sm';

export interface Suite {
  /** By which a sealed value names it. */
  readonly code: number;
  readonly nonceBytes: number;
  readonly tagBytes: number;
  /** The digest by which keys are derived. */
  readonly digest: 'sha256' | 'sm3';
  /** Returns the ciphertext and its tag. */
  encrypt(box: Box, plaintext: Buffer): Buffer;
  /** Undefined where it does not authenticate. */
  decrypt(box: Box, body: Buffer, tag: Buffer): Buffer | undefined;
}

/** `key` has 32 bytes; what is `beside` is authenticated and not encrypted. */
export interface Box {
  readonly key: Buffer;
  readonly nonce: Buffer;
  readonly beside: Buffer;
}

const AES_TAG_BYTES = 16;
const SM4_KEY_BYTES = 16;

const aes: Suite = {
  code: 1,
  nonceBytes: 12,
  tagBytes: AES_TAG_BYTES,
  digest: 'sha256',
  encrypt: ({ key, nonce, beside }, plaintext) => {
    const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: AES_TAG_BYTES });
    cipher.setAAD(beside);
    return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  },
  decrypt: ({ key, nonce, beside }, body, tag) => {
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: AES_TAG_BYTES });
    decipher.setAAD(beside);
    decipher.setAuthTag(tag);
    try {
      return Buffer.concat([decipher.update(body), decipher.final()]);
    } catch {
      return undefined;
    }
  },
};

const macOf = (key: Buffer, ...parts: readonly Buffer[]): Buffer => {
  const mac = createHmac('sm3', key);
  for (const part of parts) mac.update(part);
  return mac.digest();
};

/** One key encrypts, another authenticates; both come of the one that is given. */
const sm4Key = (key: Buffer): Buffer =>
  macOf(key, Buffer.from('caretab sm4-ctr')).subarray(0, SM4_KEY_BYTES);
const sm3Key = (key: Buffer): Buffer => macOf(key, Buffer.from('caretab hmac-sm3'));

const sm3Tag = ({ key, nonce, beside }: Box, body: Buffer): Buffer => {
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(BigInt(beside.length));
  return macOf(sm3Key(key), length, beside, nonce, body);
};

const sm: Suite = {
  code: 2,
  nonceBytes: 16,
  tagBytes: 32,
  digest: 'sm3',
  encrypt: (box, plaintext) => {
    const cipher = createCipheriv('sm4-ctr', sm4Key(box.key), box.nonce);
    const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
    return Buffer.concat([body, sm3Tag(box, body)]);
  },
  decrypt: (box, body, tag) => {
    if (!timingSafeEqual(sm3Tag(box, body), tag)) return undefined;
    const decipher = createDecipheriv('sm4-ctr', sm4Key(box.key), box.nonce);
    return Buffer.concat([decipher.update(body), decipher.final()]);
  },
};

export const SUITES: Readonly<Record<SuiteName, Suite>> = { aes, sm };

export const isSuite = (name: unknown): name is SuiteName =>
  typeof name === 'string' && Object.hasOwn(SUITES, name);

export const suiteOfCode = (code: number): SuiteName | undefined =>
  (Object.keys(SUITES) as SuiteName[]).find((name) => SUITES[name].code === code);
