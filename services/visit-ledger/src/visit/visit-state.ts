import { emptyTotals, type ScopeTotals } from '@caretab/benefits';
import type { Charge, ClaimLine, Coverage, NotDeferred } from '@caretab/contracts';
import type { VisitLender, Presence, VisitClass } from '@caretab/contracts';
import { assert } from '@caretab/kernel';
import type { Left, Part } from './part';
import type { Unidentified } from './unidentified-facts';
import type { FactOf, Submission, Verdict, VisitRef } from './visit-events';

export interface RecordedCharge {
  readonly charge: Charge;
  /** How it waits for the opening, and until when (RFC 3339). */
  readonly waits?: (Submission & { readonly waitsUntil: string }) | undefined;
  /** Until when (RFC 3339) the citizen can agree to it, where it is late. */
  readonly answerUntil?: string | undefined;
  /** Whose it is by the hospital, where it came before its visit and said so. */
  readonly personId?: string | undefined;
  /** `late`: waits for the citizen's agreement · `returned`: nothing is left of it. */
  readonly status: 'waiting' | 'late' | 'deferred' | 'not-deferred' | 'returned';
  /** What returns that were applied have left of it. */
  readonly left: Left;
  /** Why it was not deferred. */
  readonly reason?: string | undefined;
}

/** A return (退费): what it takes of one charge. */
export interface ChargeReturn extends Part {
  readonly returnId: string;
  readonly chargeId: string;
}

/** What a visit has before it is opened, and ever after. */
interface Tab {
  readonly charges: ReadonlyMap<string, RecordedCharge>;
  /** Deferred and not taken back. */
  readonly totals: ScopeTotals;
  /**
   * Charges that came before the visit, the hold or the coverage, or that need a larger hold, by
   * their id; returns behind them, by `returnInQueue`. Decided in this order.
   */
  readonly waiting: readonly string[];
  /** The returns in that queue, by their place in it. */
  readonly waitingReturns: ReadonlyMap<string, ChargeReturn>;
  /** By their ids, also those that wait. */
  readonly returns: ReadonlyMap<string, ChargeReturn>;
  /** Content hashes of charges that were reported as conflicts. */
  readonly conflicts: ReadonlySet<string>;
  /** Reports that wait for the opening, or for the charge that they return; as they came. */
  readonly submissions: ReadonlyMap<string, FactOf<'SubmissionWaiting'>['data']>;
  /** It was opened for a patient whom no one knew. */
  readonly unidentified?: Unidentified | undefined;
}

/** Charges came before the hospital opened the visit: they wait. */
export interface UnopenedVisit extends Tab {
  readonly status: 'unknown';
}

/** What every opened visit has, whatever became of it. */
interface Opened extends Tab {
  readonly ref: VisitRef;
  readonly opening: {
    readonly visitClass: VisitClass;
    readonly startedAt: string;
    readonly department?: string | undefined;
    /** The class that it was opened with: by it the opening is known again. */
    readonly openedAs: VisitClass;
    /** How the person was present, where the opening says so. */
    readonly presence?: Presence | undefined;
  };
  readonly authorization:
    | { readonly state: 'pending' }
    | {
        readonly state: 'granted';
        readonly accountPersonId: string;
        /** Absent: the fund. */
        readonly lender?: VisitLender;
      }
    | { readonly state: 'declined'; readonly reason: string };
  readonly heldFen: number;
  readonly coverage?: Coverage;
  /** The increase that credit has not answered yet. */
  readonly increase?:
    { readonly requestId: string; readonly chargeId?: string | undefined } | undefined;
  readonly increasesRequested: number;
  /** Credit had no more when asked ahead of need; ask again only for a charge. */
  readonly lineUsedUp: boolean;
  /**
   * Reports of another department or class that were recorded: an earlier one delivered again does
   * not undo a later one.
   */
  readonly updates: ReadonlySet<string>;
  /** When its hospital was last asked whether it still goes on. RFC 3339. */
  readonly askedAt?: string;
  /** From when on the visit has its class, by the hospital; absent: from its start. */
  readonly classSince?: string;
  /** From when on it has its department. */
  readonly departmentSince?: string;
  /** Ends that were taken back, and the reports that did so: neither counts a second time. */
  readonly endsTakenBack: ReadonlySet<string>;
  /** The hold ended before the visit did. */
  readonly expired: boolean;
  /** The latest report by which the hold was lowered is of then. RFC 3339. */
  readonly holdLoweredAt?: string;
  /** The end or the cancellation was reported; it takes effect when nothing waits any more. */
  readonly endedAt?: string;
  /** The end came, and until then the visit takes charges that were given before it. */
  readonly graceUntil?: string | undefined;
  /** The end is the institution's rule, not its message. */
  readonly endedByRule?: true | undefined;
  /** The end is the expiry of its hold. */
  readonly endedByHold?: true | undefined;
  /** Its end by the institution's rule, where no end comes. RFC 3339, UTC. */
  readonly endsBy?: string | undefined;
  readonly withdrawnAt?: string;
  /** It was even once already; a correction makes it even again. */
  readonly settledBefore: boolean;
  /** Closings so far. */
  readonly revision: number;
  /** Of the last closing that was adjudicated. */
  readonly verdict: Verdict | null;
  /** The highest due of all verdicts so far: no order was for more. */
  readonly dueMaxFen: number;
  /** Fen by payment id, and by refund id. */
  readonly payments: ReadonlyMap<string, number>;
  readonly refunds: ReadonlyMap<string, number>;
  readonly missed: ReadonlySet<string>;
  readonly paidFen: number;
  readonly refundedFen: number;
}

