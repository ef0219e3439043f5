import { identityInstitutions, on } from '@caretab/contracts';
import { Consumes, type EventOf, type Handling } from '@caretab/bus';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { institutionLevelTable } from './institution-level.table';

/** Keeps the level of each institution as identity last published it. */
@Controller()
export class InstitutionConsumer {
  @Consumes({ from: identityInstitutions, group: 'adjudication.institution' })
  async institutions(
    @Payload() event: EventOf<typeof identityInstitutions>,
    @Ctx() { transaction }: Handling,
  ): Promise<void> {
    await on(identityInstitutions, event, {
      InstitutionRegistered: ({ data: { institutionId, level } }) =>
        transaction.rows(institutionLevelTable).save({ institutionId, level }),
    });
  }
}
