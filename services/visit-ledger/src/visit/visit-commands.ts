import {
  adjudicationClaims,
  businessDateOf,
  CARE_MOMENT,
  careMomentOf,
  careTimeFault,
  type CareTimeTolerances,
  type ContractEvent,
  creditAuthorizations,
  type EventType,
  hospitalVisitEvents,
  on,
  submissionKindOf,
  sumFault,
  visitIdOf,
} from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import type { Parties } from './refusals';
import type { HospitalCommand } from './submissions';
import type { VisitCommand } from './visit';
import type { Submitted } from './visit-events';

const assertOwnId = (data: {
  visitId: string;
  institutionId: string;
  visitNumber: string;
}): void => {
  if (data.visitId !== visitIdOf(data.institutionId, data.visitNumber))
    throw new DomainError('VISIT_ID_MISMATCH', 'invalid', {
      expected: '<institutionId>-<visitNumber>',
    });
};

/** A hospital speaks for itself alone, whatever its key is good for. */
const assertOwnReport = ({ source, data }: ContractEvent<typeof hospitalVisitEvents>): void => {
  assertOwnId(data);
  if (source.startsWith('hospital/') && source !== `hospital/${data.institutionId}`)
    throw new DomainError('AUTHOR_FORBIDDEN', 'forbidden', {
      topic: hospitalVisitEvents.name,
      why: 'the report is of another institution than its source',
    });
};

/**
 * Refuses a report of a time that cannot be. Throws TIME_IN_FUTURE, TIME_TOO_OLD (invalid).
 */
export const assertTimely = (
  { type, data }: ContractEvent<typeof hospitalVisitEvents>,
  now: Date,
  tolerances: CareTimeTolerances,
): void => {
  const far = careTimeFault(careMomentOf(type, data), now, tolerances);
  const field = CARE_MOMENT[type];
  if (far === 'ahead') throw new DomainError('TIME_IN_FUTURE', 'invalid', { field });
  if (far === 'behind') throw new DomainError('TIME_TOO_OLD', 'invalid', { field });
};

/**
 * Refuses a charge that makes no sum, though every door does, too. Of a return the charge decides
 * (returns). Throws FIELD_INVALID, AMOUNT_MISMATCH (invalid).
 */
export const assertSum = ({ type, data }: ContractEvent<typeof hospitalVisitEvents>): void => {
  const fault = type === 'ChargePosted' ? sumFault(data.charge) : undefined;
  if (!fault) return;
  const details = { field: `/charge/${fault.field}` };
  if (fault.code === 'FIELD_INVALID') throw new DomainError('FIELD_INVALID', 'invalid', details);
  throw new DomainError('AMOUNT_MISMATCH', 'invalid', details);
};

/** Why a report cannot be, by its time or its sum; undefined for one that can. */
export const impossible = (
  ...report: Parameters<typeof assertTimely>
): DomainError['code'] | undefined => {
  try {
    assertTimely(...report);
    return assertSum(report[0]) as undefined;
  } catch (error) {
    if (error instanceof DomainError) return error.code;
    throw error;
  }
};

/** Which submission a report is, and until when it may wait. */
export const submittedBy = (
  { id, type, data, causationId }: ContractEvent<typeof hospitalVisitEvents>,
  now: Date,
  waitMs: number,
): Submitted => ({
  submissionId: id,
  messageId: causationId ?? id,
  kind: submissionKindOf(type),
  visitId: data.visitId,
  institutionId: data.institutionId,
  businessDate: businessDateOf(careMomentOf(type, data)),
  at: now.toISOString(),
  waitsUntil: new Date(now.getTime() + waitMs).toISOString(),
});

type Report<Type extends EventType<typeof hospitalVisitEvents>> = ContractEvent<
  typeof hospitalVisitEvents,
  Type
>;

const opening = ({ data }: Report<'VisitStarted'>): HospitalCommand => ({
  type: 'StartVisit',
  data: {
    visitId: data.visitId,
    institutionId: data.institutionId,
    personId: data.personId,
    businessDate: businessDateOf(data.startedAt),
    visitNumber: data.visitNumber,
    ...{ visitClass: data.visitClass, department: data.department },
    ...{ startedAt: data.startedAt, presence: data.presence },
  },
});

const openingOfUnidentified = ({ data }: Report<'UnidentifiedVisitStarted'>): HospitalCommand => ({
  type: 'StartUnidentifiedVisit',
  data: {
    ...{ visitId: data.visitId, institutionId: data.institutionId },
    ...{ businessDate: businessDateOf(data.startedAt), visitNumber: data.visitNumber },
    ...{ department: data.department, startedAt: data.startedAt },
    ...{ openedBy: data.openedBy, reason: data.reason },
  },
});

