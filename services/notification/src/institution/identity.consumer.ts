import { identityInstitutions, identityPersons, on } from '@caretab/contracts';
import { Consumes, type EventOf, type Handling } from '@caretab/bus';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { preferenceTable } from '../preference/preference.table';
import { guardianTable, institutionTable } from './institution.table';

/** Keeps where institutions listen and who stands for whom. */
@Controller()
export class IdentityConsumer {
  @Consumes({ from: identityInstitutions, group: 'notification.institution' })
  institutions(
    @Payload() event: EventOf<typeof identityInstitutions>,
    @Ctx() { transaction }: Handling,
  ): Promise<void> | undefined {
    return on(identityInstitutions, event, {
      InstitutionRegistered: ({ data }) =>
        transaction
          .rows(institutionTable)
          .save({ institutionId: data.institutionId, webhookUrl: data.webhookUrl ?? null }),
    });
  }

  @Consumes({ from: identityPersons, group: 'notification.person' })
  persons(
    @Payload() event: EventOf<typeof identityPersons>,
    @Ctx() { transaction }: Handling,
  ): Promise<void> | undefined {
    return on(identityPersons, event, {
      PersonRegistered: 'ignore',
      GuardianAppointed: ({ data }) =>
        transaction
          .rows(guardianTable)
          .save({ personId: data.personId, guardianId: data.guardianId }),
      PersonalDataDestroyed: ({ data }) =>
        transaction.rows(preferenceTable).delete({ personId: data.personId }),
    });
  }
}
