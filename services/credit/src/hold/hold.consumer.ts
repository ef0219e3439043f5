import { on, visitLedgerVisits } from '@caretab/contracts';
import { Consumes, type EventOf, type Handling, Prepares, type Preparing } from '@caretab/bus';
import { Controller, Inject } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { Grants } from './grants';
import { HoldPauses } from './hold-pauses';
import { Holds } from './holds';
import { lockRows } from './visit-locks';

const GROUP = 'credit.hold';

type VisitEvent = EventOf<typeof visitLedgerVisits>;

/** Most events of a visit are charges: signs of life, which are known by their keys alone. */
export const IGNORED = {
  ChargeDeferred: 'ignore',
  ChargeNotDeferred: 'ignore',
  ChargeConflictFound: 'ignore',
  ChargeAwaitsAgreement: 'ignore',
  ChargeReversed: 'ignore',
  VisitOverdue: 'ignore',
  PatientProposed: 'ignore',
  PatientDenied: 'ignore',
  PatientIdentified: 'ignore',
  SubmissionWaiting: 'ignore',
  SubmissionApplied: 'ignore',
  SubmissionRejected: 'ignore',
  HolderContradicted: 'ignore',
  VisitClosed: 'ignore',
} as const;

/** Topic in → holds: a batch in one transaction, each event once. */
@Controller()
export class HoldConsumer {
  constructor(
    @Inject(Holds) private readonly holds: Holds,
    @Inject(HoldPauses) private readonly pauses: HoldPauses,
    @Inject(Grants) private readonly grants: Grants,
  ) {}

  /** Whatever is reported of a visit lets its hold live on: the topic's keys are visits. */
  @Prepares({ from: visitLedgerVisits, group: GROUP, forKeys: true })
  async prepare(
    @Payload() events: VisitEvent[],
    @Ctx() { transaction, keys }: Preparing,
  ): Promise<void> {
    const aging = await this.holds.agingAmong(keys, transaction);
    await lockRows(transaction, events, aging);
    await this.holds.prolong(aging, transaction);
  }

  @Consumes({ from: visitLedgerVisits, group: GROUP, ignored: IGNORED })
  visits(
    @Payload() event: VisitEvent,
    @Ctx() { transaction }: Handling,
  ): Promise<void> | undefined {
    return on(visitLedgerVisits, event, {
      VisitOpened: (opened) => this.grants.authorize(opened, transaction),
      HoldIncreaseRequested: (requested) => this.grants.increase(requested, transaction),
      HoldLowered: (lowered) => this.holds.lower(lowered, transaction),
      VisitUpdated: (updated) => this.holds.reclassify(updated, transaction),
      VisitCancelled: (cancelled) => this.holds.cancel(cancelled, transaction),
      VisitAdjudicated: (adjudicated) => this.holds.fixDue(adjudicated, transaction),
      VisitSettled: (settled) => this.holds.payOff(settled, transaction),
      PaymentMissed: (missed) => this.holds.miss(missed, transaction),
      VisitSetAside: (aside) => this.pauses.begin(aside, transaction),
      VisitResumed: (resumed) => this.pauses.end(resumed, transaction),
      ...IGNORED,
    });
  }
}
