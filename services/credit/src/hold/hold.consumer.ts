import { on, visitLedgerVisits } from '@caretab/contracts';
import { Consumes, type EventOf, freshOf } from '@caretab/bus';
import { STORE } from '@caretab/host';
import type { Store } from '@caretab/store';
import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { HoldPauses } from './hold-pauses';
import { Holds } from './holds';
import { lockRows } from './visit-locks';

const GROUP = 'credit.hold';

type VisitEvent = EventOf<typeof visitLedgerVisits>;

const OURS: ReadonlySet<string> = new Set([
  'VisitOpened',
  'VisitUpdated',
  'HoldIncreaseRequested',
  'VisitCancelled',
  'VisitAdjudicated',
  'VisitSettled',
  'PaymentMissed',
  'VisitSetAside',
  'VisitResumed',
]);

/**
 * Most events of a visit are charges: signs of life, which mean the same however often they come.
 * They are not marked.
 */
const isOurs = (event: VisitEvent): boolean => OURS.has(event.type);

/** Topic in → holds: a batch in one transaction, each event once. */
@Controller()
export class HoldConsumer {
  constructor(
    @Inject(STORE) private readonly store: Store,
    @Inject(Holds) private readonly holds: Holds,
    @Inject(HoldPauses) private readonly pauses: HoldPauses,
  ) {}

  /**
   * Throws what the first event that cannot be handled throws; nothing of the batch is done then.
   */
  @Consumes({ from: visitLedgerVisits, group: GROUP, batch: true })
  visits(@Payload() events: VisitEvent[]): Promise<void> {
    return this.store.transact(async (transaction) => {
      const fresh = await freshOf(transaction, GROUP, events.filter(isOurs));
      const aging = await this.holds.agingAmong(
        [...new Set(events.map(({ data }) => data.visitId))],
        transaction,
      );
      await lockRows(transaction, fresh, aging);
      for (const event of fresh)
        await on(visitLedgerVisits, event, {
          VisitOpened: (opened) => this.holds.authorize(opened, transaction),
          HoldIncreaseRequested: (requested) => this.holds.increase(requested, transaction),
          ChargeDeferred: 'ignore',
          ChargeNotDeferred: 'ignore',
          ChargeConflictFound: 'ignore',
          ChargeAwaitsAgreement: 'ignore',
          ChargeReversed: 'ignore',
          VisitUpdated: (updated) => this.holds.reclassify(updated, transaction),
          VisitOverdue: 'ignore',
          SubmissionWaiting: 'ignore',
          SubmissionApplied: 'ignore',
          SubmissionRejected: 'ignore',
          HolderContradicted: 'ignore',
          VisitCancelled: (cancelled) => this.holds.cancel(cancelled, transaction),
          VisitClosed: 'ignore',
          VisitAdjudicated: (adjudicated) => this.holds.fixDue(adjudicated, transaction),
          VisitSettled: (settled) => this.holds.payOff(settled, transaction),
          PaymentMissed: (missed) => this.holds.miss(missed, transaction),
          VisitSetAside: (aside) => this.pauses.begin(aside, transaction),
          VisitResumed: (resumed) => this.pauses.end(resumed, transaction),
        });
      await this.holds.prolong(aging, transaction);
    });
  }
}
