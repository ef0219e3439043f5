import { hasForm } from './visit-number';

test.each([
  ['ZY0012345-2', true],
  ['ZY001234-2', false],
  ['zy0012345-2', false],
  ['2026/0012', true],
  ['2026.0012', false],
  ['MZ', true],
  ['MZ-anything/more', true],
  ['Ma', false],
])('the visit number %s has a form of the hospital: %s', (visitNumber, fits) => {
  expect(hasForm(visitNumber, { visitNumbers: ['ZY#######-#', '20##/####', 'MZ*'] })).toBe(fits);
});

test('a letter, a digit or either stand where the form says so', () => {
  expect(hasForm('A1', { visitNumbers: ['@?'] })).toBe(true);
  expect(hasForm('AB', { visitNumbers: ['@?'] })).toBe(true);
  expect(hasForm('1B', { visitNumbers: ['@?'] })).toBe(false);
  expect(hasForm('A-', { visitNumbers: ['@?'] })).toBe(false);
});

test('without a form every number is one', () => {
  expect(hasForm('whatever', {})).toBe(true);
});
