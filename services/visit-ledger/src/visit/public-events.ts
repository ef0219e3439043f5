import type { EventData, EventType, visitLedgerVisits } from '@caretab/contracts';
import type { FactOf, Submission, VisitEvent } from './visit-events';

/** An event of the ledger's own topic. */
export type PublicEvent = {
  readonly [Type in EventType<typeof visitLedgerVisits>]: {
    readonly type: Type;
    readonly data: EventData<typeof visitLedgerVisits, Type>;
  };
}[EventType<typeof visitLedgerVisits>];

/** The tab as it stood, where the fact says so. */
const tabNowIn = ({
  grossFen,
  notDeferred,
  onTab,
  onTabCount,
}: FactOf<'PaymentMissed' | 'VisitSettled'>['data']) => ({
  ...(grossFen !== undefined && { grossFen }),
  ...(notDeferred && { notDeferred: [...notDeferred] }),
  ...(onTab && { onTab: [...onTab] }),
  ...(onTabCount !== undefined && { onTabCount }),
});

/** Whose visit, where; without the business day, which is the ledger's own. */
const visitOf = ({
  visitId,
  institutionId,
  personId,
}: {
  visitId: string;
  institutionId: string;
  personId: string;
}): { visitId: string; institutionId: string; personId: string } => ({
  visitId,
  institutionId,
  personId,
});

/** By what people know what was charged. */
const itemOf = ({ itemCode, occurredAt }: { itemCode: string; occurredAt: string }) => ({
  itemCode,
  occurredAt,
});

const submissionOf = ({ visitId, institutionId, submissionId, messageId, kind }: Submission) => ({
  ...{ visitId, institutionId, submissionId, messageId, kind },
});

const HOLDER_REMEDY =
  'Check whose credential it is. If it is another person’s, cancel the visit and open it for the ' +
  'right person; else correct the field.';
const NEWBORN_REMEDY =
  'Cancel the visit. Register the newborn, with its guardian, and open a visit of its own; until ' +
  'then charge it at the counter.';

/**
 * The public event of each private fact, `private` for facts that stay in the stream, undefined for
 * one that means nothing to others. Leaving a fact out is a compile error.
 */
