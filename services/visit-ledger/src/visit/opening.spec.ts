import { specification } from '@caretab/doubles';
import { at, commandsOf } from '../../test/facts';
import { after } from '../../test/one-visit';
import { visit, type VisitCommand } from './visit';

const { given } = specification(visit);
const { start, authorize, cover, post, end, verdict } = commandsOf('V1');
const ref = {
  visitId: 'HZ001-V1',
  institutionId: 'HZ001',
  personId: 'p-11111111-1111-4111-8111-111111111111',
  businessDate: '2026-03-02',
};
const minute = (number: number): string =>
  `2026-03-02T10:${String(number).padStart(2, '0')}:00+08:00`;
const reclassify = (visitClass: 'outpatient' | 'inpatient', of: number): VisitCommand => ({
  type: 'UpdateVisit',
  data: { visitClass, updatedAt: minute(of) },
});
const reopen = (of: number): VisitCommand => ({
  type: 'ReopenVisit',
  data: { reopenedAt: minute(of) },
});

describe('another class', () => {
  const open = after(start, authorize(), cover);

  test('holds from a given moment on, and the visit is settled by the class that it closes with', () => {
    const admitted = after(start, authorize(), cover, post('c1'), reclassify('inpatient', 1));
    expect(admitted.at(-1)).toEqual({
      type: 'VisitUpdated',
      data: { ...ref, visitClass: 'inpatient', updatedAt: minute(1) },
    });
    given(...admitted)
      .when(end)
      .then(
        { type: 'VisitEndReported', data: {} },
        { type: 'VisitClosed', data: { visitClass: 'inpatient' } },
      );
  });

  test('is recorded once, and an older report does not undo a later one', () => {
    const back = after(
      start,
      reclassify('inpatient', 1),
      reclassify('outpatient', 3),
      reclassify('inpatient', 1),
      reclassify('inpatient', 2),
    );
    expect(back.map(({ type }) => type)).toEqual(['VisitOpened', 'VisitUpdated', 'VisitUpdated']);
  });

  test('does not make the opening another one, when that comes again', () =>
    given(...after(start, reclassify('inpatient', 1)))
      .when(start)
      .thenNothing());

  test('is refused for a visit that is closed', () =>
    given(...open, ...after(start, authorize(), cover, end).slice(open.length))
      .when(reclassify('inpatient', 1))
      .thenRefused('VISIT_CLASS_FIXED'));
});

describe('an end that is taken back', () => {
  /** Its hold is not answered yet, so it does not close at once. */
  const ended = after(start, post('c1'), end);

  test('leaves the visit open: it takes charges again, and closes at the next end', () => {
    given(...ended)
      .when(reopen(1))
      .then({ type: 'VisitReopened', data: { ...ref, reopenedAt: minute(1) } });
    const later: VisitCommand = { type: 'EndVisit', data: { endedAt: minute(9) } };
    const facts = after(start, post('c1'), end, reopen(1), post('c2'), later, authorize(), cover);
    expect(facts.at(-1)).toMatchObject({
      type: 'VisitClosed',
      data: { closedAt: minute(9), lines: [{ chargeId: 'c1' }, { chargeId: 'c2' }] },
    });
  });

  test('is not ended again by the old report, nor is a later end taken back twice', () => {
    const later: VisitCommand = { type: 'EndVisit', data: { endedAt: minute(9) } };
    expect(after(start, end, reopen(1), end, later, reopen(1)).map(({ type }) => type)).toEqual([
      'VisitOpened',
      'VisitEndReported',
      'VisitReopened',
      'VisitEndReported',
    ]);
  });

  test('is refused where no end was reported', () =>
    given(...after(start))
      .when(reopen(1))
      .thenRefused('VISIT_NOT_ENDED'));

  test('is refused once the visit is closed, settled or cancelled', () => {
    const closed = after(start, authorize(), cover, post('c1'), end);
    given(...closed)
      .when(reopen(1))
      .thenRefused('VISIT_NOT_OPEN');
    given(...closed, ...visit.decide(verdict(10), closed.reduce(visit.evolve, visit.initial)))
      .when(reopen(1))
      .thenRefused('VISIT_NOT_OPEN');
    given(...after(start, authorize(), { type: 'CancelVisit', data: { withdrawnAt: at } }))
      .when(reopen(1))
      .thenRefused('VISIT_NOT_OPEN');
  });
});
