import { emptyTotals, type ScopeTotals } from '@caretab/benefits';
import type { Charge, ClaimLine, Coverage, VisitClass } from '@caretab/contracts';
import { assert, contentHash } from '@caretab/kernel';
import type { Verdict, VisitEvent, VisitRef } from './visit-events';

export interface RecordedCharge {
  readonly charge: Charge;
  readonly contentHash: string;
  readonly status: 'waiting' | 'deferred' | 'not-deferred' | 'returned';
}

export interface Visit {
  /** `unknown`: charges came before the hospital opened the visit. */
  readonly status: 'unknown' | 'open' | 'closed' | 'adjudicated' | 'settled' | 'cancelled';
  readonly ref?: VisitRef;
  readonly opening?: {
    readonly visitClass: VisitClass;
    readonly startedAt: string;
    readonly department?: string | undefined;
  };
  readonly authorization:
    | { readonly state: 'pending' }
    | { readonly state: 'granted'; readonly accountPersonId: string }
    | { readonly state: 'declined'; readonly reason: string };
  readonly heldFen: number;
  readonly coverage?: Coverage;
  /** Deferred and not taken back. */
  readonly totals: ScopeTotals;
  readonly charges: ReadonlyMap<string, RecordedCharge>;
  /**
   * Charges that came before the visit, the hold or the coverage, or that need a larger hold;
   * decided in this order.
   */
  readonly waiting: readonly string[];
  /** Returns in that queue, as `return/<return id>`: they are taken back in their turn. */
  readonly waitingReturns: ReadonlyMap<
    string,
    { readonly chargeId: string; readonly amountFen: number }
  >;
  readonly withdrawnAt?: string;
  /** The increase that credit has not answered yet. */
  readonly increase?:
    { readonly requestId: string; readonly chargeId?: string | undefined } | undefined;
  readonly increasesRequested: number;
  /** Credit had no more when asked ahead of need; ask again only for a charge. */
  readonly lineUsedUp: boolean;
  readonly returns: ReadonlyMap<string, string>;
  readonly conflicts: ReadonlySet<string>;
  /**
   * Reports of another department that were recorded: an earlier one delivered again does not undo
   * a later one.
   */
  readonly updates: ReadonlySet<string>;
  /** The hold ended before the visit did. */
  readonly expired: boolean;
  /** It was even once already; a correction makes it even again. */
  readonly settledBefore: boolean;
  readonly endedAt?: string;
  readonly closedAt?: string;
  readonly revision: number;
  readonly verdict: Verdict | null;
  readonly payments: ReadonlyMap<string, number>;
  readonly refunds: ReadonlyMap<string, number>;
  readonly missed: ReadonlySet<string>;
  readonly paidFen: number;
  readonly refundedFen: number;
}

export const initialVisit: Visit = {
  status: 'unknown',
  authorization: { state: 'pending' },
  heldFen: 0,
  totals: emptyTotals,
  charges: new Map(),
  waiting: [],
  waitingReturns: new Map(),
  increasesRequested: 0,
  lineUsedUp: false,
  returns: new Map(),
  conflicts: new Set(),
  updates: new Set(),
  expired: false,
  settledBefore: false,
  revision: 0,
  verdict: null,
  payments: new Map(),
  refunds: new Map(),
  missed: new Set(),
  paidFen: 0,
  refundedFen: 0,
};

export const refOf = (visit: Visit): VisitRef => {
  assert(visit.ref, 'an opened visit knows whose it is');
  return visit.ref;
};

/** Who answers for the visit: the guardian for a child; the patient where credit declined. */
export const accountOf = (visit: Visit): string =>
  visit.authorization.state === 'granted'
    ? visit.authorization.accountPersonId
    : refOf(visit).personId;

/** What the insurers get to settle: deferred charges in the order in which they came. */
export const claimLinesOf = (visit: Visit): ClaimLine[] =>
  [...visit.charges.values()]
    .filter((recorded) => recorded.status === 'deferred')
    .map(({ charge: { chargeId, itemCode, quantity, amountFen, occurredAt } }) => ({
      chargeId,
      itemCode,
      quantity,
      amountFen,
      occurredAt,
    }));

/** Deferred, or waiting to be. */
export const onTabFen = (visit: Visit): number => {
  let totalFen = 0;
  for (const { charge, status } of visit.charges.values())
    if (status === 'deferred' || status === 'waiting') totalFen += charge.amountFen;
  return totalFen;
};

export const owedFen = (visit: Visit): number =>
  (visit.verdict?.patientDueFen ?? 0) - visit.paidFen + visit.refundedFen;

export const updateKey = ({
  department,
  updatedAt,
}: {
  readonly department?: string | undefined;
  readonly updatedAt: string;
}): string => `${updatedAt} ${department}`;

/** How a return stands in the queue; a charge stands there by its id, which has no slash. */
export const returnInQueue = (returnId: string): string => `return/${returnId}`;

