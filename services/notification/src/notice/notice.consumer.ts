import { on, visitLedgerVisits } from '@caretab/contracts';
import { Consumes, type EventOf, type Handling, Prepares } from '@caretab/bus';
import { REST } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import { Controller, Inject } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import type { Facts } from './notice.table';
import { afterSettlement, itemIn, missedIn, notTheirs } from './late-notices';
import { noticeRows } from './notice-rows';
import { Notices, occurrence } from './notices';
import { deniedIn, identifiedIn, patientAsked } from './patient-notices';
import { assertSettled, contradictionIn, lenderIn, overdueIn, rejectionIn } from './report-facts';
import { notOnTabFacts } from './templates';

type VisitEvent<Type> = Extract<EventOf<typeof visitLedgerVisits>, { readonly type: Type }>;

const VISIT_GROUP = 'notification.visit';
const IGNORED = {
  SubmissionWaiting: 'ignore',
  SubmissionApplied: 'ignore',
  VisitOpened: 'ignore',
  VisitUpdated: 'ignore',
  HoldIncreaseRequested: 'ignore',
  HoldLowered: 'ignore',
  ChargeDeferred: 'ignore',
  ChargeReversed: 'ignore',
  VisitClosed: 'ignore',
  VisitAdjudicated: 'ignore',
} as const;

/** Event → recipients. Facts are picked one by one, so that nothing personal slips in. */
@Controller()
export class NoticeConsumer {
  constructor(@Inject(Notices) private readonly notices: Notices) {}

  @Prepares({ from: visitLedgerVisits, group: VISIT_GROUP })
  prepare(
    @Payload() events: EventOf<typeof visitLedgerVisits>[],
    @Ctx() { transaction }: Handling,
  ): Promise<void> {
    return noticeRows(transaction, events);
  }

  @Consumes({
    from: visitLedgerVisits,
    group: VISIT_GROUP,
    ignored: IGNORED,
    rest: REST.gathering,
  })
  visits(
    @Payload() event: EventOf<typeof visitLedgerVisits>,
    @Ctx() { transaction }: Handling,
  ): Promise<void> | undefined {
    return on(visitLedgerVisits, event, {
      VisitSettled: async (settled) => {
        const { visitId, institutionId, accountPersonId, personId, revision } = settled.data;
        const { patientDueFen, paidFen, refundedFen, lender } = settled.data;
        const { grossFen, payers = [], notDeferred = [], onTab, onTabCount } = settled.data;
        assertSettled(settled);
        const facts = { visitId, revision, patientDueFen, paidFen, refundedFen };
        const isPatient = accountPersonId === personId;
        await this.notices.notifyAccount(
          transaction,
          accountPersonId,
          occurrence(settled, 'visit-settled', {
            ...facts,
            audience: isPatient ? 'patient' : 'payer',
            ...(lender?.kind === 'bank' && patientDueFen > 0 && { lentBy: 'bank' }),
            ...(grossFen !== undefined && {
              grossFen,
              insurersFen: payers.reduce((sum, { amountFen }) => sum + amountFen, 0),
              ...notOnTabFacts(
                notDeferred.filter((charge) => !notTheirs(charge)),
                isPatient,
              ),
            }),
            ...(isPatient && onTab && onTabCount !== undefined && { onTab, onTabCount }),
          }),
        );
        await this.notices.notifyInstitution(
          transaction,
          institutionId,
          occurrence(settled, 'VisitSettled', { ...facts, ...lenderIn(lender) }),
        );
      },
      PaymentMissed: (missed) => this.missed(transaction, missed),
      ChargeNotDeferred: (refused) => this.notDeferred(transaction, refused),
      ChargeAwaitsAgreement: async (late) => {
        const { visitId, personId, chargeId, amountFen, reason } = late.data;
        const readerId = await this.notices.readerOf(transaction, personId);
        const item = readerId === personId ? itemIn(late.data) : {};
        const asked = occurrence(late, 'late-charge', { visitId, chargeId, amountFen, ...item });
        await this.notices.notifyAccount(transaction, readerId, asked);
        await this.toHospital(transaction, late, { visitId, chargeId, amountFen, reason });
      },
      PatientProposed: (proposed) => patientAsked(this.notices, transaction, proposed),
      PatientDenied: (denied) => this.toHospital(transaction, denied, deniedIn(denied)),
      PatientIdentified: (found) => this.toHospital(transaction, found, identifiedIn(found)),
      ChargeConflictFound: (conflict) => {
        const { visitId, chargeId, recordedFen, conflictingFen } = conflict.data;
        const facts = { visitId, chargeId, recordedFen, conflictingFen };
        return this.toHospital(transaction, conflict, facts);
      },
      VisitCancelled: (cancelled) => {
        const { visitId, cancelledAt } = cancelled.data;
        return this.toHospital(transaction, cancelled, { visitId, cancelledAt });
      },
      VisitOverdue: (overdue) => this.toHospital(transaction, overdue, overdueIn(overdue)),
      VisitSetAside: (aside) => {
        const { visitId, setAsideAt } = aside.data;
        return this.toHospital(transaction, aside, { visitId, setAsideAt });
      },
      VisitResumed: (resumed) => {
        const { visitId, resumedAt } = resumed.data;
        return this.toHospital(transaction, resumed, { visitId, resumedAt });
      },
      SubmissionRejected: (refused) => this.toHospital(transaction, refused, rejectionIn(refused)),
      HolderContradicted: (found) => this.toHospital(transaction, found, contradictionIn(found)),
      ...IGNORED,
    });
  }

  private async notDeferred(
    transaction: Transaction,
    refused: VisitEvent<'ChargeNotDeferred'>,
  ): Promise<void> {
    const { visitId, chargeId, amountFen, reason } = refused.data;
    const late = await afterSettlement(transaction, refused.data);
    if (late) {
      const notice = occurrence(refused, late.template, late.facts);
      await this.notices.notifyAccount(transaction, late.recipientId, notice);
    }
    await this.toHospital(transaction, refused, { visitId, chargeId, amountFen, reason });
  }

  private missed(transaction: Transaction, missed: VisitEvent<'PaymentMissed'>): Promise<void> {
    const notice = occurrence(missed, 'payment-missed', missedIn(missed));
    return this.notices.notifyAccount(transaction, missed.data.accountPersonId, notice);
  }

  /** A webhook of the event's own name. */
  private toHospital(
    transaction: Transaction,
    event: EventOf<typeof visitLedgerVisits>,
    facts: Facts,
  ): Promise<void> {
    const notice = occurrence(event, event.type, facts);
    return this.notices.notifyInstitution(transaction, event.data.institutionId, notice);
  }
}
