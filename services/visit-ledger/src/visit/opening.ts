import { endsBeforeStart, type Presence, type VisitClass } from '@caretab/contracts';
import { assertNotBeforeCharges, assertNotBeforeStart, type Ordered } from './care-order';
import { withConsequences } from './charge-decisions';
import { assertSamePerson, conflict, type OfPerson, opened } from './refusals';
import {
  assertNotUnidentified,
  cancelUnidentified,
  startUnidentified,
  type UnidentifiedOpening,
} from './unidentified';
import type { Submitted, VisitEvent, VisitRef } from './visit-events';
import { type ReportedUpdate, update } from './updates';
import { endKey, type OpenedVisit, type Visit, reopeningKey } from './visit-state';

type Reported = OfPerson & Ordered;

/** What a hospital reports of the stay itself. Times are RFC 3339. */
export type OpeningCommand =
  | UnidentifiedOpening
  | {
      readonly type: 'StartVisit';
      readonly data: VisitRef & {
        readonly visitNumber: string;
        readonly visitClass: VisitClass;
        readonly department?: string | undefined;
        readonly startedAt: string;
        readonly presence?: Presence | undefined;
        /** Its end by the institution's rule, where no end comes; UTC. */
        readonly endsBy?: string | undefined;
      };
    }
  | { readonly type: 'UpdateVisit'; readonly data: ReportedUpdate }
  | {
      readonly type: 'EndVisit';
      readonly data: Reported & {
        readonly endedAt: string;
        /** It closes then at the earliest; absent: at once. UTC. */
        readonly graceUntil?: string | undefined;
      };
    }
  /** The clock reached `now`; `graceUntil` is for an end that follows. UTC. */
  | {
      readonly type: 'ReachTime';
      readonly data: { readonly now: string; readonly graceUntil?: string | undefined };
    }
  | { readonly type: 'ReopenVisit'; readonly data: Reported & { readonly reopenedAt: string } }
  | { readonly type: 'CancelVisit'; readonly data: Reported & { readonly withdrawnAt: string } };

type Data<Type extends OpeningCommand['type']> = Extract<OpeningCommand, { type: Type }>['data'];

const start = (
  data: Data<'StartVisit'>,
  visit: Visit,
  by: Submitted | undefined,
): readonly VisitEvent[] => {
  assertNotUnidentified(visit);
  if (visit.status === 'unknown') return withConsequences(visit, [{ type: 'VisitOpened', data }]);
  const same =
    visit.ref.personId === data.personId &&
    visit.opening.openedAs === data.visitClass &&
    Date.parse(visit.opening.startedAt) === Date.parse(data.startedAt);
  if (!same)
    throw conflict('VISIT_CONFLICT', visit, {
      what: 'this visit number was opened with other content',
    });
  // Another message than the opening's opens it again: a cancellation is not taken back.
  if (by && (visit.status === 'cancelled' || visit.withdrawnAt))
    throw conflict('VISIT_NOT_OPEN', visit, {
      what: 'the visit was cancelled; open another, with a number of its own',
    });
  return [];
};

/**
 * Whether an end is the report of one that was recorded, come once more. A report that says which
 * submission it is comes once: it then ends a visit that was ended before and taken back, and while
 * the visit is open it corrects the time of its end. After the closing another time is refused.
 */
const isEndAgain = (
  { endedAt }: Data<'EndVisit'>,
  visit: OpenedVisit,
  by: Submitted | undefined,
): boolean => {
  // In the grace time the hospital's own takes a rule's place.
  if (!visit.endedAt || (visit.endedByRule && visit.graceUntil))
    return !by && visit.endsTakenBack.has(endKey(endedAt));
  return !by || Date.parse(endedAt) === Date.parse(visit.endedAt);
};

const end = (
  data: Data<'EndVisit'>,
  of: Visit,
  by: Submitted | undefined,
): readonly VisitEvent[] => {
  const visit = opened(of);
  assertSamePerson(visit, data);
  if (isEndAgain(data, visit, by)) return [];
  if (visit.status !== 'open' || visit.withdrawnAt) throw conflict('VISIT_NOT_OPEN', visit);
  if (endsBeforeStart(data.endedAt, visit.opening.startedAt))
    throw conflict('END_BEFORE_START', visit, {
      startedAt: visit.opening.startedAt,
      what: 'the visit would end before it began; send the time of the end',
    });
  assertNotBeforeCharges(visit, data.endedAt, data);
  return withConsequences(visit, [
    {
      type: 'VisitEndReported',
      data: {
        ...visit.ref,
        endedAt: data.endedAt,
        ...(data.graceUntil && { graceUntil: data.graceUntil }),
      },
    },
  ]);
};

