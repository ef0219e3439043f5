import type { Charge } from '@caretab/contracts';
import type { Left } from './part';
import type { FactOf } from './visit-events';
import {
  type ChargeReturn,
  recordedIn,
  type RecordedCharge,
  returnInQueue,
  type Visit,
  without,
} from './visit-state';

type Charges = ReadonlyMap<string, RecordedCharge>;

/** The charges with one more, or another in its place. */
export type AddCharge = (charges: Charges, recorded: RecordedCharge) => Charges;

export const addToCopy: AddCharge = (charges, recorded) =>
  new Map(charges).set(recorded.charge.chargeId, recorded);

/** Copies what it is given first, and adds to that copy: no state of before sees it. */
export const addingInPlace = (): AddCharge => {
  let own: Map<string, RecordedCharge> | undefined;
  return (charges, recorded) => {
    if (own !== charges) own = new Map(charges);
    return own!.set(recorded.charge.chargeId, recorded);
  };
};

export const withCharge = (
  visit: Visit,
  charge: Charge,
  status: RecordedCharge['status'],
  {
    add,
    ...said
  }: Pick<RecordedCharge, 'personId' | 'reason' | 'waits' | 'answerUntil'> & {
    readonly add: AddCharge;
  },
): Pick<Visit, 'charges' | 'waiting'> => ({
  charges: add(visit.charges, {
    left: { quantity: charge.quantity, amountFen: charge.amountFen },
    ...visit.charges.get(charge.chargeId),
    charge,
    status,
    ...said,
  }),
  waiting:
    status === 'waiting'
      ? [...visit.waiting, charge.chargeId]
      : visit.waiting.filter((chargeId) => chargeId !== charge.chargeId),
});

export const withWaitingReturn = (
  visit: Visit,
  { returnId, chargeId, amountFen, quantity }: ChargeReturn,
): Pick<Visit, 'returns' | 'waiting' | 'waitingReturns'> => {
  const place = returnInQueue(returnId);
  const taken = { returnId, chargeId, amountFen, quantity };
  return {
    returns: new Map(visit.returns).set(returnId, taken),
    waiting: [...visit.waiting, place],
    waitingReturns: new Map(visit.waitingReturns).set(place, taken),
  };
};

export const withReturn = (
  visit: Visit,
  { returnId, chargeId, amountFen, quantity, left }: FactOf<'ChargeReturned'>['data'],
): Visit => {
  const recorded = recordedIn(visit, chargeId);
  const place = returnInQueue(returnId);
  const waitingReturns = new Map(visit.waitingReturns);
  waitingReturns.delete(place);
  return {
    ...visit,
    charges: new Map(visit.charges).set(
      chargeId,
      left ? { ...recorded, left } : { ...recorded, status: 'returned', left: NOTHING },
    ),
    waiting: visit.waiting.filter((each) => each !== place && (left || each !== chargeId)),
    waitingReturns,
    returns: new Map(visit.returns).set(returnId, { returnId, chargeId, amountFen, quantity }),
  };
};

export const waitsOf = ({
  submissionId,
  messageId,
  waitsUntil,
  visitId,
  institutionId,
  businessDate,
}: FactOf<'ChargeWaiting'>['data']): RecordedCharge['waits'] =>
  submissionId && messageId && waitsUntil
    ? {
        ...{ visitId, institutionId, businessDate },
        ...{ submissionId, messageId, waitsUntil, kind: 'ChargePosted' },
      }
    : undefined;

/** A charge that was rejected for its wait was never recorded: it may be sent again. */
export const withoutRejected = (
  visit: Visit,
  { submissionId, kind, chargeId, waited }: FactOf<'SubmissionRejected'>['data'],
): Visit => {
  const gone = waited && kind === 'ChargePosted' ? chargeId : undefined;
  return {
    ...visit,
    submissions: without(visit.submissions, submissionId),
    charges: without(visit.charges, gone),
    waiting: gone === undefined ? visit.waiting : visit.waiting.filter((each) => each !== gone),
  };
};

const NOTHING: Left = { quantity: '0', amountFen: 0 };
