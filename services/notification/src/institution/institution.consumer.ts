import { identityInstitutions, on } from '@caretab/contracts';
import { Consumes, type EventOf, type Handling } from '@caretab/bus';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { institutionTable } from './institution.table';

/** Keeps the name and the webhook address of each institution. */
@Controller()
export class InstitutionConsumer {
  @Consumes({ from: identityInstitutions, group: 'notification.institution' })
  institutions(
    @Payload() event: EventOf<typeof identityInstitutions>,
    @Ctx() { transaction }: Handling,
  ): Promise<void> | undefined {
    return on(identityInstitutions, event, {
      InstitutionRegistered: ({ data }) =>
        transaction.rows(institutionTable).save({
          institutionId: data.institutionId,
          webhookUrl: data.webhookUrl ?? null,
          name: data.name,
        }),
    });
  }
}