/** A rule ends a visit without an end, or the grace time of an end is over. Else yields []. */
const reachTime = ({ now, graceUntil }: Data<'ReachTime'>, visit: Visit): readonly VisitEvent[] => {
  if (visit.status !== 'open' || visit.withdrawnAt) return [];
  const isReached = (moment: string | undefined): moment is string =>
    moment !== undefined && Date.parse(moment) <= Date.parse(now);
  if (isReached(visit.graceUntil))
    return withConsequences(visit, [
      { type: 'VisitGraceEnded', data: { ...visit.ref, graceUntil: visit.graceUntil } },
    ]);
  if (visit.endedAt || !isReached(visit.endsBy)) return [];
  return withConsequences(visit, [
    {
      type: 'VisitEndReported',
      data: {
        ...visit.ref,
        endedAt: visit.endsBy,
        ...(graceUntil && { graceUntil }),
        byRule: true,
      },
    },
  ]);
};

/**
 * The end was reported in error: what is not closed yet goes on. A report that says which submission
 * it is takes back the end that stands, also where an earlier one was of the same moment.
 */
const reopen = (
  data: Data<'ReopenVisit'>,
  of: Visit,
  by: Submitted | undefined,
): readonly VisitEvent[] => {
  const visit = opened(of);
  assertSamePerson(visit, data);
  const isKnown = visit.endsTakenBack.has(reopeningKey(data.reopenedAt));
  if (isKnown && !(by && visit.endedAt)) return [];
  if (visit.status !== 'open' || visit.withdrawnAt)
    throw conflict('VISIT_NOT_OPEN', visit, {
      what: 'a visit that is closed stays closed; open another for what is still to come',
    });
  assertNotBeforeStart(visit, data.reopenedAt, data);
  if (!visit.endedAt)
    throw conflict('VISIT_NOT_ENDED', visit, {
      what: 'no end was reported that could be taken back',
    });
  return [{ type: 'VisitReopened', data: { ...visit.ref, reopenedAt: data.reopenedAt } }];
};

const cancel = (data: Data<'CancelVisit'>, of: Visit): readonly VisitEvent[] => {
  const givenUp = cancelUnidentified(of, data.withdrawnAt);
  if (givenUp) return givenUp;
  const visit = opened(of);
  assertSamePerson(visit, data);
  if (visit.status === 'cancelled' || visit.withdrawnAt) return [];
  assertNotBeforeStart(visit, data.withdrawnAt, data);
  // In the grace time a hospital may still correct; after it an ended visit counts as closed,
  // however long its last charges wait for an answer.
  if (visit.status !== 'open' || (visit.endedAt && !visit.graceUntil))
    throw conflict('VISIT_NOT_OPEN', visit, {
      what: 'a closed visit is corrected by taking its charges back',
    });
  return withConsequences(visit, [
    { type: 'VisitWithdrawalReported', data: { ...visit.ref, withdrawnAt: data.withdrawnAt } },
  ]);
};

/**
 * Decides start, update, end, reopening and cancellation. Throws VISIT_UNKNOWN (not-found);
 * VISIT_CONFLICT, VISIT_UNIDENTIFIED, VISIT_CLASS_FIXED, VISIT_NOT_OPEN, VISIT_NOT_ENDED, PERSON_DIFFERS,
 * TIME_BEFORE_START, END_BEFORE_START, END_BEFORE_CHARGES (conflict).
 */
export const decideOpening = (
  command: OpeningCommand & { readonly by?: Submitted | undefined },
  visit: Visit,
): readonly VisitEvent[] => {
  switch (command.type) {
    case 'StartVisit':
      return start(command.data, visit, command.by);
    case 'StartUnidentifiedVisit':
      return startUnidentified(command, visit);
    case 'UpdateVisit':
      return update(command.data, visit, command.by);
    case 'EndVisit':
      return end(command.data, visit, command.by);
    case 'ReachTime':
      return reachTime(command.data, visit);
    case 'ReopenVisit':
      return reopen(command.data, visit, command.by);
    case 'CancelVisit':
      return cancel(command.data, visit);
  }
};
