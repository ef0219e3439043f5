import { createHmac } from 'node:crypto';
import type { Clock } from '@caretab/kernel';
import type { SendOutcome, Webhooks } from './outlets';

const MUST_RETRY = [408, 425, 429];

/** Webhooks over HTTP, signed with the institution's own secret: HMAC-SHA256 of its id under the platform's key. */
export class WebhookGateway implements Webhooks {
  constructor(private readonly options: { readonly key: string; readonly timeoutMs: number; readonly clock: Clock; readonly fetch?: typeof globalThis.fetch | undefined }) {}

  async post({ noticeId, institutionId, url, body }: Parameters<Webhooks['post']>[0]): Promise<SendOutcome> {
    const { key, timeoutMs, clock, fetch = globalThis.fetch } = this.options;
    const secret = createHmac('sha256', key).update(institutionId).digest('hex');
    const timestamp = Math.floor(clock.now().getTime() / 1000);
    const signature = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
    try {
      const response = await fetch(url, {
        method: 'POST', body, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs),
        headers: { 'content-type': 'application/json', 'caretab-notice-id': noticeId, 'caretab-signature': `t=${timestamp},v1=${signature}` },
      });
      await response.body?.cancel(); // Nobody reads what it says, however long that is.
      if (response.ok) return 'sent';
      return response.status >= 500 || MUST_RETRY.includes(response.status) ? 'not-sent' : 'refused';
    } catch {
      // Time-out or broken line: it may have arrived, and the receiver will know it by its id.
      return 'unknown';
    }
  }
}
