import { addsUp, FEN_MAX } from '@caretab/contracts';
import { contentHash, type Decider, DomainError } from '@caretab/kernel';
import {
  cancelling,
  CHARGES_MAX,
  closing,
  decideNewCharge,
  notDeferred,
  returning,
  withConsequences,
} from './charge-decisions';
import type { VisitCommand, VisitEvent, VisitRef } from './visit-events';
import {
  accountOf,
  evolve,
  initialVisit,
  onTabFen,
  owedFen,
  refOf,
  updateKey,
  type Visit,
} from './visit-state';

type Data<Type extends VisitCommand['type']> = Extract<VisitCommand, { type: Type }>['data'];

const conflict = (code: string, visit: Visit, details: Record<string, unknown> = {}): DomainError =>
  new DomainError(code, 'conflict', {
    visitId: visit.ref?.visitId,
    status: visit.status,
    ...details,
  });

const assertOpened = (visit: Visit): VisitRef => {
  if (!visit.ref)
    throw new DomainError('VISIT_UNKNOWN', 'not-found', {
      what: 'the visit was never opened; send its opening, then replay',
    });
  return visit.ref;
};

const start = (data: Data<'StartVisit'>, visit: Visit): readonly VisitEvent[] => {
  if (!visit.ref) return withConsequences(visit, [{ type: 'VisitOpened', data }]);
  const same =
    visit.ref.personId === data.personId &&
    visit.opening?.visitClass === data.visitClass &&
    visit.opening.startedAt === data.startedAt;
  if (!same)
    throw conflict('VISIT_CONFLICT', visit, {
      what: 'this visit number was opened with other content',
    });
  return [];
};

const update = (data: Data<'UpdateVisit'>, visit: Visit): readonly VisitEvent[] => {
  const ref = assertOpened(visit);
  if (data.visitClass && data.visitClass !== visit.opening?.visitClass)
    throw conflict('VISIT_CLASS_FIXED', visit, {
      what: 'a visit keeps its class; cancel it and open another',
    });
  if (
    !data.department ||
    data.department === visit.opening?.department ||
    visit.updates.has(updateKey(data))
  )
    return [];
  return [
    {
      type: 'VisitUpdated',
      data: { ...ref, department: data.department, updatedAt: data.updatedAt },
    },
  ];
};

const end = (data: Data<'EndVisit'>, visit: Visit): readonly VisitEvent[] => {
  const ref = assertOpened(visit);
  if (visit.endedAt) return []; // A retry: the first end counts.
  if (visit.status === 'cancelled' || visit.withdrawnAt) throw conflict('VISIT_NOT_OPEN', visit);
  return withConsequences(visit, [
    { type: 'VisitEndReported', data: { ...ref, endedAt: data.endedAt } },
  ]);
};

const cancel = (data: Data<'CancelVisit'>, visit: Visit): readonly VisitEvent[] => {
  const ref = assertOpened(visit);
  if (visit.status === 'cancelled' || visit.withdrawnAt) return [];
  // An ended visit counts as closed, however long its last charges wait for an answer.
  if (visit.status !== 'open' || visit.endedAt)
    throw conflict('VISIT_NOT_OPEN', visit, {
      what: 'a closed visit is corrected by taking its charges back',
    });
  return withConsequences(visit, [
    { type: 'VisitWithdrawalReported', data: { ...ref, withdrawnAt: data.withdrawnAt } },
  ]);
};

/**
 * A retry is on the tab already; the same id with other content is reported once and changes
 * nothing.
 */
const repeated = (data: Data<'PostCharge'>, visit: Visit): readonly VisitEvent[] | undefined => {
  const recorded = visit.charges.get(data.charge.chargeId);
  if (!recorded) return undefined;
  const hash = contentHash(data.charge);
  if (recorded.contentHash === hash || visit.conflicts.has(hash)) return [];
  const { visitId, institutionId, businessDate, charge } = data;
  const day = visit.ref?.businessDate ?? businessDate;
  return [
    {
      type: 'ChargeConflictFound',
      data: {
        visitId,
        institutionId,
        businessDate: day,
        chargeId: charge.chargeId,
        recordedFen: recorded.charge.amountFen,
        conflictingFen: charge.amountFen,
        contentHash: hash,
      },
    },
  ];
};

