import fc from 'fast-check';
import {
  careMomentOf,
  careTimeFault,
  careTimeTolerances,
  endsBeforeStart,
  isAfterEnd,
  isBeforeItsVisit,
  precedes,
} from './care-times';
import { hospitalVisitEvents } from './hospital';
import type { EventType } from './topic';

const now = new Date('2026-03-03T09:30:00+08:00');
const tolerances = careTimeTolerances({
  CARE_TIME_AHEAD_MS: 7_200_000,
  CARE_TIME_BEHIND_DAYS: 1096,
  CARE_TIME_ORDER_MS: 7_200_000,
});

test.each([
  ['2026-03-03T11:30:00+08:00', undefined],
  ['2026-03-03T11:30:00.001+08:00', 'ahead'],
  ['2036-03-03T09:28:00+08:00', 'ahead'],
  ['2023-03-03T09:30:00+08:00', undefined],
  ['2023-03-03T09:29:59+08:00', 'behind'],
  ['1999-01-01T09:00:00+08:00', 'behind'],
])('a time of %s is %s', (moment, fault) => {
  expect(careTimeFault(moment, now, tolerances)).toBe(fault);
});

test('a time is judged by its instant, whatever its zone', () => {
  fc.assert(
    fc.property(
      fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('2099-12-31') }),
      (moment) => {
        const shanghai = new Date(moment.getTime() + 8 * 3_600_000)
          .toISOString()
          .replace('Z', '+08:00');
        expect(careTimeFault(shanghai, now, tolerances)).toBe(
          careTimeFault(moment.toISOString(), now, tolerances),
        );
      },
    ),
  );
});

test('every report of a hospital says when it happened', () => {
  const reports = {
    VisitStarted: { startedAt: 'at' },
    UnidentifiedVisitStarted: { startedAt: 'at' },
    VisitUpdated: { updatedAt: 'at' },
    VisitWithdrawn: { withdrawnAt: 'at' },
    VisitEnded: { endedAt: 'at' },
    ChargePosted: { charge: { occurredAt: 'at' } },
    ChargeCredited: { creditedAt: 'at' },
    ChargeReturned: { returnedAt: 'at' },
    VisitReopened: { reopenedAt: 'at' },
  };
  expect(Object.keys(reports).sort()).toEqual(Object.keys(hospitalVisitEvents.events).sort());
  for (const [type, data] of Object.entries(reports))
    expect(careMomentOf(type as EventType<typeof hospitalVisitEvents>, data)).toBe('at');
});

test('a visit ends when it began, or later', () => {
  expect(endsBeforeStart('2026-03-03T09:00:00+08:00', '2026-03-03T01:00:00Z')).toBe(false);
  expect(endsBeforeStart('2026-03-03T08:59:59+08:00', '2026-03-03T01:00:00Z')).toBe(true);
});

test('examinations of the seven days before belong to the visit, and nothing earlier', () => {
  const start = '2026-03-10T09:00:00+08:00';
  expect(isBeforeItsVisit('2026-03-03T09:00:00+08:00', start)).toBe(false);
  expect(isBeforeItsVisit('2026-03-03T08:59:59+08:00', start)).toBe(true);
  expect(isBeforeItsVisit('2026-03-20T09:00:00+08:00', start)).toBe(false);
});

test('a time may lie a little before one that it cannot precede, and a date alone counts as its day', () => {
  const start = '2026-03-02T10:00:00+08:00';
  expect(precedes('2026-03-02T08:00:00+08:00', start, tolerances.orderMs)).toBe(false);
  expect(precedes('2026-03-02T07:59:59+08:00', start, tolerances.orderMs)).toBe(true);
  expect(precedes('2026-03-02T00:00:00+08:00', start, 0)).toBe(false);
  expect(precedes('2026-03-01T00:00:00+08:00', start, 0)).toBe(true);
});

test('care is of a visit until a little after its end', () => {
  const end = '2026-03-02T10:00:00+08:00';
  expect(isAfterEnd('2026-03-02T12:00:00+08:00', end, tolerances.orderMs)).toBe(false);
  expect(isAfterEnd('2026-03-02T12:00:01+08:00', end, tolerances.orderMs)).toBe(true);
});
