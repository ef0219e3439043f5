import 'reflect-metadata';
import type { Subject } from '@caretab/access';
import { route, type Whose } from '@caretab/contracts';
import type { ExecutionContext } from '@nestjs/common';
import { AccessGuard } from './access.guard';
import { admittedOf } from './admitted';
import { Callers } from './callers';
import { Handles } from './handles';
import { OperatorKey } from './operator-key';
import { twinServices, twinTokensOf } from './twin-tokens';

const operatorKey = 'the-operators-key-of-tests';

const of = (action: `${string}.${string}`, whose: Whose) =>
  route({
    ...{ method: 'GET', path: '/credit/persons', action, whose, summary: '' },
    ...{ responses: { 204: null }, problems: [] },
  });
class Handlers {
  @Handles(of('health.read', 'public'))
  open(): void {}
  @Handles(of('clearings.make', 'platform'))
  finance(): void {}
  @Handles(of('persons.contact', { person: 'params.personId' }))
  internal(): void {}
  @Handles(of('claims.read', 'scoped'))
  scoped(): void {}
  @Handles(of('institution-days.read', { institution: 'params.institutionId' }))
  day(): void {}
  @Handles(of('ledger-visits.read', { visit: 'query.visitId' }))
  visit(): void {}
  @Handles(of('clearings.forget', 'platform'))
  unknown(): void {}
  unbound(): void {}
}

const hospital: Subject = {
  id: 'hospital/HZ001',
  roles: [{ kind: 'HospitalSystem', institution: 'HZ001' }],
  hasSecondFactor: false,
};
const callersOf = (keys: { operatorKey?: string }): Callers =>
  new Callers()
    .add(new OperatorKey(keys.operatorKey))
    .add(twinServices(['identity']))
    .add({
      subjectOf: ({ authorization }) =>
        Promise.resolve(authorization === 'Bearer hospital' ? hospital : undefined),
    });

interface Sent {
  readonly key?: string;
  readonly params?: object;
  readonly query?: object;
}
const asked = (name: keyof Handlers, { key, ...request }: Sent = {}) => {
  const sent = { headers: key === undefined ? {} : { authorization: `Bearer ${key}` }, ...request };
  const context = {
    getType: () => 'http',
    getHandler: () => Handlers.prototype[name],
    switchToHttp: () => ({ getRequest: () => sent }),
  } as unknown as ExecutionContext;
  return { sent, context };
};
const answerOf = async (
  name: keyof Handlers,
  sent: Sent = {},
  keys: { operatorKey?: string } = { operatorKey },
): Promise<unknown> => {
  try {
    return await new AccessGuard(callersOf(keys)).canActivate(asked(name, sent).context);
  } catch (error) {
    return (error as { code?: string }).code ?? error;
  }
};

test('the holder of the operator key passes as the platform’s offices, and as no service', async () => {
  expect(await answerOf('finance', { key: operatorKey })).toBe(true);
  expect(await answerOf('internal', { key: operatorKey })).toBe('ACCESS_FORBIDDEN');
});

const keyOf = (service: string): string =>
  twinTokensOf(service).authorization('identity').slice('Bearer '.length);

test('a service asks the questions that are its own, and is no other service, and no operator', async () => {
  expect(await answerOf('internal', { key: keyOf('notification') })).toBe(true);
  expect(await answerOf('internal', { key: keyOf('gateway') })).toBe('ACCESS_FORBIDDEN');
  expect(await answerOf('finance', { key: keyOf('notification') })).toBe('ACCESS_FORBIDDEN');
});

test.each([
  ['no key', undefined],
  ['another key', 'the-operators-key-of-testz'],
  ['a part of it', 'the-operators-key'],
  ['an empty one', ''],
  ['one of the same length in other letters', 'é'.repeat(operatorKey.length)],
])('%s is no credential', async (_, key) => {
  expect(await answerOf('finance', key === undefined ? {} : { key })).toBe('UNAUTHENTICATED');
});

test('what is public asks for no credential, and a wrong one does not matter', async () => {
  expect(await answerOf('open')).toBe(true);
  expect(await answerOf('open', { key: 'wrong' })).toBe(true);
});

test('a hospital does to its own what the policies permit, and nothing to another’s', async () => {
  const day = (institutionId: unknown) =>
    answerOf('day', { key: 'hospital', params: { institutionId } });
  expect(await day('HZ001')).toBe(true);
  expect(await day('HZ002')).toBe('ACCESS_FORBIDDEN');
  expect(await day(['HZ001'])).toBe('ACCESS_FORBIDDEN');
  expect(await answerOf('finance', { key: 'hospital' })).toBe('ACCESS_FORBIDDEN');
});

test('a visit is of the institution that its id begins with', async () => {
  const visit = (visitId: string) => answerOf('visit', { key: 'hospital', query: { visitId } });
  expect(await visit('HZ001-V1')).toBe(true);
  expect(await visit('HZ0011-V1')).toBe('ACCESS_FORBIDDEN');
  expect(await visit('V1')).toBe('ACCESS_FORBIDDEN');
});

test('where only rows say whose a thing is, the handler is given the caller’s scopes', async () => {
  const guard = new AccessGuard(callersOf({ operatorKey }));
  for (const [key, scopes] of [
    ['hospital', [{ institution: 'HZ001' }]],
    [operatorKey, [{}]],
  ] as const) {
    const { context, sent } = asked('scoped', { key });
    await guard.canActivate(context);
    expect(admittedOf(sent)).toMatchObject({ scopes });
  }
});

test('where the request says whose a thing is, the handler is given that one’s rows alone', async () => {
  const guard = new AccessGuard(callersOf({ operatorKey }));
  for (const [key, scopes] of [
    ['hospital', [{ institution: 'HZ001' }]],
    [operatorKey, [{}]],
  ] as const) {
    const { context, sent } = asked('visit', { key, query: { visitId: 'HZ001-V1' } });
    await guard.canActivate(context);
    expect(admittedOf(sent)?.scopes).toEqual(scopes);
  }
});

test('without an operator key who sends no credential is the operator, and no one else is', async () => {
  expect(await answerOf('finance', {}, {})).toBe(true);
  expect(await answerOf('finance', { key: 'hospital' }, {})).toBe('ACCESS_FORBIDDEN');
  expect(await answerOf('finance', { key: 'wrong' }, {})).toBe('UNAUTHENTICATED');
  expect(await answerOf('internal', {}, {})).toBe('UNAUTHENTICATED');
});

test('an action that no policy knows is denied to everyone', async () => {
  expect(await answerOf('unknown', { key: operatorKey })).toBe('ACCESS_FORBIDDEN');
});

test('consumers are no callers, and a handler without a route is never reached', async () => {
  const guard = new AccessGuard(callersOf({ operatorKey }));
  expect(guard.canActivate({ getType: () => 'rpc' } as ExecutionContext)).toBe(true);
  expect(() => guard.canActivate(asked('unbound').context)).toThrow(
    'every handler is bound to a route',
  );
});
