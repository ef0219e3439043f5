import { visitLedgerVisits } from '@caretab/contracts';
import { Consumes, type EventOf } from '@caretab/bus';
import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { CLAIM_GROUP, ClaimBatches } from './claim-batches';

/** Topic in → claims, a batch at a time. */
@Controller()
export class ClaimConsumer {
  constructor(@Inject(ClaimBatches) private readonly batches: ClaimBatches) {}

  @Consumes({ from: visitLedgerVisits, group: CLAIM_GROUP, batch: true })
  visits(@Payload() events: EventOf<typeof visitLedgerVisits>[]): Promise<void> {
    return this.batches.handle(events);
  }
}
