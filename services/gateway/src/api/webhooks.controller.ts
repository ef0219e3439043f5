import { edgeRoutes as routes, type RouteAnswer, type RouteInput } from '@caretab/contracts';
import { Handles } from '@caretab/host';
import { Controller, Inject } from '@nestjs/common';
import type { Partners } from '../intake/partners';
import { PARTNERS } from '../parts';
import { institutionOf } from './institution.guard';
import { NotificationClient } from './notification.adapter';

type Input<Name extends keyof typeof routes> = RouteInput<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

/** What a hospital does about its own webhooks. */
@Controller()
export class WebhooksController {
  constructor(
    @Inject(PARTNERS) private readonly partners: Partners,
    @Inject(NotificationClient) private readonly notification: NotificationClient,
  ) {}

  @Handles(routes.listOwnWebhooks)
  async list({ headers, query }: Input<'listOwnWebhooks'>): Answer<'listOwnWebhooks'> {
    return this.notification.webhooks(await this.own(headers), query);
  }

  @Handles(routes.resendOwnWebhooks)
  async resend({ headers, body }: Input<'resendOwnWebhooks'>): Answer<'resendOwnWebhooks'> {
    return this.notification.resend(await this.own(headers), body);
  }

  @Handles(routes.renewOwnWebhookSecret)
  async renewSecret({ headers }: Input<'renewOwnWebhookSecret'>): Answer<'renewOwnWebhookSecret'> {
    return this.notification.renewSecret(await this.own(headers));
  }

  private own(headers: Readonly<Record<string, string | undefined>>): Promise<string> {
    return institutionOf(this.partners, headers['authorization']);
  }
}
