import { DomainError } from '@caretab/kernel';
import { Type } from '@sinclair/typebox';
import { valid } from './valid';

const Body = Type.Object(
  { mobile: Type.String({ pattern: '^1\\d{10}$' }), amountFen: Type.Integer({ minimum: 0 }) },
  { additionalProperties: false },
);
const check = valid(Body);
const faultsOf = (value: unknown): readonly { field: string; why: string }[] => {
  try {
    check(value);
  } catch (error) {
    expect(error).toMatchObject({ code: 'REQUEST_INVALID', kind: 'invalid' });
    return (error as DomainError).details['faults'] as { field: string; why: string }[];
  }
  return [];
};

test('what fits passes as it is', () => {
  const body = { mobile: '13800138000', amountFen: 1 };
  expect(check(body)).toBe(body);
});

test('what does not fit is named field by field, without a value', () => {
  const faults = faultsOf({ mobile: '23900239000', amountFen: 0.5 });
  expect(faults.map(({ field }) => field)).toEqual(['/mobile', '/amountFen']);
  expect(JSON.stringify(faults)).not.toContain('23900239000');
});

test.each([[undefined], [null], ['text'], [[]]])('%j is no body', (value) =>
  expect(faultsOf(value).length).toBeGreaterThan(0),
);

test('a text with U+0000 is refused wherever it stands, since no database of ours can store it', () => {
  const open = valid(
    Type.Object({
      note: Type.Optional(Type.String()),
      more: Type.Optional(Type.Array(Type.Object({}))),
    }),
  );
  for (const body of [
    { note: 'a\0b' },
    { more: [{ 'a\0b': 1 }] },
    { more: [{ deep: { text: '\0' } }] },
  ])
    expect(() => open(body)).toThrow('REQUEST_INVALID');
  expect(open({ note: 'a\\u0000b' })).toEqual({ note: 'a\\u0000b' });
});

test('at most ten faults are told', () => {
  const wide = valid(
    Type.Object(
      Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`f${index}`, Type.Integer()])),
    ),
  );
  expect(() => wide({})).toThrow(DomainError);
  try {
    wide({});
  } catch (error) {
    expect((error as DomainError).details['faults']).toHaveLength(10);
  }
});
