import { on, visitLedgerVisits } from '@caretab/contracts';
import { Consumes, type EventOf, type Handling } from '@caretab/bus';
import { Controller, Inject } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { Claims } from './claims';

@Controller()
export class ClaimConsumer {
  constructor(@Inject(Claims) private readonly claims: Claims) {}

  @Consumes({ from: visitLedgerVisits, group: 'adjudication.claim' })
  async visits(
    @Payload() event: EventOf<typeof visitLedgerVisits>,
    @Ctx() { transaction }: Handling,
  ): Promise<void> {
    await on(visitLedgerVisits, event, {
      VisitOpened: (opened) => this.claims.determine(opened, transaction),
      VisitClosed: (closed) => this.claims.adjudicate(closed, transaction),
      HoldIncreaseRequested: 'ignore',
      ChargeDeferred: 'ignore',
      ChargeNotDeferred: 'ignore',
      ChargeConflictFound: 'ignore',
      ChargeReversed: 'ignore',
      VisitCancelled: 'ignore',
      VisitAdjudicated: 'ignore',
      VisitSettled: 'ignore',
      PaymentMissed: 'ignore',
    });
  }
}
