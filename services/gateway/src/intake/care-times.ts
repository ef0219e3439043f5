import {
  CARE_MOMENT,
  careMomentOf,
  careTimeFault,
  type CareTimeTolerances,
  endsBeforeStart,
  isBeforeItsVisit,
  precedes,
} from '@caretab/contracts';
import { type Fault, Faults } from './fault';
import type { Submission, SubmittedFact } from './submission';

/** The field of the message that says when the fact happened. */
const fieldOf = (
  { door, momentField }: Pick<Submission, 'door' | 'momentField'>,
  { type }: SubmittedFact,
  index: number,
): string => {
  if (door === 'mllp') return momentField ?? `FT1[${index + 1}]-4`;
  if (type !== 'ChargePosted') return CARE_MOMENT[type];
  return door === 'bus' ? '/charge/occurredAt' : `/charges/${index}/occurredAt`;
};

const REMEDY = 'send the time at which it happened';
const FAR = {
  ahead: { code: 'TIME_IN_FUTURE', why: 'the time has not come yet', remedy: REMEDY },
  behind: { code: 'TIME_TOO_OLD', why: 'the time is too long ago', remedy: REMEDY },
} as const satisfies Record<string, Omit<Fault, 'field'>>;

/**
 * Throws what is wrong with the times of a submission (invalid): TIME_IN_FUTURE, TIME_TOO_OLD; and,
 * where the visit's start is known, END_BEFORE_START, TIME_BEFORE_START, CHARGE_OUTSIDE_VISIT.
 */
export const checkCareTimes = (
  submission: Pick<Submission, 'door' | 'facts' | 'momentField'>,
  at: {
    readonly now: Date;
    readonly tolerances: CareTimeTolerances;
    /** RFC 3339. */
    readonly visitStartedAt: string | undefined;
  },
): void => {
  const faults = new Faults();
  submission.facts.forEach((fact, index) => {
    const found = faultOf(fact, at);
    if (found) faults.add(fieldOf(submission, fact, index), found.code, found.why, found.remedy);
  });
  faults.throwIfAny();
};

const OF_OPEN_VISITS: ReadonlySet<SubmittedFact['type']> = new Set([
  'VisitUpdated',
  'VisitWithdrawn',
  'VisitReopened',
]);

const faultOf = (
  fact: SubmittedFact,
  { now, tolerances, visitStartedAt }: Parameters<typeof checkCareTimes>[1],
): Omit<Fault, 'field'> | undefined => {
  const moment = careMomentOf(fact.type, fact);
  const far = careTimeFault(moment, now, tolerances);
  if (far) return FAR[far];
  if (visitStartedAt === undefined) return undefined;
  if (fact.type === 'VisitEnded' && endsBeforeStart(moment, visitStartedAt))
    return {
      code: 'END_BEFORE_START',
      why: 'the visit would end before it began',
      remedy: 'send the time of the end; if the start is wrong, cancel the visit and open another',
    };
  if (OF_OPEN_VISITS.has(fact.type) && precedes(moment, visitStartedAt, tolerances.orderMs))
    return {
      code: 'TIME_BEFORE_START',
      why: 'it is of a time before the visit began',
      remedy: 'check the visit number, and send the time at which it happened',
    };
  if (fact.type === 'ChargePosted' && isBeforeItsVisit(moment, visitStartedAt))
    return {
      code: 'CHARGE_OUTSIDE_VISIT',
      why: 'the care was given more than seven days before the visit began',
      remedy: 'send the time of the care, or charge it to its own visit',
    };
  return undefined;
};
