import { endsBeforeStart, type VisitClass } from '@caretab/contracts';
import { withConsequences } from './charge-decisions';
import { assertSamePerson, conflict, opened } from './refusals';
import type { VisitEvent, VisitRef } from './visit-events';
import { updateKey, type Visit } from './visit-state';

/** Whose visit it is by the report, where the report says so. */
export interface OfPerson {
  readonly personId?: string | undefined;
}

/** What a hospital reports of the stay itself. Times are RFC 3339. */
export type OpeningCommand =
  | {
      readonly type: 'StartVisit';
      readonly data: VisitRef & {
        readonly visitNumber: string;
        readonly visitClass: VisitClass;
        readonly department?: string | undefined;
        readonly startedAt: string;
      };
    }
  | {
      readonly type: 'UpdateVisit';
      readonly data: OfPerson & {
        readonly department?: string | undefined;
        readonly visitClass?: VisitClass | undefined;
        readonly updatedAt: string;
      };
    }
  | { readonly type: 'EndVisit'; readonly data: OfPerson & { readonly endedAt: string } }
  | { readonly type: 'CancelVisit'; readonly data: OfPerson & { readonly withdrawnAt: string } };

type Data<Type extends OpeningCommand['type']> = Extract<OpeningCommand, { type: Type }>['data'];

const start = (data: Data<'StartVisit'>, visit: Visit): readonly VisitEvent[] => {
  if (visit.status === 'unknown') return withConsequences(visit, [{ type: 'VisitOpened', data }]);
  const same =
    visit.ref.personId === data.personId &&
    visit.opening.visitClass === data.visitClass &&
    visit.opening.startedAt === data.startedAt;
  if (!same)
    throw conflict('VISIT_CONFLICT', visit, {
      what: 'this visit number was opened with other content',
    });
  return [];
};

const update = (data: Data<'UpdateVisit'>, of: Visit): readonly VisitEvent[] => {
  const visit = opened(of);
  assertSamePerson(visit, data);
  if (data.visitClass && data.visitClass !== visit.opening.visitClass)
    throw conflict('VISIT_CLASS_FIXED', visit, {
      what: 'a visit keeps its class; cancel it and open another',
    });
  if (
    !data.department ||
    data.department === visit.opening.department ||
    visit.updates.has(updateKey(data))
  )
    return [];
  return [
    {
      type: 'VisitUpdated',
      data: { ...visit.ref, department: data.department, updatedAt: data.updatedAt },
    },
  ];
};

const end = (data: Data<'EndVisit'>, of: Visit): readonly VisitEvent[] => {
  const visit = opened(of);
  assertSamePerson(visit, data);
  if (visit.endedAt) return []; // A retry: the first end counts.
  if (visit.status === 'cancelled' || visit.withdrawnAt) throw conflict('VISIT_NOT_OPEN', visit);
  if (endsBeforeStart(data.endedAt, visit.opening.startedAt))
    throw conflict('END_BEFORE_START', visit, {
      startedAt: visit.opening.startedAt,
      what: 'the visit would end before it began; send the time of the end',
    });
  return withConsequences(visit, [
    { type: 'VisitEndReported', data: { ...visit.ref, endedAt: data.endedAt } },
  ]);
};

const cancel = (data: Data<'CancelVisit'>, of: Visit): readonly VisitEvent[] => {
  const visit = opened(of);
  assertSamePerson(visit, data);
  if (visit.status === 'cancelled' || visit.withdrawnAt) return [];
  // An ended visit counts as closed, however long its last charges wait for an answer.
  if (visit.status !== 'open' || visit.endedAt)
    throw conflict('VISIT_NOT_OPEN', visit, {
      what: 'a closed visit is corrected by taking its charges back',
    });
  return withConsequences(visit, [
    { type: 'VisitWithdrawalReported', data: { ...visit.ref, withdrawnAt: data.withdrawnAt } },
  ]);
};

/**
 * Decides start, update, end and cancellation. Throws VISIT_UNKNOWN (not-found); VISIT_CONFLICT,
 * VISIT_CLASS_FIXED, VISIT_NOT_OPEN, PERSON_DIFFERS, END_BEFORE_START (conflict).
 */
export const decideOpening = (command: OpeningCommand, visit: Visit): readonly VisitEvent[] => {
  switch (command.type) {
    case 'StartVisit':
      return start(command.data, visit);
    case 'UpdateVisit':
      return update(command.data, visit);
    case 'EndVisit':
      return end(command.data, visit);
    case 'CancelVisit':
      return cancel(command.data, visit);
  }
};
