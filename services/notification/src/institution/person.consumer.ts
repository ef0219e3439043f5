import { identityPersons, on } from '@caretab/contracts';
import { Consumes, type EventOf, type Handling } from '@caretab/bus';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { preferenceTable } from '../preference/preference.table';
import { guardianTable } from './institution.table';

/** Keeps whose notices go to a guardian; a person's preferences end with the person's data. */
@Controller()
export class PersonConsumer {
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
