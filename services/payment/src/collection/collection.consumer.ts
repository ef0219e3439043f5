import { on, visitLedgerVisits } from '@caretab/contracts';
import { Consumes, type EventOf, type Handling } from '@caretab/bus';
import { Controller, Inject } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { holdSetAside, releaseResumed } from '../agreement/set-aside';
import { Collections } from './collections';

@Controller()
export class CollectionConsumer {
  constructor(@Inject(Collections) private readonly collections: Collections) {}

  @Consumes({ from: visitLedgerVisits, group: 'payment.collection' })
  visits(
    @Payload() event: EventOf<typeof visitLedgerVisits>,
    @Ctx() { transaction }: Handling,
  ): Promise<void> | undefined {
    return on(visitLedgerVisits, event, {
      VisitAdjudicated: (adjudicated) => this.collections.fixDue(adjudicated, transaction),
      VisitOpened: 'ignore',
      HoldIncreaseRequested: 'ignore',
      ChargeDeferred: 'ignore',
      ChargeNotDeferred: 'ignore',
      ChargeConflictFound: 'ignore',
      ChargeAwaitsAgreement: 'ignore',
      ChargeReversed: 'ignore',
      VisitUpdated: 'ignore',
      SubmissionWaiting: 'ignore',
      SubmissionApplied: 'ignore',
      SubmissionRejected: 'ignore',
      HolderContradicted: 'ignore',
      VisitOverdue: 'ignore',
      VisitCancelled: 'ignore',
      VisitClosed: 'ignore',
      VisitSettled: 'ignore',
      PaymentMissed: 'ignore',
      VisitSetAside: (aside) => holdSetAside(aside, transaction),
      VisitResumed: (resumed) => releaseResumed(resumed, transaction),
    });
  }
}
