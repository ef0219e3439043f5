import { createHmac } from 'node:crypto';
import type { Clock } from '@caretab/kernel';
import type { SendOutcome, Webhooks } from './outlets';

const MUST_RETRY = [408, 425, 429];
/** Receivers forgive less than this, and a line is faster. */
const CLOCKS_APART_MS = 60_000;

type Post = Parameters<Webhooks['post']>[0];

/**
 * Webhooks over HTTP, signed with the institution's own secrets: more than one after a renewal.
 * Refused by a receiver whose clock shows another time than ours, a webhook is
 * signed once more with the receiver's time: one of the two clocks is wrong, and the notice is not
 * to blame.
 */
export class WebhookGateway implements Webhooks {
  constructor(
    private readonly options: {
      readonly timeoutMs: number;
      readonly clock: Clock;
      readonly fetch?: typeof globalThis.fetch | undefined;
    },
  ) {}

  async post(notice: Post): Promise<SendOutcome> {
    const { clock, fetch = globalThis.fetch } = this.options;
    try {
      const now = clock.now();
      let response = await this.send(notice, now, fetch);
      const there = timeOf(response);
      if (isRefused(response) && Math.abs(there - now.getTime()) > CLOCKS_APART_MS)
        response = await this.send(notice, new Date(there), fetch);
      if (response.ok) return 'sent';
      return isRefused(response) ? 'refused' : 'not-sent';
    } catch {
      // Time-out or broken line: it may have arrived, and the receiver will know it by its id.
      return 'unknown';
    }
  }

  private async send(
    { noticeId, secrets, url, body }: Post,
    at: Date,
    fetch: typeof globalThis.fetch,
  ): Promise<Response> {
    const { timeoutMs } = this.options;
    const timestamp = Math.floor(at.getTime() / 1000);
    const signatures = secrets.map(
      (secret) => `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`,
    );
    const response = await fetch(url, {
      method: 'POST',
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        'content-type': 'application/json',
        'caretab-notice-id': noticeId,
        'caretab-signature': [`t=${timestamp}`, ...signatures].join(','),
      },
    });
    await response.body?.cancel(); // Nobody reads what it says, however long that is.
    return response;
  }
}

const isRefused = ({ ok, status }: Response): boolean =>
  !ok && status < 500 && !MUST_RETRY.includes(status);

/** The receiver's time, by its answer; NaN without one. */
const timeOf = ({ headers }: Response): number => Date.parse(headers.get('date') ?? '');