const TRANSLATIONS: {
  readonly [Type in VisitEvent['type']]:
    'private' | ((data: FactOf<Type>['data']) => PublicEvent | undefined);
} = {
  VisitOpened: (data) => ({
    type: 'VisitOpened',
    data: {
      ...{ ...visitOf(data), visitClass: data.visitClass, startedAt: data.startedAt },
      ...(data.presence && { presence: data.presence }),
    },
  }),
  UnidentifiedVisitOpened: 'private',
  UnidentifiedVisitGivenUp: 'private',
  PatientProposed: (data) => ({
    type: 'PatientProposed',
    data: {
      ...visitOf(data),
      ...{ linkId: data.linkId, startedAt: data.startedAt },
      ...{ chargedFen: data.chargedFen, answerUntil: data.answerUntil },
    },
  }),
  PatientDenied: ({ visitId, institutionId, linkId, reason, deniedAt }) => ({
    type: 'PatientDenied',
    data: { visitId, institutionId, linkId, reason, deniedAt },
  }),
  PatientIdentified: (data) => ({
    type: 'PatientIdentified',
    data: { ...visitOf(data), linkId: data.linkId, identifiedAt: data.identifiedAt },
  }),
  VisitUpdated: (data) => ({
    type: 'VisitUpdated',
    data: {
      ...visitOf(data),
      ...(data.visitClass && { visitClass: data.visitClass }),
      updatedAt: data.updatedAt,
    },
  }),
  VisitOverdue: (data) => ({
    type: 'VisitOverdue',
    data: { ...visitOf(data), askedAt: data.askedAt },
  }),
  ChargeWaiting: ({ submissionId, messageId, waitsUntil, isUnidentified, ...of }) =>
    submissionId && messageId && waitsUntil
      ? {
          type: 'SubmissionWaiting',
          data: {
            ...{ visitId: of.visitId, institutionId: of.institutionId },
            ...{ submissionId, messageId, waitsUntil, kind: 'ChargePosted' },
            reason: isUnidentified ? 'PATIENT_UNIDENTIFIED' : 'VISIT_UNKNOWN',
          },
        }
      : undefined,
  SubmissionWaiting: (data) => ({
    type: 'SubmissionWaiting',
    data: { ...submissionOf(data), reason: data.reason, waitsUntil: data.waitsUntil },
  }),
  SubmissionApplied: (data) => ({ type: 'SubmissionApplied', data: submissionOf(data) }),
  SubmissionRejected: (data) => ({
    type: 'SubmissionRejected',
    data: {
      ...submissionOf(data),
      ...(data.chargeId !== undefined && { chargeId: data.chargeId }),
      ...{ reason: data.reason, remedy: data.remedy, rejectedAt: data.rejectedAt },
    },
  }),
  HolderContradicted: ({ visitId, institutionId, messageId, fields, foundAt }) => ({
    type: 'HolderContradicted',
    data: {
      ...{ visitId, institutionId, messageId, fields: [...fields], foundAt },
      remedy: fields.includes('newborn') ? NEWBORN_REMEDY : HOLDER_REMEDY,
    },
  }),
  CreditAuthorized: 'private',
  CreditDeclined: 'private',
  CoverageDetermined: 'private',
  HoldIncreaseRequested: (data) => ({
    type: 'HoldIncreaseRequested',
    data: {
      ...visitOf(data),
      requestId: data.requestId,
      neededFen: data.neededFen,
      wantedFen: data.wantedFen,
    },
  }),
  HoldLowered: (data) => ({
    type: 'HoldLowered',
    data: { ...visitOf(data), heldFen: data.heldFen },
  }),
  HoldIncreased: 'private',
  HoldIncreaseDeclined: 'private',
  HoldExpired: 'private',
  ChargeDeferred: (data) => ({
    type: 'ChargeDeferred',
    data: {
      ...visitOf(data),
      chargeId: data.charge.chargeId,
      amountFen: data.charge.amountFen,
      patientEstimateFen: data.patientEstimateFen,
    },
  }),
  ChargeNotDeferred: (data) => ({
    type: 'ChargeNotDeferred',
    data: {
      visitId: data.visitId,
      institutionId: data.institutionId,
      ...(data.personId && { personId: data.personId }),
      chargeId: data.charge.chargeId,
      amountFen: data.charge.amountFen,
      reason: data.reason,
      ...itemOf(data.charge),
    },
  }),
  LateChargeRecorded: (data) => ({
    type: 'ChargeAwaitsAgreement',
    data: {
      ...visitOf(data),
      chargeId: data.charge.chargeId,
      amountFen: data.charge.amountFen,
      reason: 'LATE_CHARGE',
      ...itemOf(data.charge),
    },
  }),
  ChargeConflictFound: (data) => ({
    type: 'ChargeConflictFound',
    data: {
      visitId: data.visitId,
      institutionId: data.institutionId,
      chargeId: data.chargeId,
      recordedFen: data.recordedFen,
      conflictingFen: data.conflictingFen,
    },
  }),
  ReturnWaiting: 'private',
  /** The contract still calls a return a reversal, and its id the credit's. */
  ChargeReturned: ({
    visitId,
    institutionId,
    personId,
    chargeId,
    returnId,
    amountFen,
    quantity,
    left,
    wasDeferred,
  }) =>
    personId && wasDeferred
      ? {
          type: 'ChargeReversed',
          data: {
            visitId,
            institutionId,
            personId,
            chargeId,
            creditId: returnId,
            amountFen,
            ...(quantity && { quantity }),
            leftFen: left?.amountFen ?? 0,
          },
        }
      : undefined,
  VisitEndReported: 'private',
  VisitGraceEnded: 'private',
  VisitReopened: 'private',
  VisitWithdrawalReported: 'private',
  VisitCancelled: (data) => ({
    type: 'VisitCancelled',
    data: { ...visitOf(data), cancelledAt: data.cancelledAt },
  }),
  VisitClosed: (data) => ({
    type: 'VisitClosed',
    data: {
      ...visitOf(data),
      visitClass: data.visitClass,
      startedAt: data.startedAt,
      closedAt: data.closedAt,
      revision: data.revision,
      grossFen: data.grossFen,
      lines: [...data.lines],
      ...(data.resettles && { resettles: data.resettles }),
    },
  }),
  VisitAdjudicated: (data) => ({
    type: 'VisitAdjudicated',
    data: {
      ...visitOf(data),
      accountPersonId: data.accountPersonId,
      closedAt: data.closedAt,
      revision: data.revision,
      grossFen: data.grossFen,
      payers: [...data.payers],
      patientDueFen: data.patientDueFen,
      ...(data.insurerSettledAt && { insurerSettledAt: data.insurerSettledAt }),
      ...(data.presence && { presence: data.presence }),
      ...(data.lender && { lender: data.lender }),
    },
  }),
  PaymentRecorded: 'private',
  RefundRecorded: 'private',
  PaymentMissed: (data) => ({
    type: 'PaymentMissed',
    data: {
      ...visitOf(data),
      accountPersonId: data.accountPersonId,
      owedFen: data.owedFen,
      reason: data.reason,
      ...tabNowIn(data),
    },
  }),
  VisitSettled: (data) => ({
    type: 'VisitSettled',
    data: {
      ...visitOf(data),
      accountPersonId: data.accountPersonId,
      revision: data.revision,
      patientDueFen: data.patientDueFen,
      paidFen: data.paidFen,
      refundedFen: data.refundedFen,
      settledAt: data.settledAt,
      ...(data.payers && { payers: [...data.payers] }),
      ...(data.lender && { lender: data.lender }),
      ...tabNowIn(data),
    },
  }),
};

export const KNOWN_TYPES: ReadonlySet<string> = new Set(Object.keys(TRANSLATIONS));

export const isKnownType = (type: string): boolean => KNOWN_TYPES.has(type);

/** What is published of a private fact, or undefined where it stays in the stream. */
export const publicOf = ({ type, data }: VisitEvent): PublicEvent | undefined => {
  const translation = TRANSLATIONS[type];
  return translation === 'private' ? undefined : translation(data as never);
};
