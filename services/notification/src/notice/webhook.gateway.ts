import { createHmac } from 'node:crypto';
import type { Clock } from '@caretab/kernel';
import type { SendOutcome, Webhooks } from './outlets';
import { type PostWebhook, TargetForbidden, type WebhookAnswer } from './webhook-post.adapter';

const MUST_RETRY = [408, 425, 429];
/** Receivers forgive less than this, and a line is faster. */
const CLOCKS_APART_MS = 60_000;
/**
 * A clock that is further off is not followed: a signature is good at its own time, and who can
 * answer in a receiver's place would have one for any day.
 */
const CLOCKS_APART_MAX_MS = 2 * 60 * 60 * 1000;

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
      readonly post: PostWebhook;
    },
  ) {}

  async post(notice: Post): Promise<SendOutcome> {
    const { clock } = this.options;
    try {
      const now = clock.now();
      let answer = await this.send(notice, now);
      const there = timeOf(answer);
      const apartMs = Math.abs(there - now.getTime());
      if (isRefused(answer) && apartMs > CLOCKS_APART_MS && apartMs <= CLOCKS_APART_MAX_MS)
        answer = await this.send(notice, new Date(there));
      if (isTaken(answer)) return 'sent';
      return isRefused(answer) ? 'refused' : 'not-sent';
    } catch (error) {
      if (error instanceof TargetForbidden) return 'forbidden';
      // Time-out or broken line: it may have arrived, and the receiver will know it by its id.
      return 'unknown';
    }
  }

  private send({ noticeId, secrets, url, body }: Post, at: Date): Promise<WebhookAnswer> {
    const timestamp = Math.floor(at.getTime() / 1000);
    const signatures = secrets.map(
      (secret) => `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`,
    );
    return this.options.post({
      url,
      body,
      timeoutMs: this.options.timeoutMs,
      headers: {
        'content-type': 'application/json',
        'caretab-notice-id': noticeId,
        'caretab-signature': [`t=${timestamp}`, ...signatures].join(','),
      },
    });
  }
}

const isTaken = ({ status }: WebhookAnswer): boolean => status >= 200 && status < 300;

const isRefused = ({ status }: WebhookAnswer): boolean =>
  status >= 300 && status < 500 && !MUST_RETRY.includes(status);

/** The receiver's time, by its answer; NaN without one. */
const timeOf = ({ date }: WebhookAnswer): number => Date.parse(date ?? '');
