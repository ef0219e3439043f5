import { assert, DomainError, type ErrorCode, InvariantViolation } from '.';

/** A code of these tests alone. */
const inventedCode = (code: string): ErrorCode => code as ErrorCode;

test('a domain error says its code, its kind and its details', () => {
  const error = new DomainError('VISIT_UNKNOWN', 'not-found', { visitId: 'HZ001-V1' });
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({
    name: 'DomainError',
    code: 'VISIT_UNKNOWN',
    kind: 'not-found',
    details: { visitId: 'HZ001-V1' },
    message: 'VISIT_UNKNOWN {"visitId":"HZ001-V1"}',
  });
  expect(new DomainError(inventedCode('A'), 'invalid').details).toEqual({});
});

test('an invariant that holds lets the work go on, a broken one stops it with its sentence', () => {
  expect(() => assert(1, 'one is true')).not.toThrow();
  expect(() => assert(0, 'debits equal credits')).toThrow(
    new InvariantViolation('debits equal credits'),
  );
  expect(new InvariantViolation('x')).not.toBeInstanceOf(DomainError);
});
