import { createDecipheriv } from 'node:crypto';
import { DomainError } from '@caretab/kernel';
import { idOf } from '../order-number';

/** What is pushed, sealed by the key of API version 3. */
export interface WechatCallback {
  readonly resource: {
    readonly algorithm: string;
    readonly ciphertext: string;
    readonly nonce: string;
    readonly associated_data?: string;
  };
}

/** What a callback is about, by our own ids. */
export interface Pushed {
  readonly orderId: string | undefined;
  readonly refundId: string | undefined;
}

const TAG_BYTES = 16;

const fieldOf = (content: unknown, name: string): string | undefined => {
  const value = (content as Record<string, unknown> | null)?.[name];
  return typeof value === 'string' && value.length <= 64 ? idOf(value) : undefined;
};

/**
 * Opens what was pushed: who does not know the key cannot have sealed it. Throws SIGNATURE_WRONG
 * (unauthenticated).
 */
export const openedCallback = (
  { resource: { algorithm, ciphertext, nonce, associated_data = '' } }: WechatCallback,
  key: Buffer,
): Pushed => {
  try {
    if (algorithm !== 'AEAD_AES_256_GCM') throw new Error('another algorithm');
    const sealed = Buffer.from(ciphertext, 'base64');
    const opening = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
    opening.setAAD(Buffer.from(associated_data));
    opening.setAuthTag(sealed.subarray(-TAG_BYTES));
    const text = opening.update(sealed.subarray(0, -TAG_BYTES), undefined, 'utf8');
    const content: unknown = JSON.parse(text + opening.final('utf8'));
    const [orderId, refundId] = ['out_trade_no', 'out_refund_no'].map((name) =>
      fieldOf(content, name),
    );
    return { orderId, refundId };
  } catch {
    throw new DomainError('SIGNATURE_WRONG', 'unauthenticated');
  }
};
