import { type Charge, FEN_MAX, isAfterEnd } from '@caretab/contracts';
import { contentHash } from '@caretab/kernel';
import { afterEndMs, type Ordered } from './care-order';
import { decideNewCharge, returning, withConsequences } from './charge-decisions';
import { closingAgain } from './closing';
import { decideLateCharge, type LateCharge } from './late-charges';
import { type OfPerson, assertSamePerson, conflict } from './refusals';
import { partTaken, type ReportedReturn } from './returns';
import type { Submitted, VisitEvent } from './visit-events';
import { evolve } from './visit-evolve';
import { isEnded, onTabFen, type OpenVisit, type Place, placeOf, type Visit } from './visit-state';

/** Charges of one visit at most: what one closing message can carry. */
const CHARGES_MAX = 5000;

/**
 * What a hospital charges and takes back. The place is the report's own, with the day of the charge
 * or of the return: it may come before the opening.
 */
export type ChargeCommand =
  | {
      readonly type: 'PostCharge';
      readonly data: Place &
        OfPerson &
        Ordered & {
          readonly charge: Charge;
          /** What holds for a late one; absent: none is taken. */
          readonly late?: LateCharge;
        };
    }
  | { readonly type: 'ReturnCharge'; readonly data: Place & OfPerson & Ordered & ReportedReturn };

type Data<Type extends ChargeCommand['type']> = Extract<ChargeCommand, { type: Type }>['data'];

/**
 * A retry is on the tab already; the same id with other content is reported once and changes
 * nothing.
 */
const repeated = (data: Data<'PostCharge'>, visit: Visit): readonly VisitEvent[] | undefined => {
  const recorded = visit.charges.get(data.charge.chargeId);
  if (!recorded) return undefined;
  const hash = contentHash(data.charge);
  if (contentHash(recorded.charge) === hash || visit.conflicts.has(hash)) return [];
  const { visitId, institutionId, charge } = data;
  return [
    {
      type: 'ChargeConflictFound',
      data: {
        visitId,
        institutionId,
        businessDate: placeOf(visit, data).businessDate,
        chargeId: charge.chargeId,
        recordedFen: recorded.charge.amountFen,
        conflictingFen: charge.amountFen,
        contentHash: hash,
      },
    },
  ];
};

const hasRoom = (visit: Visit, { amountFen }: Charge): boolean =>
  onTabFen(visit) + amountFen <= FEN_MAX;

/** The end came, and its grace time is over, or the charge was given too long after it. */
const isTooLate = (visit: OpenVisit, { charge, orderMs }: Data<'PostCharge'>): boolean =>
  visit.endedAt !== undefined &&
  (!visit.graceUntil || isAfterEnd(charge.occurredAt, visit.endedAt, afterEndMs(visit, orderMs)));

const postCharge = (
  data: Data<'PostCharge'>,
  visit: Visit,
  by: Submitted | undefined,
): readonly VisitEvent[] => {
  assertSamePerson(visit, data);
  const known = repeated(data, visit);
  if (known) return known;
  const { charge, personId } = data;
  const place = placeOf(visit, data);
  const refuse = (reason: string): readonly VisitEvent[] => [
    { type: 'ChargeNotDeferred', data: { ...place, charge, waited: false, reason } },
  ];
  if (visit.charges.size >= CHARGES_MAX)
    throw conflict('VISIT_FULL', visit, { chargesMax: CHARGES_MAX });
  const unidentified = visit.status === 'unknown' ? visit.unidentified : undefined;
  if (unidentified?.givenUpFor) return refuse(unidentified.givenUpFor);
  if (visit.status !== 'unknown') {
    if (visit.status === 'cancelled' || visit.withdrawnAt) return refuse('VISIT_CANCELLED');
    if (isEnded(visit) && data.late && hasRoom(visit, charge)) {
      const { late, orderMs } = data;
      return decideLateCharge(visit, charge, { ...late, orderMs, at: by?.at });
    }
    if (visit.status !== 'open' || isTooLate(visit, data)) return refuse('VISIT_CLOSED');
  }
  if (!hasRoom(visit, charge)) throw conflict('VISIT_FULL', visit, { amountMaxFen: FEN_MAX });
  const { visitId, institutionId, businessDate } = place;
  const waits: VisitEvent = {
    type: 'ChargeWaiting',
    data: {
      ...{ visitId, institutionId, businessDate, ...(personId && { personId }), charge },
      ...(visit.status === 'unknown' && by && untilOpened(by)),
      ...(unidentified && { isUnidentified: true, waitsUntil: unidentified.identifyUntil }),
    },
  };
  return visit.status === 'unknown' ? [waits] : decideNewCharge(visit, charge, waits);
};

const untilOpened = ({ submissionId, messageId, waitsUntil }: Submitted) => ({
  submissionId,
  messageId,
  waitsUntil,
});

const returnCharge = (data: Data<'ReturnCharge'>, visit: Visit): readonly VisitEvent[] => {
  assertSamePerson(visit, data);
  const taken = partTaken(visit, data);
  if (!taken) return []; // A retry.
  const place = placeOf(visit, data);
  // Behind charges that wait, a return waits too: what is decided must not depend on how fast an
  // answer was.
  if (visit.waiting.length > 0) {
    const { visitId, institutionId, businessDate } = place;
    return [{ type: 'ReturnWaiting', data: { visitId, institutionId, businessDate, ...taken } }];
  }
  const returned = returning(visit, taken, place);
  if (visit.status === 'open') return withConsequences(visit, [returned]);
  const after = evolve(visit, returned);
  return returned.data.wasDeferred && isEnded(after) ? [returned, closingAgain(after)] : [returned];
};

/**
 * Decides a charge or a return. Throws CHARGE_UNKNOWN (not-found), RETURN_EMPTY (invalid);
 * VISIT_FULL, CHARGE_ALREADY_RETURNED, DRUG_DISPENSED, RETURN_EXCEEDS_CHARGE, RETURN_ITEM_DIFFERS,
 * RETURN_BEFORE_CHARGE, RETURN_AMOUNT_DIFFERS, RETURN_CONFLICT, PERSON_DIFFERS (conflict).
 */
export const decideCharges = (
  command: ChargeCommand,
  visit: Visit,
  by?: Submitted,
): readonly VisitEvent[] =>
  command.type === 'PostCharge'
    ? postCharge(command.data, visit, by)
    : returnCharge(command.data, visit);
