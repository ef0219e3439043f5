import { visitLedgerVisits } from '@caretab/contracts';
import { Consumes, type EventOf } from '@caretab/bus';
import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { HOLD_GROUP, VisitBatches } from './visit-batch';

/** Topic in → holds, a batch at a time. */
@Controller()
export class HoldConsumer {
  constructor(@Inject(VisitBatches) private readonly batches: VisitBatches) {}

  @Consumes({ from: visitLedgerVisits, group: HOLD_GROUP, batch: true })
  visits(@Payload() events: EventOf<typeof visitLedgerVisits>[]): Promise<void> {
    return this.batches.handle(events);
  }
}