const postCharge = (data: Data<'PostCharge'>, visit: Visit): readonly VisitEvent[] => {
  const known = repeated(data, visit);
  if (known) return known;
  const place = visit.ref ?? {
    visitId: data.visitId,
    institutionId: data.institutionId,
    businessDate: data.businessDate,
  };
  const refuse = (reason: string): readonly VisitEvent[] => [
    { type: 'ChargeNotDeferred', data: { ...place, charge: data.charge, waited: false, reason } },
  ];
  if (visit.charges.size >= CHARGES_MAX)
    throw conflict('VISIT_FULL', visit, { chargesMax: CHARGES_MAX });
  if (visit.status === 'cancelled' || visit.withdrawnAt) return refuse('VISIT_CANCELLED');
  if (visit.status !== 'unknown' && (visit.status !== 'open' || visit.endedAt))
    return refuse('VISIT_CLOSED');
  if (onTabFen(visit) + data.charge.amountFen > FEN_MAX)
    throw conflict('VISIT_FULL', visit, { amountMaxFen: FEN_MAX });
  const waits: VisitEvent = {
    type: 'ChargeWaiting',
    data: {
      visitId: place.visitId,
      institutionId: place.institutionId,
      businessDate: place.businessDate,
      charge: data.charge,
    },
  };
  if (visit.status === 'unknown') return [waits];
  return decideNewCharge(visit, data.charge, waits);
};

const assertReturnable = (data: Data<'ReturnCharge'>, visit: Visit): void => {
  const recorded = visit.charges.get(data.chargeId);
  if (!recorded)
    throw new DomainError('CHARGE_UNKNOWN', 'not-found', {
      visitId: visit.ref?.visitId,
      chargeId: data.chargeId,
    });
  const isReturned =
    recorded.status === 'returned' || [...visit.returns.values()].includes(data.chargeId);
  if (visit.returns.has(data.returnId) || isReturned)
    throw conflict('CHARGE_ALREADY_RETURNED', visit, { chargeId: data.chargeId });
  if (recorded.charge.amountFen !== data.amountFen)
    throw conflict('RETURN_AMOUNT_DIFFERS', visit, {
      chargeId: data.chargeId,
      chargedFen: recorded.charge.amountFen,
      returnedFen: data.amountFen,
    });
};

const returnCharge = (data: Data<'ReturnCharge'>, visit: Visit): readonly VisitEvent[] => {
  if (visit.returns.get(data.returnId) === data.chargeId) {
    // A retry.
    if (visit.charges.get(data.chargeId)!.charge.amountFen === data.amountFen) return [];
    throw conflict('RETURN_AMOUNT_DIFFERS', visit, {
      chargeId: data.chargeId,
      returnedFen: data.amountFen,
    });
  }
  assertReturnable(data, visit);
  const place = visit.ref ?? {
    visitId: data.visitId,
    institutionId: data.institutionId,
    businessDate: data.businessDate,
  };
  // Behind charges that wait, a return waits too: what is decided must not depend on how fast an
  // answer was.
  if (visit.waiting.length > 0)
    return [
      {
        type: 'ReturnWaiting',
        data: {
          visitId: place.visitId,
          institutionId: place.institutionId,
          businessDate: place.businessDate,
          returnId: data.returnId,
          chargeId: data.chargeId,
          amountFen: data.amountFen,
        },
      },
    ];
  const returned = returning(visit, data, place);
  if (visit.status === 'open') return withConsequences(visit, [returned]);
  const { wasDeferred } = returned.data as { wasDeferred: boolean };
  return wasDeferred
    ? [returned, closing(evolve(visit, returned), visit.closedAt!, visit.revision + 1)]
    : [returned];
};

const recordAuthorization = (
  data: Data<'RecordAuthorization'>,
  visit: Visit,
): readonly VisitEvent[] =>
  visit.status !== 'open' || visit.authorization.state !== 'pending'
    ? []
    : withConsequences(visit, [{ type: 'CreditAuthorized', data: { ...refOf(visit), ...data } }]);

