import { readIdNumber } from '@caretab/kernel';
import { identityOptionsOf } from './options';
import { idNumberOf, personIdOf } from './persons';

test('without options it has two hundred thousand persons', () =>
  expect(identityOptionsOf([])).toEqual({
    json: false,
    persons: 200_000,
    labelled: 5_000,
    seconds: 5,
    profileDir: undefined,
  }));

test.each([[['--persons', '10']], [['--seconds', '1']], [['--bus', 'kafka']]])(
  '%j is not understood',
  (args) => expect(() => identityOptionsOf(args)).toThrow(expect.objectContaining({ exitCode: 2 })),
);

test('every person has an ID number of their own that identity accepts', () => {
  const numbers = Array.from({ length: 3000 }, (_, index) => index * 137);
  for (const number of numbers)
    expect(readIdNumber(idNumberOf(number), '2026-03-02').value).toBe(idNumberOf(number));
  expect(new Set(numbers.map(idNumberOf)).size).toBe(numbers.length);
  expect(new Set(numbers.map(personIdOf)).size).toBe(numbers.length);
});
