import 'reflect-metadata';
import { type Access, route } from '@caretab/contracts';
import type { ExecutionContext } from '@nestjs/common';
import { AccessGuard } from './access.guard';
import { Handles } from './handles';

const operatorKey = 'the-operators-key-of-tests';
const internalToken = 'a-token-for-tests-only';

const of = (access: Access) =>
  route({
    method: 'GET',
    path: '/credit/persons',
    action: `persons.${access}`,
    access,
    summary: '',
    responses: { 204: null },
    problems: [],
  });
class Handlers {
  @Handles(of('anyone'))
  anyone(): void {}
  @Handles(of('hospital'))
  hospital(): void {}
  @Handles(of('reader'))
  reader(): void {}
  @Handles(of('operator'))
  operator(): void {}
  @Handles(of('internal'))
  internal(): void {}
  unbound(): void {}
}

const asked = (
  name: keyof Handlers,
  authorization?: string,
  type: 'http' | 'rpc' = 'http',
): ExecutionContext =>
  ({
    getType: () => type,
    getHandler: () => Handlers.prototype[name],
    switchToHttp: () => ({
      getRequest: () => ({ headers: authorization === undefined ? {} : { authorization } }),
    }),
  }) as unknown as ExecutionContext;

const guard = new AccessGuard({ operatorKey, internalToken });

test('operators and the platform’s own services pass', () => {
  expect(guard.canActivate(asked('operator', `Bearer ${operatorKey}`))).toBe(true);
  expect(guard.canActivate(asked('operator', `Bearer ${internalToken}`))).toBe(true);
});

test.each([
  ['no key', undefined],
  ['another key', 'Bearer the-operators-key-of-testz'],
  ['a part of it', 'Bearer the-operators-key'],
  ['an empty one', 'Bearer '],
  ['one of the same length in other letters', `Bearer ${'é'.repeat(operatorKey.length)}`],
])('%s is refused', (_, authorization) => {
  expect(() => guard.canActivate(asked('operator', authorization))).toThrow(
    expect.objectContaining({ code: 'OPERATOR_KEY_NEEDED', kind: 'forbidden' }),
  );
});

test.each(['anyone', 'hospital', 'reader'] as const)(
  'a route for %s asks for no operator',
  (access) => expect(guard.canActivate(asked(access))).toBe(true),
);

test('an internal route takes the internal token alone, with or without an operator key', () => {
  for (const each of [guard, new AccessGuard({ internalToken })]) {
    expect(each.canActivate(asked('internal', `Bearer ${internalToken}`))).toBe(true);
    for (const given of [undefined, `Bearer ${operatorKey}`, 'Bearer undefined'])
      expect(() => each.canActivate(asked('internal', given))).toThrow(
        expect.objectContaining({ code: 'INTERNAL_TOKEN_NEEDED', kind: 'forbidden' }),
      );
  }
});

test('consumers are no callers, and without an operator key operators’ routes are open', () => {
  expect(guard.canActivate(asked('operator', undefined, 'rpc'))).toBe(true);
  expect(new AccessGuard({ internalToken }).canActivate(asked('operator'))).toBe(true);
});

test('a handler without a route is never reached', () => {
  expect(() => guard.canActivate(asked('unbound'))).toThrow('every handler is bound to a route');
});