/** Charges are decided as they come. */
export interface OpenVisit extends Opened {
  readonly status: 'open';
}

/** The insurers' verdict on `revision` is awaited. */
export interface ClosedVisit extends Opened {
  readonly status: 'closed';
  readonly closedAt: string;
}

/** The due is fixed, and something of it is owed, or owed back. */
export interface AdjudicatedVisit extends Opened {
  readonly status: 'adjudicated';
  readonly closedAt: string;
  readonly verdict: Verdict;
}

/** Paid is what was due. */
export interface SettledVisit extends Opened {
  readonly status: 'settled';
  readonly closedAt: string;
  readonly verdict: Verdict;
}

/** It did not take place: nothing of it is owed. */
export interface CancelledVisit extends Opened {
  readonly status: 'cancelled';
}

/** Closed at least once; a return may close it again under the next revision. */
export type EndedVisit = ClosedVisit | AdjudicatedVisit | SettledVisit;
export type OpenedVisit = OpenVisit | EndedVisit | CancelledVisit;
export type Visit = UnopenedVisit | OpenedVisit;

export const initialVisit: Visit = {
  status: 'unknown',
  charges: new Map(),
  totals: emptyTotals,
  waiting: [],
  waitingReturns: new Map(),
  returns: new Map(),
  conflicts: new Set(),
  submissions: new Map(),
};

/** What an opened visit begins with, beside its tab. */
export const FRESHLY_OPENED: Omit<Opened, keyof Tab | 'ref' | 'opening'> = {
  authorization: { state: 'pending' },
  heldFen: 0,
  increasesRequested: 0,
  lineUsedUp: false,
  updates: new Set(),
  endsTakenBack: new Set(),
  expired: false,
  settledBefore: false,
  revision: 0,
  verdict: null,
  dueMaxFen: 0,
  payments: new Map(),
  refunds: new Map(),
  missed: new Set(),
  paidFen: 0,
  refundedFen: 0,
};

/** The visit's id, once it was opened. */
export const visitIdIn = (visit: Visit): string | undefined =>
  visit.status === 'unknown' ? undefined : visit.ref.visitId;

/** Whether the visit was closed at least once. */
export const isEnded = (visit: Visit): visit is EndedVisit => 'closedAt' in visit;

/** Where a fact of a charge belongs that may come before the opening. */
export type Place = Omit<VisitRef, 'personId'>;

/** The visit's own place where it was opened, else what the report says. */
export const placeOf = (visit: Visit, reported: Place): Place =>
  visit.status === 'unknown'
    ? {
        visitId: reported.visitId,
        institutionId: reported.institutionId,
        businessDate: reported.businessDate,
      }
    : visit.ref;

/** Who answers for the visit: the guardian for a child; the patient where credit declined. */
export const accountOf = (visit: OpenedVisit): string =>
  visit.authorization.state === 'granted'
    ? visit.authorization.accountPersonId
    : visit.ref.personId;

/** The charge as it was recorded. Asserts that it is. */
export const recordedIn = (visit: Visit, chargeId: string): RecordedCharge => {
  const recorded = visit.charges.get(chargeId);
  assert(recorded, 'what is returned was recorded as a charge');
  return recorded;
};

/** What is left of deferred charges, in the order in which they came: the lines of the claim. */
export const claimLinesOf = (visit: Visit): ClaimLine[] =>
  [...visit.charges.values()]
    .filter((recorded) => recorded.status === 'deferred')
    .map(({ charge: { chargeId, itemCode, occurredAt }, left: { quantity, amountFen } }) => ({
      chargeId,
      itemCode,
      quantity,
      amountFen,
      occurredAt,
    }));

/**
 * What is left of charges that were not deferred: what the hospital collects at the counter. One that
 * was sent for another person is not this patient's to pay, or to know of.
 */
export const notOnTabOf = (visit: Visit): NotDeferred[] =>
  [...visit.charges.values()]
    .filter(
      ({ status, reason, left }) =>
        status === 'not-deferred' && reason !== 'PERSON_DIFFERS' && left.amountFen > 0,
    )
    .map(({ charge: { chargeId, itemCode, occurredAt }, left: { amountFen }, reason }) => ({
      chargeId,
      itemCode,
      amountFen,
      ...(reason !== undefined && { reason }),
      occurredAt,
    }));

/** Fen that are deferred, or wait to be. */
export const onTabFen = (visit: Visit): number => {
  let totalFen = 0;
  for (const { left, status } of visit.charges.values())
    if (status === 'deferred' || status === 'waiting' || status === 'late')
      totalFen += left.amountFen;
  return totalFen;
};

/** By what a report of another department is known again. */
export const updateKey = ({
  department,
  updatedAt,
}: {
  readonly department?: string | undefined;
  readonly updatedAt: string;
}): string => `${updatedAt} ${department}`;

/** By what a report of another class is known again. */
export const classKey = (visitClass: VisitClass, updatedAt: string): string =>
  `${updatedAt} class ${visitClass}`;

/** By what an end, and the report that takes one back, are known again. */
export const endKey = (endedAt: string): string => `end ${endedAt}`;
export const reopeningKey = (reopenedAt: string): string => `reopening ${reopenedAt}`;

/** The place of a return in the queue; a charge's is its id, which has no slash. */
export const returnInQueue = (returnId: string): string => `return/${returnId}`;

/** The map without one key, where it has it. */
export const without = <Value>(
  map: ReadonlyMap<string, Value>,
  key: string | undefined,
): ReadonlyMap<string, Value> => {
  if (key === undefined || !map.has(key)) return map;
  const rest = new Map(map);
  rest.delete(key);
  return rest;
};
