import { on, visitLedgerVisits } from '@caretab/contracts';
import { Consumes, type EventOf, freshOf } from '@caretab/bus';
import { STORE } from '@caretab/host';
import type { Store } from '@caretab/store';
import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { lockPersons } from './accumulators';
import { Claims } from './claims';

const GROUP = 'adjudication.claim';

type VisitEvent = EventOf<typeof visitLedgerVisits>;

/** Most events of a visit are charges: what is ignored is not even marked. */
const isOurs = ({ type }: VisitEvent): boolean => type === 'VisitOpened' || type === 'VisitClosed';

/** Topic in → claims: a batch in one transaction, each event once. */
@Controller()
export class ClaimConsumer {
  constructor(
    @Inject(STORE) private readonly store: Store,
    @Inject(Claims) private readonly claims: Claims,
  ) {}

  /**
   * Throws what the first event that cannot be handled throws; nothing of the batch is done then.
   */
  @Consumes({ from: visitLedgerVisits, group: GROUP, batch: true })
  visits(@Payload() events: VisitEvent[]): Promise<void> {
    return this.store.transact(async (transaction) => {
      const fresh = await freshOf(transaction, GROUP, events.filter(isOurs));
      await lockPersons(
        transaction,
        fresh.flatMap(({ type, data }) => (type === 'VisitClosed' ? [data.personId] : [])),
      );
      for (const event of fresh)
        await on(visitLedgerVisits, event, {
          VisitOpened: (opened) => this.claims.determine(opened, transaction),
          VisitClosed: (closed) => this.claims.adjudicate(closed, transaction),
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
          VisitSetAside: 'ignore',
          VisitResumed: 'ignore',
          VisitCancelled: 'ignore',
          VisitAdjudicated: 'ignore',
          VisitSettled: 'ignore',
          PaymentMissed: 'ignore',
        });
    });
  }
}
