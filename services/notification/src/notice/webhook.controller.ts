import {
  notificationRoutes as routes,
  type RouteAnswer,
  type RouteInput,
} from '@caretab/contracts';
import { type Asked, Handles } from '@caretab/host';
import { Controller, Inject } from '@nestjs/common';
import type { NoticeRow } from './notice.table';
import { WebhookSecrets } from './webhook-secrets';
import { WebhookNotices } from './webhooks';

type Input<Name extends keyof typeof routes> = RouteInput<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;
type Shown = RouteAnswer<typeof routes.listWebhooks>['webhooks'][number];

const shown = (row: NoticeRow): Shown => ({
  noticeId: row.noticeId,
  institutionId: row.recipientId,
  type: row.template,
  visitId: row.visitId,
  status: row.status as Shown['status'], // Only an e-mail is ever unconfirmed.
  reason: row.reason,
  attempts: row.attempts,
  occurredAt: row.occurredAt,
  nextAttemptAt: row.nextAttemptAt,
  sentAt: row.sentAt,
});

/** What hospitals, through the edge, and operators do about webhooks that did not arrive. */
@Controller()
export class WebhookController {
  constructor(
    @Inject(WebhookNotices) private readonly webhooks: WebhookNotices,
    @Inject(WebhookSecrets) private readonly secrets: WebhookSecrets,
  ) {}

  @Handles(routes.listWebhooks)
  async list({ query, scopes }: Asked<typeof routes.listWebhooks>): Answer<'listWebhooks'> {
    const { rows, next } = await this.webhooks.list(query, scopes);
    return { webhooks: rows.map(shown), ...(next !== undefined && { next }) };
  }

  @Handles(routes.resendWebhooks)
  async resend({ body }: Input<'resendWebhooks'>): Answer<'resendWebhooks'> {
    const { resent, next } = await this.webhooks.resend(body);
    return { resent, ...(next !== undefined && { next }) };
  }

  @Handles(routes.renewWebhookSecret)
  renewSecret({
    params: { institutionId },
  }: Input<'renewWebhookSecret'>): Answer<'renewWebhookSecret'> {
    return this.secrets.renew(institutionId);
  }
}
