import { rulesByDefault } from '../../test/facts';
import { endsByOf, graceUntilOf } from './end-rules';

const byClock = {
  ...rulesByDefault,
  outpatientEnd: 'midnight',
  emergencyEnd: 'observation',
} as const;
const startedAt = '2026-03-02T23:30:00+08:00';

test('an outpatient visit ends at 24:00 of its day by the calendar of Shanghai, where its hospital says so', () => {
  expect(endsByOf(byClock, { visitClass: 'outpatient', startedAt })).toBe(
    '2026-03-02T16:00:00.000Z',
  );
  expect(endsByOf(byClock, { visitClass: 'outpatient', startedAt: '2026-03-02T16:00:00Z' })).toBe(
    '2026-03-03T16:00:00.000Z',
  );
  expect(endsByOf(rulesByDefault, { visitClass: 'outpatient', startedAt })).toBeUndefined();
});

test('an emergency ends after 72 hours of observation, where its hospital says so', () => {
  expect(endsByOf(byClock, { visitClass: 'emergency', startedAt })).toBe(
    '2026-03-05T15:30:00.000Z',
  );
  expect(endsByOf(rulesByDefault, { visitClass: 'emergency', startedAt })).toBeUndefined();
});

test('no rule ends a stay', () =>
  expect(endsByOf(byClock, { visitClass: 'inpatient', startedAt })).toBeUndefined());

test('the grace time counts from when the end was recorded, or from its own time where that is ahead', () => {
  const now = new Date('2026-03-02T10:00:00Z');
  expect(graceUntilOf({ ...rulesByDefault, graceMs: 3_600_000 }, now)).toBe(
    '2026-03-02T11:00:00.000Z',
  );
  expect(graceUntilOf(rulesByDefault, now)).toBeUndefined();
  const ahead = '2026-03-02T11:30:00Z';
  expect(graceUntilOf(rulesByDefault, now, ahead)).toBe('2026-03-02T11:30:00.000Z');
  expect(graceUntilOf({ ...rulesByDefault, graceMs: 3_600_000 }, now, ahead)).toBe(
    '2026-03-02T12:30:00.000Z',
  );
  expect(graceUntilOf(rulesByDefault, now, '2026-03-02T09:00:00Z')).toBeUndefined();
});
