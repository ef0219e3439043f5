import { identityInstitutions, on } from '@caretab/contracts';
import { Consumes, type EventOf, type Handling } from '@caretab/bus';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { institutionRulesTable } from './institution-rules.table';

/** Keeps what each institution's profile says of the ends of its visits. */
@Controller()
export class InstitutionConsumer {
  @Consumes({ from: identityInstitutions, group: 'visit-ledger.institution' })
  async institutions(
    @Payload() event: EventOf<typeof identityInstitutions>,
    @Ctx() { transaction }: Handling,
  ): Promise<void> {
    await on(identityInstitutions, event, {
      InstitutionRegistered: ({ data }) =>
        transaction.rows(institutionRulesTable).save({
          institutionId: data.institutionId,
          graceMs: data.graceMs ?? null,
          lateCharge: data.lateCharge ?? null,
          outpatientEnd: data.outpatientEnd ?? null,
          emergencyEnd: data.emergencyEnd ?? null,
        }),
    });
  }
}
