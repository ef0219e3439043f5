import type { VisitClass } from '@caretab/contracts';
import { assertNotBeforeStart, type Ordered } from './care-order';
import { assertSamePerson, conflict, type OfPerson, opened } from './refusals';
import { type LessComing, lessComing } from './less-coming';
import type { EndsBy, Submitted, VisitEvent } from './visit-events';
import { evolve } from './visit-evolve';
import { classKey, type OpenedVisit, updateKey, type Visit } from './visit-state';

/** What a hospital reports of a visit that goes on. Times are RFC 3339. */
export type ReportedUpdate = OfPerson &
  Ordered &
  LessComing & {
    readonly department?: string | undefined;
    readonly visitClass?: VisitClass | undefined;
    /** By the rule of the new class, for the visit's start. */
    readonly endsBy?: EndsBy | undefined;
  };

/**
 * Decides a report of another department or class, or that less is coming. Throws VISIT_UNKNOWN (not-found);
 * VISIT_CLASS_FIXED, VISIT_NOT_OPEN, PERSON_DIFFERS, TIME_BEFORE_START (conflict).
 */
export const update = (
  data: ReportedUpdate,
  of: Visit,
  by: Submitted | undefined,
): readonly VisitEvent[] => {
  const visit = opened(of);
  assertSamePerson(visit, data);
  assertNotBeforeStart(visit, data.updatedAt, data);
  const department = newDepartment(data, visit, by);
  const visitClass = newClass(data, visit, by);
  const isOther = visitClass !== undefined && visitClass !== visit.opening.visitClass;
  if (department === undefined && visitClass === undefined) return lessComing(data, visit);
  const facts: readonly VisitEvent[] = [
    ...(isOther ? endOfClockTakenBack(data, visit, visitClass) : []),
    {
      type: 'VisitUpdated',
      data: {
        ...visit.ref,
        ...(department !== undefined && { department }),
        ...(visitClass !== undefined && { visitClass, ...endOfClass(data, visit, visitClass) }),
        updatedAt: data.updatedAt,
      },
    },
  ];
  return [...facts, ...lessComing(data, facts.reduce(evolve, of))];
};

const endOfClass = (
  { endsBy }: ReportedUpdate,
  { opening, endsBy: before }: OpenedVisit,
  visitClass: VisitClass,
): { endsBy?: string } => {
  const { startedAt } = opening;
  const isSame = visitClass === opening.visitClass;
  const byThen = isSame ? before : endsBy?.({ visitClass, startedAt });
  return byThen === undefined ? {} : { endsBy: byThen };
};

/**
 * An end that no hospital reported was that of the class before: by another class the visit goes on,
 * for as long as that one's rule says. Of an expired hold no clock is left, so that only a stay or a
 * class with a rule goes on without it.
 */
const endOfClockTakenBack = (
  data: ReportedUpdate,
  visit: OpenedVisit,
  visitClass: VisitClass,
): readonly VisitEvent[] => {
  const isOfClock = visit.endedByRule === true || visit.endedByHold === true;
  const hasNextEnd =
    visitClass === 'inpatient' ||
    !visit.expired ||
    endOfClass(data, visit, visitClass).endsBy !== undefined;
  if (!isOfClock || !hasNextEnd) return [];
  return [{ type: 'VisitReopened', data: { ...visit.ref, reopenedAt: data.updatedAt } }];
};

const isBefore = (moment: string, since: string | undefined): boolean =>
  since !== undefined && Date.parse(moment) < Date.parse(since);

/**
 * Another department from a given moment on; of one moment the last report counts. One that does not
 * say which submission it is counts once. Throws VISIT_NOT_OPEN (conflict).
 */
const newDepartment = (
  { department, updatedAt }: ReportedUpdate,
  visit: OpenedVisit,
  by: Submitted | undefined,
): string | undefined => {
  const isOld =
    !department ||
    department === visit.opening.department ||
    (!by && visit.updates.has(updateKey({ department, updatedAt }))) ||
    isBefore(updatedAt, visit.departmentSince);
  if (isOld) return undefined;
  if (visit.status === 'open' && !visit.withdrawnAt) return department;
  throw conflict('VISIT_NOT_OPEN', visit, {
    what: 'a visit that is closed or cancelled keeps its department',
  });
};

/**
 * Another class from a given moment on (an outpatient is admitted, HL7 A06 and A07): the whole visit
 * is settled by the class that it has when it closes. Of one moment the last report counts. The same
 * class from a later moment on is recorded too: what was reported of the time between does not
 * overrule it. Throws VISIT_CLASS_FIXED (conflict).
 */
const newClass = (
  { visitClass, updatedAt }: ReportedUpdate,
  visit: OpenedVisit,
  by: Submitted | undefined,
): VisitClass | undefined => {
  const isOld =
    visitClass === undefined ||
    (!by && visit.updates.has(classKey(visitClass, updatedAt))) ||
    isBefore(updatedAt, visit.classSince);
  if (isOld) return undefined;
  const isOpen = visit.status === 'open' && !visit.withdrawnAt;
  if (visitClass === visit.opening.visitClass)
    return isOpen && isBefore(visit.classSince ?? visit.opening.startedAt, updatedAt)
      ? visitClass
      : undefined;
  if (isOpen) return visitClass;
  throw conflict('VISIT_CLASS_FIXED', visit, {
    what: 'a visit that is closed or cancelled keeps its class',
  });
};
