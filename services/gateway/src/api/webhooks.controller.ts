import { edgeRoutes as routes, type RouteAnswer } from '@caretab/contracts';
import { type Asked, Handles } from '@caretab/host';
import { Controller, Inject } from '@nestjs/common';
import { actingInstitution } from './institution.guard';
import { NotificationClient } from './notification.adapter';

type Input<Name extends keyof typeof routes> = Asked<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

/** What a hospital does about its own webhooks. */
@Controller()
export class WebhooksController {
  constructor(@Inject(NotificationClient) private readonly notification: NotificationClient) {}

  @Handles(routes.listOwnWebhooks)
  async list({ subject, scopes, query }: Input<'listOwnWebhooks'>): Answer<'listOwnWebhooks'> {
    return this.notification.webhooks(actingInstitution(scopes), query, subject);
  }

  @Handles(routes.resendOwnWebhooks)
  async resend({ subject, scopes, body }: Input<'resendOwnWebhooks'>): Answer<'resendOwnWebhooks'> {
    return this.notification.resend(actingInstitution(scopes), body, subject);
  }

  @Handles(routes.renewOwnWebhookSecret)
  async renewSecret({
    subject,
    scopes,
  }: Input<'renewOwnWebhookSecret'>): Answer<'renewOwnWebhookSecret'> {
    return this.notification.renewSecret(actingInstitution(scopes), subject);
  }
}