/** What a hospital's report asks of the ledger. Throws VISIT_ID_MISMATCH (invalid). */
export const commandOfHospital = (
  event: ContractEvent<typeof hospitalVisitEvents>,
): HospitalCommand => {
  assertOwnReport(event);
  return on<typeof hospitalVisitEvents, HospitalCommand>(hospitalVisitEvents, event, {
    VisitStarted: opening,
    UnidentifiedVisitStarted: openingOfUnidentified,
    VisitUpdated: ({ data }) => ({
      type: 'UpdateVisit',
      data: {
        personId: data.personId,
        department: data.department,
        visitClass: data.visitClass,
        ...(data.holdMaxFen !== undefined && { holdMaxFen: data.holdMaxFen }),
        updatedAt: data.updatedAt,
      },
    }),
    VisitWithdrawn: ({ data }) => ({
      type: 'CancelVisit',
      data: { personId: data.personId, withdrawnAt: data.withdrawnAt },
    }),
    VisitEnded: ({ data }) => ({
      type: 'EndVisit',
      data: { personId: data.personId, endedAt: data.endedAt },
    }),
    VisitReopened: ({ data }) => ({
      type: 'ReopenVisit',
      data: { personId: data.personId, reopenedAt: data.reopenedAt },
    }),
    ChargePosted: ({ data }) => ({
      type: 'PostCharge',
      data: {
        visitId: data.visitId,
        institutionId: data.institutionId,
        personId: data.personId,
        businessDate: businessDateOf(data.charge.occurredAt),
        charge: data.charge,
      },
    }),
    // A return (退费) of a whole charge, which the event on the wire calls a credit.
    ChargeCredited: ({ data }) => ({
      type: 'ReturnCharge',
      data: {
        visitId: data.visitId,
        institutionId: data.institutionId,
        personId: data.personId,
        businessDate: businessDateOf(data.creditedAt),
        returnId: data.creditId,
        chargeId: data.chargeId,
        returnedAt: data.creditedAt,
        amountFen: data.amountFen,
        isWhole: true,
      },
    }),
    ChargeReturned: ({ data }) => ({
      type: 'ReturnCharge',
      data: {
        visitId: data.visitId,
        institutionId: data.institutionId,
        personId: data.personId,
        businessDate: businessDateOf(data.returnedAt),
        ...{ returnId: data.returnId, chargeId: data.chargeId },
        itemCode: data.itemCode,
        returnedAt: data.returnedAt,
        quantity: data.quantity,
        amountFen: data.amountFen,
        returnedToPharmacy: data.returnedToPharmacy,
      },
    }),
  })!;
};

/** Whose visit an answer is of. */
const patientOf = ({ personId }: { readonly personId: string }): Parties => ({ personId });

/** What credit's answer means for the visit; undefined where the ledger only listens. */
export const commandOfCredit = (
  event: ContractEvent<typeof creditAuthorizations>,
): VisitCommand | undefined =>
  on<typeof creditAuthorizations, VisitCommand>(creditAuthorizations, event, {
    CreditAuthorized: ({ data }) => ({
      type: 'RecordAuthorization',
      of: patientOf(data),
      data: {
        accountPersonId: data.accountPersonId,
        authorizationId: data.authorizationId,
        heldFen: data.heldFen,
        expiresAt: data.expiresAt,
        ...(data.lender && { lender: data.lender }),
      },
    }),
    CreditDeclined: ({ data }) => ({
      type: 'RecordDecline',
      of: patientOf(data),
      data: { reason: data.reason },
    }),
    HoldIncreased: ({ data }) => ({
      type: 'RecordIncrease',
      of: patientOf(data),
      data: { requestId: data.requestId, heldFen: data.heldFen },
    }),
    HoldIncreaseDeclined: ({ data }) => ({
      type: 'RecordIncreaseDecline',
      of: patientOf(data),
      data: { requestId: data.requestId, reason: data.reason },
    }),
    HoldExpired: ({ data, time }) => ({
      type: 'RecordExpiry',
      of: patientOf(data),
      data: { heldFen: data.heldFen, expiredAt: time },
    }),
    HoldOverdue: ({ data, time }) => ({
      type: 'RecordOverdue',
      of: patientOf(data),
      data: { askedAt: time },
    }),
    HoldReleased: 'ignore',
  });

/** What adjudication's answer means for the visit. */
export const commandOfClaim = (
  event: ContractEvent<typeof adjudicationClaims>,
): VisitCommand | undefined =>
  on<typeof adjudicationClaims, VisitCommand>(adjudicationClaims, event, {
    CoverageDetermined: ({ data }) => ({
      type: 'RecordCoverage',
      of: patientOf(data),
      data: { coverage: data.coverage },
    }),
    ClaimAdjudicated: ({ data }) => {
      const { revision, grossFen, payers, patientDueFen, adjudicatedAt } = data;
      return {
        type: 'RecordVerdict',
        of: patientOf(data),
        data: { revision, grossFen, payers, patientDueFen, adjudicatedAt },
      };
    },
    ResettlementRequested: ({ data }) => {
      const { revision, requestId, because } = data;
      return {
        type: 'SettleAgain',
        of: patientOf(data),
        data: { revision, requestId, because },
      };
    },
  });
