import type { ExecutionContext } from '@nestjs/common';
import { OperatorGuard } from './operator.guard';

const operatorKey = 'the-operators-key-of-tests';
const internalToken = 'a-token-for-tests-only';
const asked = (path: string, authorization?: string, type = 'http'): ExecutionContext =>
  ({
    getType: () => type,
    switchToHttp: () => ({
      getRequest: () => ({ path, headers: authorization === undefined ? {} : { authorization } }),
    }),
  }) as unknown as ExecutionContext;

const guard = new OperatorGuard({ operatorKey, internalToken });

test('operators and the platform’s own services pass', () => {
  expect(guard.canActivate(asked('/credit/persons/p', `Bearer ${operatorKey}`))).toBe(true);
  expect(guard.canActivate(asked('/credit/persons/p', `Bearer ${internalToken}`))).toBe(true);
});

test.each([
  ['no key', undefined],
  ['another key', 'Bearer the-operators-key-of-testz'],
  ['a part of it', 'Bearer the-operators-key'],
  ['an empty one', 'Bearer '],
  ['one of the same length in other letters', `Bearer ${'é'.repeat(operatorKey.length)}`],
])('%s is refused', (_, authorization) => {
  expect(() => guard.canActivate(asked('/credit/persons/p', authorization))).toThrow(
    expect.objectContaining({ code: 'OPERATOR_KEY_NEEDED', kind: 'forbidden' }),
  );
});

test.each(['/health', '/docs', '/docs-json', '/errors', '/v1/visits'])(
  '%s asks for no operator',
  (path) => expect(guard.canActivate(asked(path))).toBe(true),
);

test('consumers are no callers, and without an operator key all routes are open', () => {
  expect(guard.canActivate(asked('', undefined, 'rpc'))).toBe(true);
  expect(new OperatorGuard({ internalToken }).canActivate(asked('/credit/persons/p'))).toBe(true);
});
