import { identityInstitutions, on } from '@caretab/contracts';
import { Consumes, type EventOf, type Handling } from '@caretab/bus';
import { Controller, Inject } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { WebhookNotices } from '../notice/webhooks';
import { institutionTable } from './institution.table';

/** Keeps the name and the webhook address of each institution. */
@Controller()
export class InstitutionConsumer {
  constructor(@Inject(WebhookNotices) private readonly webhooks: WebhookNotices) {}

  @Consumes({ from: identityInstitutions, group: 'notification.institution' })
  institutions(
    @Payload() event: EventOf<typeof identityInstitutions>,
    @Ctx() { transaction }: Handling,
  ): Promise<void> | undefined {
    return on(identityInstitutions, event, {
      InstitutionRegistered: async ({ data: { institutionId, name, webhookUrl = null } }) => {
        const rows = transaction.rows(institutionTable);
        const known = await rows.get({ institutionId });
        await rows.save({ institutionId, webhookUrl, name });
        if (webhookUrl !== null && known?.webhookUrl !== webhookUrl)
          await this.webhooks.readdressed(transaction, institutionId);
      },
    });
  }
}
