import { type ContractEvent, type Fate, on, visitLedgerVisits } from '@caretab/contracts';

export type VisitEvent = ContractEvent<typeof visitLedgerVisits>;

/** What an event says of one report, or of a charge however it was sent. */
export interface Word {
  readonly submissionId?: string | undefined;
  readonly charge?: DecidedCharge | undefined;
  /** It says so of every charge of the visit that was deferred. */
  readonly isOfTab?: true;
  readonly fate: Fate;
  readonly reason?: string | undefined;
  readonly remedy?: string | undefined;
}

export interface DecidedCharge {
  readonly chargeId: string;
  /** Whole fen. */
  readonly amountFen: number;
}

const ofCharge = (
  { chargeId, amountFen, reason }: DecidedCharge & { readonly reason?: string },
  fate: Fate,
): Word => ({ charge: { chargeId, amountFen }, fate, reason });

/** The word of an event; undefined where it is an effect alone. */
export const wordOf = (event: VisitEvent): Word | undefined =>
  on<typeof visitLedgerVisits, Word>(visitLedgerVisits, event, {
    SubmissionWaiting: ({ data: { submissionId, reason } }) => ({
      ...{ submissionId, fate: 'waiting', reason },
    }),
    SubmissionApplied: ({ data: { submissionId } }) => ({ submissionId, fate: 'applied' }),
    SubmissionRejected: ({ data: { submissionId, reason, remedy } }) => ({
      ...{ submissionId, fate: 'rejected', reason, remedy },
    }),
    ChargeDeferred: ({ data }) => ofCharge(data, 'deferred'),
    ChargeNotDeferred: ({ data }) => ofCharge(data, 'not-deferred'),
    ChargeAwaitsAgreement: ({ data }) => ofCharge(data, 'waiting'),
    ChargeConflictFound: ({ causationId }) => ({
      submissionId: causationId,
      fate: 'rejected',
      reason: 'CHARGE_CONFLICT',
      remedy: 'Nothing was changed. Return the first charge, and send this one under another id.',
    }),
    HolderContradicted: 'ignore',
    VisitOpened: 'ignore',
    VisitUpdated: 'ignore',
    PatientProposed: 'ignore',
    PatientDenied: 'ignore',
    PatientIdentified: 'ignore',
    VisitOverdue: 'ignore',
    VisitSetAside: 'ignore',
    VisitResumed: 'ignore',
    HoldIncreaseRequested: 'ignore',
    HoldLowered: 'ignore',
    ChargeReversed: 'ignore',
    VisitCancelled: () => ({ isOfTab: true, fate: 'not-deferred', reason: 'VISIT_CANCELLED' }),
    VisitClosed: 'ignore',
    VisitAdjudicated: 'ignore',
    VisitSettled: 'ignore',
    PaymentMissed: 'ignore',
  });
