import { completeVisitId, ownVisitNumber } from './visit-of-path';

test('a visit has one id, and its own hospital may leave itself out', () => {
  expect(completeVisitId('HZ002', 'HZ002-W1')).toBe('HZ002-W1');
  expect(completeVisitId('HZ002', 'W1')).toBe('HZ002-W1');
  expect(completeVisitId('HZ002', 'HZ001-W1')).toBe('HZ001-W1');
});

test('a request means the same visit in both forms', () => {
  expect(ownVisitNumber('HZ002', 'HZ002-W1')).toBe('W1');
  expect(ownVisitNumber('HZ002', 'W1')).toBe('W1');
  expect(ownVisitNumber('HZ002', 'HZ002')).toBe('HZ002');
});

test.each(['HZ001-W1', 'HZ0021-W1'])(
  'the visit %s of another hospital is not changed',
  (visitId) => {
    expect(() => ownVisitNumber('HZ002', visitId)).toThrow('WRITE_FORBIDDEN');
  },
);

test('what is no visit number is left to the check of visit numbers', () => {
  expect(ownVisitNumber('HZ002', 'not an id')).toBe('not an id');
  expect(ownVisitNumber('HZ002', 'small-w1')).toBe('small-w1');
});
