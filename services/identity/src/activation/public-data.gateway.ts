import { createHmac, timingSafeEqual } from 'node:crypto';
import { type Clock, DomainError } from '@caretab/kernel';
import { inSpan } from '@caretab/telemetry';
import type { PublicData, RegistryQuestion } from './registries';

export interface PublicDataOptions {
  readonly url: string;
  /** Signs what is asked, and what is pushed back: HMAC-SHA256 in hex. */
  readonly secret: string;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly fetch: typeof globalThis.fetch;
}

/** A signature is good for so long before and after its time. */
const SIGNED_MS = 5 * 60_000;

const signatureOf = (secret: string, ...parts: readonly string[]): string =>
  createHmac('sha256', secret).update(parts.join('.')).digest('hex');

/**
 * The public-data platform over HTTP: `POST <url>/questions`, signed over `at.requestId.idNumber`. 2xx
 * says that the answer will be pushed; anything else, and silence, that it may not.
 */
export class PublicDataGateway implements PublicData {
  constructor(private readonly options: PublicDataOptions) {}

  async ask({ requestId, idNumber }: RegistryQuestion): Promise<'taken' | 'no-answer'> {
    const { url, secret, timeoutMs, clock, fetch } = this.options;
    const at = clock.now().toISOString();
    const signature = signatureOf(secret, at, requestId, idNumber);
    try {
      const response = await inSpan('public data', { kind: 'client' }, () =>
        fetch(`${url}/questions`, {
          method: 'POST',
          body: JSON.stringify({ requestId, idNumber, at, signature }),
          redirect: 'manual',
          signal: AbortSignal.timeout(timeoutMs),
          headers: { 'content-type': 'application/json' },
        }),
      );
      await response.body?.cancel(); // What it says is not read, however much it is.
      return response.ok ? 'taken' : 'no-answer';
    } catch {
      return 'no-answer';
    }
  }
}

export interface PushedAnswer {
  readonly requestId: string;
  /** When it was signed, RFC 3339. */
  readonly at: string;
  readonly mobile?: string | undefined;
  readonly signature: string;
}

/** Throws SIGNATURE_WRONG (unauthenticated): not by the secret, or not of now. */
export const assertPushed = (
  { requestId, at, mobile = '', signature }: PushedAnswer,
  { secret, now }: { readonly secret: string | undefined; readonly now: Date },
): void => {
  const isOfNow = Math.abs(now.getTime() - Date.parse(at)) <= SIGNED_MS;
  const expected = secret === undefined ? '' : signatureOf(secret, at, requestId, mobile);
  const isSigned =
    expected.length === signature.length &&
    timingSafeEqual(Buffer.from(expected), Buffer.from(signature));
  if (!isOfNow || !isSigned) throw new DomainError('SIGNATURE_WRONG', 'unauthenticated');
};
