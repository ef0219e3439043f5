import { on, visitLedgerVisits } from '@caretab/contracts';
import { Consumes, type EventOf, type Handling, Prepares } from '@caretab/bus';
import { Controller, Inject } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { Claims } from './claims';

const GROUP = 'adjudication.claim';
const IGNORED = {
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
  VisitSetAside: 'ignore',
  VisitResumed: 'ignore',
  VisitCancelled: 'ignore',
  VisitAdjudicated: 'ignore',
  VisitSettled: 'ignore',
  PaymentMissed: 'ignore',
} as const;

type VisitEvent = EventOf<typeof visitLedgerVisits>;

/** Topic in → claims: a batch in one transaction, each event once. */
@Controller()
export class ClaimConsumer {
  constructor(@Inject(Claims) private readonly claims: Claims) {}

  @Prepares({ from: visitLedgerVisits, group: GROUP })
  prepare(@Payload() events: VisitEvent[], @Ctx() { transaction }: Handling): Promise<void> {
    return this.claims.prepare(events, transaction);
  }

  @Consumes({ from: visitLedgerVisits, group: GROUP, ignored: IGNORED })
  visits(
    @Payload() event: VisitEvent,
    @Ctx() { transaction }: Handling,
  ): Promise<void> | undefined {
    return on(visitLedgerVisits, event, {
      VisitOpened: (opened) => this.claims.determine(opened, transaction),
      VisitClosed: (closed) => this.claims.adjudicate(closed, transaction),
      ...IGNORED,
    });
  }
}