const withCharge = (
  visit: Visit,
  charge: Charge,
  status: RecordedCharge['status'],
): Pick<Visit, 'charges' | 'waiting'> => ({
  charges: new Map(visit.charges).set(charge.chargeId, {
    charge,
    status,
    contentHash: visit.charges.get(charge.chargeId)?.contentHash ?? contentHash(charge),
  }),
  waiting:
    status === 'waiting'
      ? [...visit.waiting, charge.chargeId]
      : visit.waiting.filter((chargeId) => chargeId !== charge.chargeId),
});

const withReturn = (
  visit: Visit,
  { returnId, chargeId, amountFen }: { returnId: string; chargeId: string; amountFen: number },
): Pick<Visit, 'returns' | 'waiting' | 'waitingReturns'> => ({
  returns: new Map(visit.returns).set(returnId, chargeId),
  waiting: [...visit.waiting, returnInQueue(returnId)],
  waitingReturns: new Map(visit.waitingReturns).set(returnId, { chargeId, amountFen }),
});

/** Folds one fact into the visit. */
export const evolve = (visit: Visit, { type, data }: VisitEvent): Visit => {
  switch (type) {
    case 'VisitOpened': {
      const { visitId, institutionId, personId, businessDate, visitClass, startedAt, department } =
        data;
      return {
        ...visit,
        status: 'open',
        ref: { visitId, institutionId, personId, businessDate },
        opening: { visitClass, startedAt, department },
      };
    }
    case 'VisitUpdated':
      return {
        ...visit,
        opening: { ...visit.opening!, department: data.department },
        updates: new Set(visit.updates).add(updateKey(data)),
      };
    case 'ChargeWaiting':
      return { ...visit, ...withCharge(visit, data.charge, 'waiting') };
    case 'CreditAuthorized':
      return {
        ...visit,
        authorization: { state: 'granted', accountPersonId: data.accountPersonId },
        heldFen: data.heldFen,
      };
    case 'CreditDeclined':
      return { ...visit, authorization: { state: 'declined', reason: data.reason } };
    case 'CoverageDetermined':
      return { ...visit, coverage: data.coverage };
    case 'HoldIncreaseRequested':
      return {
        ...visit,
        increase: { requestId: data.requestId, chargeId: data.chargeId },
        increasesRequested: visit.increasesRequested + 1,
      };
    case 'HoldIncreased':
      return { ...visit, increase: undefined, heldFen: data.heldFen, lineUsedUp: false };
    case 'HoldIncreaseDeclined':
      return { ...visit, increase: undefined, lineUsedUp: true };
    case 'HoldExpired':
      return { ...visit, expired: true };
    case 'ChargeDeferred':
      return { ...visit, ...withCharge(visit, data.charge, 'deferred'), totals: data.totals };
    case 'ChargeNotDeferred':
      return { ...visit, ...withCharge(visit, data.charge, 'not-deferred') };
    case 'ChargeConflictFound':
      return { ...visit, conflicts: new Set(visit.conflicts).add(data.contentHash) };
    case 'ChargeReturned': {
      const { charges, waiting } = withCharge(
        visit,
        visit.charges.get(data.chargeId)!.charge,
        'returned',
      );
      return {
        ...visit,
        charges,
        waiting: waiting.filter((item) => item !== returnInQueue(data.returnId)),
        totals: data.totals,
        returns: new Map(visit.returns).set(data.returnId, data.chargeId),
      };
    }
    case 'VisitEndReported':
      return { ...visit, endedAt: data.endedAt };
    case 'ReturnWaiting':
      return { ...visit, ...withReturn(visit, data) };
    case 'VisitWithdrawalReported':
      return { ...visit, withdrawnAt: data.withdrawnAt };
    case 'VisitCancelled':
      return { ...visit, status: 'cancelled', totals: emptyTotals, waiting: [] };
    case 'VisitClosed':
      return { ...visit, status: 'closed', closedAt: data.closedAt, revision: data.revision };
    case 'VisitAdjudicated':
      return {
        ...visit,
        status: 'adjudicated',
        verdict: {
          revision: data.revision,
          grossFen: data.grossFen,
          payers: data.payers,
          patientDueFen: data.patientDueFen,
        },
      };
    case 'PaymentRecorded':
      return {
        ...visit,
        payments: new Map(visit.payments).set(data.paymentId, data.amountFen),
        paidFen: visit.paidFen + data.amountFen,
      };
    case 'RefundRecorded':
      return {
        ...visit,
        refunds: new Map(visit.refunds).set(data.refundId, data.amountFen),
        refundedFen: visit.refundedFen + data.amountFen,
      };
    case 'PaymentMissed':
      return { ...visit, missed: new Set(visit.missed).add(`${data.paymentId}/${data.attempt}`) };
    case 'VisitSettled':
      return { ...visit, status: 'settled', settledBefore: true };
  }
};