const recordDecline = (data: Data<'RecordDecline'>, visit: Visit): readonly VisitEvent[] =>
  visit.status !== 'open' || visit.authorization.state !== 'pending'
    ? []
    : withConsequences(visit, [
        { type: 'CreditDeclined', data: { ...refOf(visit), reason: data.reason } },
      ]);

const recordCoverage = (data: Data<'RecordCoverage'>, visit: Visit): readonly VisitEvent[] =>
  visit.coverage || visit.status !== 'open'
    ? []
    : withConsequences(visit, [
        { type: 'CoverageDetermined', data: { ...refOf(visit), coverage: data.coverage } },
      ]);

const recordIncrease = (data: Data<'RecordIncrease'>, visit: Visit): readonly VisitEvent[] =>
  visit.increase?.requestId !== data.requestId
    ? []
    : withConsequences(visit, [{ type: 'HoldIncreased', data: { ...refOf(visit), ...data } }]);

const recordIncreaseDecline = (
  data: Data<'RecordIncreaseDecline'>,
  visit: Visit,
): readonly VisitEvent[] => {
  if (visit.increase?.requestId !== data.requestId) return [];
  const declined: VisitEvent = {
    type: 'HoldIncreaseDeclined',
    data: { ...refOf(visit), requestId: data.requestId, reason: data.reason },
  };
  const charge =
    visit.increase.chargeId === undefined ? undefined : visit.charges.get(visit.increase.chargeId);
  if (charge?.status !== 'waiting') return withConsequences(visit, [declined]);
  return withConsequences(visit, [declined, notDeferred(visit, charge.charge, data.reason)]);
};

/**
 * The hospital gave no sign of life: what is on the tab, or waits to be, is settled; an empty visit
 * is cancelled.
 */
const recordExpiry = (data: Data<'RecordExpiry'>, visit: Visit): readonly VisitEvent[] => {
  if (visit.status !== 'open' || visit.expired) return [];
  const expired: VisitEvent = {
    type: 'HoldExpired',
    data: { ...refOf(visit), heldFen: data.heldFen },
  };
  if (visit.totals.grossFen === 0 && visit.waiting.length === 0)
    return [expired, cancelling(visit, data.expiredAt)];
  return withConsequences(
    visit,
    visit.endedAt
      ? [expired]
      : [expired, { type: 'VisitEndReported', data: { ...refOf(visit), endedAt: data.expiredAt } }],
  );
};

const settledIfEven = (visit: Visit, at: string): readonly VisitEvent[] => {
  if (visit.status !== 'adjudicated' || owedFen(visit) !== 0) return [];
  const { patientDueFen } = visit.verdict!;
  return [
    {
      type: 'VisitSettled',
      data: {
        ...refOf(visit),
        accountPersonId: accountOf(visit),
        revision: visit.revision,
        again: visit.settledBefore,
        patientDueFen,
        paidFen: visit.paidFen,
        refundedFen: visit.refundedFen,
        settledAt: at,
      },
    },
  ];
};

const recordVerdict = (
  { adjudicatedAt, ...verdict }: Data<'RecordVerdict'>,
  visit: Visit,
): readonly VisitEvent[] => {
  const ref = assertOpened(visit);
  if (
    visit.verdict?.revision === verdict.revision &&
    contentHash(visit.verdict) !== contentHash(verdict)
  )
    throw conflict('VERDICT_CONFLICT', visit, { revision: verdict.revision });
  // Superseded by a later closing, or a repetition.
  if (visit.status !== 'closed' || verdict.revision !== visit.revision) return [];
  if (!addsUp(verdict)) throw conflict('VERDICT_UNBALANCED', visit, { revision: verdict.revision });
  if (verdict.grossFen !== visit.totals.grossFen)
    throw conflict('VERDICT_DIFFERS', visit, {
      revision: verdict.revision,
      deferredFen: visit.totals.grossFen,
    });
  const adjudicated: VisitEvent = {
    type: 'VisitAdjudicated',
    data: {
      ...ref,
      ...verdict,
      accountPersonId: accountOf(visit),
      closedAt: visit.closedAt!,
      previous: visit.verdict,
    },
  };
  return [adjudicated, ...settledIfEven(evolve(visit, adjudicated), adjudicatedAt)];
};

