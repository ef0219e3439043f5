import { on, visitLedgerVisits } from '@caretab/contracts';
import { Consumes, type EventOf, type Handling, Prepares } from '@caretab/bus';
import { REST } from '@caretab/kernel';
import { Controller, Inject } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { holdSetAside, releaseResumed } from '../agreement/set-aside';
import { collectionRows } from './collection-rows';
import { Collections } from './collections';

const GROUP = 'payment.collection';
const IGNORED = {
  VisitOpened: 'ignore',
  HoldIncreaseRequested: 'ignore',
  HoldLowered: 'ignore',
  ChargeDeferred: 'ignore',
  ChargeNotDeferred: 'ignore',
  ChargeConflictFound: 'ignore',
  ChargeAwaitsAgreement: 'ignore',
  ChargeReversed: 'ignore',
  VisitUpdated: 'ignore',
  PatientProposed: 'ignore',
  PatientDenied: 'ignore',
  PatientIdentified: 'ignore',
  SubmissionWaiting: 'ignore',
  SubmissionApplied: 'ignore',
  SubmissionRejected: 'ignore',
  HolderContradicted: 'ignore',
  VisitOverdue: 'ignore',
  VisitCancelled: 'ignore',
  VisitClosed: 'ignore',
  VisitSettled: 'ignore',
  PaymentMissed: 'ignore',
} as const;

@Controller()
export class CollectionConsumer {
  constructor(@Inject(Collections) private readonly collections: Collections) {}

  @Prepares({ from: visitLedgerVisits, group: GROUP })
  prepare(
    @Payload() events: EventOf<typeof visitLedgerVisits>[],
    @Ctx() { transaction }: Handling,
  ): Promise<void> {
    return collectionRows(transaction, events);
  }

  @Consumes({ from: visitLedgerVisits, group: GROUP, ignored: IGNORED, rest: REST.gathering })
  visits(
    @Payload() event: EventOf<typeof visitLedgerVisits>,
    @Ctx() { transaction }: Handling,
  ): Promise<void> | undefined {
    return on(visitLedgerVisits, event, {
      VisitAdjudicated: (adjudicated) => this.collections.fixDue(adjudicated, transaction),
      VisitSetAside: (aside) => holdSetAside(aside, transaction),
      VisitResumed: (resumed) => releaseResumed(resumed, transaction),
      ...IGNORED,
    });
  }
}
