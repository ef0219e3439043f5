import { adjudicationPlans, on } from '@caretab/contracts';
import { Consumes, type EventOf, type Handling } from '@caretab/bus';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { planDocumentTable } from './plan-document.table';

/** Keeps every document of plans by its version, for the coverages that name it. */
@Controller()
export class PlanConsumer {
  @Consumes({ from: adjudicationPlans, group: 'visit-ledger.plan' })
  async plans(
    @Payload() event: EventOf<typeof adjudicationPlans>,
    @Ctx() { transaction }: Handling,
  ): Promise<void> {
    await on(adjudicationPlans, event, {
      PlanDocumentApproved: ({ data: { version, kind, file } }) =>
        transaction.rows(planDocumentTable).insertIfAbsent({ version, kind, file }),
    });
  }
}
