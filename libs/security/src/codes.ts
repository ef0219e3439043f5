import { createHash, sign } from 'node:crypto';
import { privateKeyOf, publicBytesOf } from '@caretab/kernel';
import { isSignedBy, type SignatureAlgorithm } from './public-keys';
import { signBySm2, sm2PublicKeyOf } from './sm2';
import type { SuiteName } from './suites';

/** By what a code is signed: Ed25519, or SM2 with SM3 where the SM suite seals. */
export type CodeAlgorithm = SignatureAlgorithm;

/** The public half of the key that signs codes, as front nodes keep it. */
export interface CodeKey {
  readonly keyId: string;
  readonly algorithm: CodeAlgorithm;
  /** 32 bytes of Ed25519, 64 of SM2. */
  readonly publicKey: Buffer;
}

/**
 * A code as it is shown. Its first parts are the published form: `<64 hex>:1` is static,
 * `<64 hex>:0:<32 hex>:<application>` is dynamic. A dynamic one of ours goes on with what makes it
 * readable offline: `:<keyId>.<end>.<signature>`, the end in seconds since 1970 in base 36.
 */
export type ReadCode =
  | { readonly kind: 'static'; readonly cardNumber: string }
  | {
      readonly kind: 'dynamic';
      readonly cardNumber: string;
      readonly nonce: string;
      readonly application: string;
      readonly keyId: string;
      readonly expiresAt: Date;
      readonly signed: string;
      readonly signature: Buffer;
    };

const STATIC = /^([0-9a-f]{64}):1$/;
const DYNAMIC =
  /^(([0-9a-f]{64}):0:([0-9a-f]{32}):([A-Za-z0-9-]{1,20}):([0-9a-f]{8})\.([0-9a-z]{1,8}))\.([A-Za-z0-9_-]{86})$/;
const MS_PER_S = 1_000;

export const staticCode = (cardNumber: string): string => `${cardNumber}:1`;

/** Undefined for a text that is no code of ours. */
export const readCode = (text: string): ReadCode | undefined => {
  const fixed = STATIC.exec(text);
  if (fixed) return { kind: 'static', cardNumber: fixed[1]! };
  const [, signed, cardNumber, nonce, application, keyId, end, signature] =
    DYNAMIC.exec(text) ?? [];
  if (signature === undefined) return undefined;
  return {
    ...{ kind: 'dynamic', cardNumber: cardNumber!, nonce: nonce!, application: application! },
    ...{ keyId: keyId!, signed: signed!, signature: Buffer.from(signature, 'base64url') },
    expiresAt: new Date(Number.parseInt(end!, 36) * MS_PER_S),
  };
};

/** The key that signs codes, of 32 secret bytes, and by which suite. */
export class CodeSigner {
  readonly key: CodeKey;

  constructor(
    private readonly seed: Buffer,
    suite: SuiteName,
  ) {
    const algorithm = suite === 'sm' ? 'SM2' : 'Ed25519';
    const publicKey =
      algorithm === 'SM2' ? sm2PublicKeyOf(seed) : publicBytesOf(privateKeyOf(seed));
    const keyId = createHash('sha256').update(publicKey).digest('hex').slice(0, 8);
    this.key = { keyId, algorithm, publicKey };
  }

  /** A dynamic code that ends with a whole second. */
  dynamic(code: {
    readonly cardNumber: string;
    readonly nonce: string;
    readonly application: string;
    readonly expiresAt: Date;
  }): string {
    const { cardNumber, nonce, application, expiresAt } = code;
    const end = Math.floor(expiresAt.getTime() / MS_PER_S).toString(36);
    const said = `${cardNumber}:0:${nonce}:${application}:${this.key.keyId}.${end}`;
    const text = Buffer.from(said);
    const signature =
      this.key.algorithm === 'SM2'
        ? signBySm2(this.seed, text)
        : sign(null, text, privateKeyOf(this.seed));
    return `${said}.${signature.toString('base64url')}`;
  }
}

/** Whether one of these keys signed the code. It says nothing of its end, or that it is used once. */
export const isCodeSigned = (
  { keyId, signed, signature }: Extract<ReadCode, { kind: 'dynamic' }>,
  keys: readonly CodeKey[],
): boolean => {
  const key = keys.find((one) => one.keyId === keyId);
  return key !== undefined && isSignedBy(key, Buffer.from(signed), signature);
};
