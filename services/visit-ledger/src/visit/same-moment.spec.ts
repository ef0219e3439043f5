import type { VisitClass } from '@caretab/contracts';
import { specification } from '@caretab/doubles';
import { after, at, authorize, cover, end, sent, start } from '../../test/one-visit';
import { visit, type VisitCommand } from './visit';
import type { VisitEvent } from './visit-events';
import { initialVisit, type OpenedVisit } from './visit-state';

const { given } = specification(visit);

const minute = (number: number): string =>
  `2026-03-02T10:${String(number).padStart(2, '0')}:00+08:00`;
let count = 0;
/** As a message of its own. */
const message = (command: VisitCommand): VisitCommand => sent(command, `m${(count += 1)}`);
const becomes = (visitClass: VisitClass, department: string, of: number): VisitCommand =>
  message({ type: 'UpdateVisit', data: { visitClass, department, updatedAt: minute(of) } });
const moved = (department: string, of: number): VisitCommand =>
  message({ type: 'UpdateVisit', data: { department, updatedAt: minute(of) } });
const reopen = (of: number): VisitCommand =>
  message({ type: 'ReopenVisit', data: { reopenedAt: minute(of) } });
const stateAfter = (...commands: VisitCommand[]): OpenedVisit =>
  after(start, ...commands).reduce<ReturnType<typeof visit.evolve>>(
    visit.evolve,
    initialVisit,
  ) as OpenedVisit;
const typesOf = (facts: readonly VisitEvent[]): string[] => facts.map(({ type }) => type);

describe('reports of one moment, each a message of its own', () => {
  test('each change the class: the last one counts', () => {
    const { opening } = stateAfter(
      becomes('inpatient', 'WARD', 1),
      becomes('outpatient', 'OPD', 1),
      becomes('inpatient', 'WARD', 1),
    );
    expect(opening).toMatchObject({ visitClass: 'inpatient', department: 'WARD' });
  });

  test('each move the patient: the last one counts', () => {
    const { opening } = stateAfter(moved('ICU', 1), moved('OPD', 1), moved('ICU', 1));
    expect(opening.department).toBe('ICU');
  });

  test('each take back the end that stands', () => {
    const ends = (of: number): VisitCommand =>
      message({ type: 'EndVisit', data: { endedAt: minute(of) } });
    expect(typesOf(after(start, ends(1), reopen(3), ends(2), reopen(3)))).toEqual([
      ...['VisitOpened', 'VisitEndReported', 'SubmissionApplied'],
      ...['VisitReopened', 'SubmissionApplied'],
      ...['VisitEndReported', 'SubmissionApplied'],
      ...['VisitReopened', 'SubmissionApplied'],
    ]);
  });
});

describe('a class that the visit has already', () => {
  test('is recorded from its later moment on: what was reported of before does not overrule it', () => {
    const { opening } = stateAfter(becomes('outpatient', 'OPD', 5), becomes('inpatient', 'W', 3));
    expect(opening.visitClass).toBe('outpatient');
  });

  test('leaves the end that a rule sets as it is', () => {
    const endsBy = '2026-03-02T16:00:00.000Z';
    const ruled = { ...start, data: { ...start.data, endsBy } } as VisitCommand;
    const graceUntil = '2026-03-03T02:00:00.000Z';
    const reach: VisitCommand = {
      type: 'ReachTime',
      data: { now: '2026-03-02T16:00:01Z', graceUntil },
    };
    given(...after(ruled, becomes('outpatient', 'OPD', 5)))
      .when(reach)
      .then({ type: 'VisitEndReported', data: { endedAt: endsBy } });
    given(...after(ruled, reach))
      .when(becomes('outpatient', 'OPD', 5))
      .then({ type: 'VisitUpdated', data: { endsBy } });
  });
});

describe('an opening that comes again by another message', () => {
  const cancelled = after(start, authorize(), cover, {
    type: 'CancelVisit',
    data: { withdrawnAt: at },
  });

  test('is rejected where the visit was cancelled', () =>
    given(...cancelled)
      .when(message(start))
      .then({ type: 'SubmissionRejected', data: { reason: 'VISIT_NOT_OPEN' } }));

  test('changes nothing where it was not', () => {
    given(...cancelled)
      .when(start)
      .thenNothing();
    given(...after(start, authorize(), cover, end))
      .when(message(start))
      .then({ type: 'SubmissionApplied' });
  });
});
