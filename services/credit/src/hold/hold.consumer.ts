import { on, visitLedgerVisits } from '@caretab/contracts';
import { Consumes, type EventOf, type Handling } from '@caretab/messaging';
import { Controller, Inject } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { Holds } from './holds';

/** Topic in → holds. */
@Controller()
export class HoldConsumer {
  constructor(@Inject(Holds) private readonly holds: Holds) {}

  @Consumes({ from: visitLedgerVisits, group: 'credit.hold' })
  visits(@Payload() event: EventOf<typeof visitLedgerVisits>, @Ctx() { transaction }: Handling): Promise<void> | undefined {
    return on(visitLedgerVisits, event, {
      VisitOpened: (opened) => this.holds.authorize(opened, transaction),
      HoldIncreaseRequested: (requested) => this.holds.increase(requested, transaction),
      ChargeDeferred: 'ignore',
      ChargeNotDeferred: 'ignore',
      ChargeConflictFound: 'ignore',
      ChargeReversed: 'ignore',
      VisitCancelled: (cancelled) => this.holds.cancel(cancelled, transaction),
      VisitClosed: 'ignore',
      VisitAdjudicated: (adjudicated) => this.holds.adjudicate(adjudicated, transaction),
      VisitSettled: (settled) => this.holds.settle(settled, transaction),
      PaymentMissed: (missed) => this.holds.miss(missed, transaction),
    });
  }
}
