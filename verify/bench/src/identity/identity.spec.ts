import { readIdNumber } from '@caretab/kernel';
import { readCode } from '@caretab/security';
import { codeOf, nonceHashOf } from './codes';
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

test('every code is another’s, read as a dynamic one of its holder’s card', () => {
  const codes = Array.from({ length: 200 }, (_, number) => readCode(codeOf(number, 100)));
  expect(new Set(codes.map((code) => code?.kind))).toEqual(new Set(['dynamic']));
  expect(new Set(codes.map((code) => code?.cardNumber)).size).toBe(100);
  expect(new Set(Array.from({ length: 200 }, (_, number) => nonceHashOf(number))).size).toBe(200);
});

test('every person has an ID number of their own that identity accepts', () => {
  const numbers = Array.from({ length: 3000 }, (_, index) => index * 137);
  for (const number of numbers)
    expect(readIdNumber(idNumberOf(number), '2026-03-02').value).toBe(idNumberOf(number));
  expect(new Set(numbers.map(idNumberOf)).size).toBe(numbers.length);
  expect(new Set(numbers.map(personIdOf)).size).toBe(numbers.length);
});