const recordPayment = (data: Data<'RecordPayment'>, visit: Visit): readonly VisitEvent[] => {
  const ref = assertOpened(visit);
  const known = visit.payments.get(data.paymentId);
  if (known !== undefined && known !== data.amountFen)
    throw conflict('PAYMENT_CONFLICT', visit, { paymentId: data.paymentId });
  if (known !== undefined) return [];
  const paid: VisitEvent = {
    type: 'PaymentRecorded',
    data: { ...ref, paymentId: data.paymentId, amountFen: data.amountFen, channel: data.channel },
  };
  return [paid, ...settledIfEven(evolve(visit, paid), data.capturedAt)];
};

const recordRefund = (data: Data<'RecordRefund'>, visit: Visit): readonly VisitEvent[] => {
  const ref = assertOpened(visit);
  const known = visit.refunds.get(data.refundId);
  if (known !== undefined && known !== data.amountFen)
    throw conflict('REFUND_CONFLICT', visit, { refundId: data.refundId });
  if (known !== undefined) return [];
  const refunded: VisitEvent = {
    type: 'RefundRecorded',
    data: { ...ref, refundId: data.refundId, amountFen: data.amountFen, channel: data.channel },
  };
  return [refunded, ...settledIfEven(evolve(visit, refunded), data.refundedAt)];
};

const recordPaymentMissed = (
  data: Data<'RecordPaymentMissed'>,
  visit: Visit,
): readonly VisitEvent[] => {
  const ref = assertOpened(visit);
  if (visit.missed.has(`${data.paymentId}/${data.attempt}`) || owedFen(visit) <= 0) return [];
  return [
    {
      type: 'PaymentMissed',
      data: { ...ref, ...data, accountPersonId: accountOf(visit), owedFen: owedFen(visit) },
    },
  ];
};

const decideCommand = (command: VisitCommand, visit: Visit): readonly VisitEvent[] => {
  switch (command.type) {
    case 'StartVisit':
      return start(command.data, visit);
    case 'UpdateVisit':
      return update(command.data, visit);
    case 'EndVisit':
      return end(command.data, visit);
    case 'CancelVisit':
      return cancel(command.data, visit);
    case 'PostCharge':
      return postCharge(command.data, visit);
    case 'ReturnCharge':
      return returnCharge(command.data, visit);
    case 'RecordAuthorization':
      return recordAuthorization(command.data, visit);
    case 'RecordDecline':
      return recordDecline(command.data, visit);
    case 'RecordIncrease':
      return recordIncrease(command.data, visit);
    case 'RecordIncreaseDecline':
      return recordIncreaseDecline(command.data, visit);
    case 'RecordExpiry':
      return recordExpiry(command.data, visit);
    case 'RecordCoverage':
      return recordCoverage(command.data, visit);
    case 'RecordVerdict':
      return recordVerdict(command.data, visit);
    case 'RecordPayment':
      return recordPayment(command.data, visit);
    case 'RecordRefund':
      return recordRefund(command.data, visit);
    case 'RecordPaymentMissed':
      return recordPaymentMissed(command.data, visit);
  }
};

/**
 * Decides what a command means for a visit. Throws DomainError: VISIT_UNKNOWN, CHARGE_UNKNOWN
 * (not-found); VISIT_CONFLICT, VISIT_CLASS_FIXED, VISIT_NOT_OPEN, VISIT_FULL,
 * CHARGE_ALREADY_RETURNED, RETURN_AMOUNT_DIFFERS, VERDICT_CONFLICT, VERDICT_UNBALANCED,
 * VERDICT_DIFFERS, PAYMENT_CONFLICT, REFUND_CONFLICT (conflict). A repetition yields [].
 */
const decide = (command: VisitCommand, visit: Visit): readonly VisitEvent[] => {
  const facts = decideCommand(command, visit);
  // A repetition: what the first time left undone (thousands of facts are appended in parts, and a
  // crash may come between two) follows now; else nothing.
  return facts.length > 0 ? facts : withConsequences(visit, []);
};

/**
 * The visit: the whole behaviour of one stay on the tab, from opened to settled (design rules H-33,
 * H-34, H-58).
 */
export const visit: Decider<Visit, VisitCommand, VisitEvent> = {
  initial: initialVisit,
  evolve,
  decide,
};
