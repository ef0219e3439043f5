import { createHmac, timingSafeEqual } from 'node:crypto';

export const WEBHOOK_AGE_MAX_MS = 5 * 60 * 1000;

/**
 * The secret an institution shares with the platform: HMAC-SHA256 of its id under the platform's
 * webhook key, in hex.
 */
export const webhookSecret = (key: string, institutionId: string): string =>
  createHmac('sha256', key).update(institutionId).digest('hex');

/**
 * Secrets by path, for a receiver whose paths are `/<anything>/<institution id>[/…]`: the second
 * part names the institution.
 */
export const institutionSecrets =
  (key: string) =>
  (path: string): string | undefined => {
    const institutionId = path.split('/')[2];
    return institutionId ? webhookSecret(key, institutionId) : undefined;
  };

/**
 * Whether `caretab-signature: t=<seconds>,v1=<hex>[,v1=<hex>…]` holds an HMAC-SHA256 over `t.body`
 * and is fresh. After a secret was renewed there are several; one that fits is enough.
 */
export const isWebhookSigned = (
  secret: string,
  nowMs: number,
  header: string | undefined,
  body: string,
): boolean => {
  const [, seconds, given = ''] =
    /^t=(\d{1,12})((?:,v1=[0-9a-f]{64}){1,5})$/.exec(header ?? '') ?? [];
  if (seconds === undefined || Math.abs(nowMs - Number(seconds) * 1000) > WEBHOOK_AGE_MAX_MS)
    return false;
  const expected = createHmac('sha256', secret).update(`${seconds}.${body}`).digest();
  return given
    .split(',v1=')
    .slice(1)
    .some((signature) => timingSafeEqual(expected, Buffer.from(signature, 'hex')));
};
