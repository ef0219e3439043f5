import 'reflect-metadata';
import type { Subject } from '@caretab/access';
import { type Route, route } from '@caretab/contracts';
import { fixedClock } from '@caretab/doubles';
import { DomainError } from '@caretab/kernel';
import { MemoryStore } from '@caretab/store';
import type { ExecutionContext } from '@nestjs/common';
import { looked, recordsOn } from '../../test/access-records.suite';
import { AccessGuard } from '../access.guard';
import { admit } from '../admitted';
import { Callers } from '../callers';
import { Handles } from '../handles';
import { AccessLog } from './access-log';
import { concerning } from './concerning';
import { type AccessRecords, AccessRecordsByService } from './access-records';

const at = { summary: '', problems: [], responses: { 204: null } } as const;
const read = route({
  ...at,
  ...{ method: 'GET', path: '/credit/accounts/{personId}', action: 'credit-accounts.read' },
  whose: { person: 'params.personId' },
});
const claim = route({
  ...at,
  ...{ method: 'GET', path: '/adjudication/claims/{visitId}', action: 'claims.read' },
  whose: 'scoped',
});
const freeze = route({
  ...at,
  ...{
    method: 'PUT',
    path: '/credit/accounts/{personId}/freeze',
    action: 'credit-accounts.freeze',
  },
  whose: { person: 'params.personId' },
});
const register = route({
  ...at,
  ...{ method: 'POST', path: '/identity/persons', action: 'persons.register', whose: 'platform' },
});
const charge = route({
  ...at,
  ...{ method: 'POST', path: '/v1/visits/{visitId}/charges', action: 'charges.post' },
  ...{ whose: 'scoped', unrecorded: true },
});

const desk: Subject = {
  id: 'desk-7',
  roles: [{ kind: 'Desk', institution: 'HZ001' }],
  hasSecondFactor: false,
};
const clock = fixedClock('2026-03-02T08:00:00Z');
let store: MemoryStore;
let records: AccessRecords;
let log: AccessLog;
beforeEach(() => {
  store = new MemoryStore();
  records = recordsOn(store, clock);
  const services = ['credit', 'identity', 'adjudication', 'gateway'];
  const trace = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  log = new AccessLog(
    new AccessRecordsByService(services.map((service) => [service, records])),
    () => trace,
  );
});

const requestOf = (params: object, subject: Subject = desk, more: object = {}) => {
  const request = {
    ...{ headers: { purpose: 'TREAT' }, params, socket: { remoteAddress: '10.1.2.3' } },
    ...more,
  };
  admit(request, { subject, scopes: [], policyIds: ['desk-persons'] });
  return request;
};
const kept = async () => (await records.list({})).records;

test('a read is recorded before its answer goes out: who, what, whose, from where, why', async () => {
  const request = requestOf({ personId: 'p-1' });
  const answer = await log.around(read, request, async () => {
    expect(await kept()).toEqual([]);
    return { personId: 'p-1', name: '郑十' };
  });
  expect(answer).toMatchObject({ name: '郑十' });
  const [record, ...more] = await kept();
  expect(more).toEqual([]);
  expect(record).toMatchObject({
    ...{ subject: 'desk-7', roles: 'Desk(institution=HZ001)', action: 'credit-accounts.read' },
    ...{ person: 'p-1', outcome: 'allowed', policies: 'desk-persons', purpose: 'TREAT' },
    ...{ address: '10.1.2.3', trace: 'a'.repeat(32), times: 1, through: null },
  });
  expect(JSON.stringify(record)).not.toContain('郑十');
});

test('where only the answer says whose it was, each of them is in a record', async () => {
  await log.around(claim, requestOf({ visitId: 'HZ001-V1' }), async () => ({
    ...{ visitId: 'HZ001-V1', personId: 'p-2' },
    others: [{ personId: 'p-1' }, { personId: 'p-2' }],
  }));
  expect((await kept()).map(({ person, thing }) => [person, thing])).toEqual([
    ['p-2', 'HZ001-V1'],
    ['p-1', 'HZ001-V1'],
  ]);
});

const resolve = route({
  ...at,
  ...{ method: 'POST', path: '/identity/persons/resolve', action: 'persons.resolve-credential' },
  ...{ whose: 'platform', asks: true, look: 'here' },
});

test('a question by POST is recorded once, as a read is: with whom it found, or as not found', async () => {
  const request = requestOf({}, desk, { body: { type: 'id-number', value: '330106198008099954' } });
  await log.around(resolve, request, async () => {
    expect(await kept()).toEqual([]);
    return { personId: 'p-4' };
  });
  const missing = log.around(resolve, request, () => Promise.reject(new Error('unknown')));
  await expect(missing).rejects.toThrow('unknown');
  const all = await kept();
  expect(all.map(({ person }) => person)).toEqual([null, 'p-4']);
  expect(JSON.stringify(all)).not.toContain('330106198008099954');
});

test('a person sees a lookup where it was made, and once; what else a service asked for others, there', async () => {
  const through = 'gateway';
  await records.record(
    { ...looked('hospital/HZ001'), action: 'persons.resolve' },
    { ...looked('hospital/HZ001'), action: 'persons.resolve-credential', through },
    { ...looked('hospital/HZ001'), action: 'ledger-visits.history', through },
    ...Array.from({ length: 120 }, () => ({
      ...looked('hospital/HZ001'),
      ...{ action: 'ledger-visits.read', through },
    })),
  );
  const { records: looks, next } = await records.looksAt('identity', 'p-1');
  expect(looks.map(({ action }) => action)).toEqual(['persons.resolve-credential']);
  expect(next).toBeUndefined();
});

test('a handler names whose an answer is that says it nowhere, and the answer stays as it is', async () => {
  const answer = await log.around(claim, requestOf({ visitId: 'HZ001-V1' }), async () =>
    concerning(['p-3'], { visitId: 'HZ001-V1' }),
  );
  expect(answer).toEqual({ visitId: 'HZ001-V1' });
  expect((await kept()).map(({ person, thing }) => [person, thing])).toEqual([['p-3', 'HZ001-V1']]);
});

test('what is not found is recorded too', async () => {
  const missing = log.around(claim, requestOf({ visitId: 'HZ001-V1' }), () =>
    Promise.reject(new Error('unknown')),
  );
  await expect(missing).rejects.toThrow('unknown');
  expect(await kept()).toMatchObject([{ thing: 'HZ001-V1', person: null }]);
});

test('a change is recorded before it is made, with its approval', async () => {
  const request = requestOf({ personId: 'p-1' });
  admit(request, {
    ...{ subject: desk, scopes: [], policyIds: ['it'] },
    ...{ approval: 'a-1', approvedBy: 'ben' },
  });
  await log.around(freeze, request, async () =>
    expect(await kept()).toMatchObject([{ approval: 'a-1', approvedBy: 'ben', person: 'p-1' }]),
  );
});

test('who is registered is known only with the answer, and is in a record of its own', async () => {
  await log.around(register, requestOf({}), async () => ({ personId: 'p-9' }));
  expect((await kept()).map(({ person }) => person)).toEqual(['p-9', null]);
});

test('what cannot be recorded is neither shown nor done', async () => {
  jest.spyOn(store, 'transact').mockRejectedValue(new Error('the disk is gone'));
  let done = 0;
  const run = async () => ((done += 1), { personId: 'p-1' });
  const refused = { code: 'ACCESS_NOT_RECORDED', kind: 'unavailable' };
  const shown = log.around(read, requestOf({ personId: 'p-1' }), run);
  await expect(shown).rejects.toMatchObject(refused);
  expect(done).toBe(1);
  const changed = log.around(freeze, requestOf({ personId: 'p-1' }), run);
  await expect(changed).rejects.toMatchObject(refused);
  expect(done).toBe(1);
});

test('who signs in is recorded, and who is refused as whom they said they are', async () => {
  const token = route({
    ...at,
    ...{ method: 'POST', path: '/identity/token', action: 'tokens.issue', whose: 'public' },
    signsIn: true,
  });
  const claims = Buffer.from(JSON.stringify({ sub: 'desk-7', roles: desk.roles }));
  const request = (username: string) => ({
    ...{ headers: {}, socket: { remoteAddress: '10.1.2.3' } },
    body: { grant_type: 'password', username, password: 'a-secret', otp: '123456' },
  });
  expect(log.watches(token, request('desk-7'))).toBe(true);
  const signedIn = { access_token: `h.${claims.toString('base64url')}.s` };
  await log.around(token, request('desk-7'), async () => signedIn);
  const refusal = new DomainError('SIGN_IN_REFUSED', 'unauthenticated');
  for (const said of ['desk-8', 'My Password 1'])
    await expect(
      log.around(token, request(said), () => Promise.reject(refusal)),
    ).rejects.toMatchObject({ code: 'SIGN_IN_REFUSED' });
  await records.drain();
  const all = await kept();
  expect(all.map(({ subject, outcome, thing }) => [subject, outcome, thing])).toEqual([
    ['unknown', 'refused', 'password'],
    ['desk-8', 'refused', 'password'],
    ['desk-7', 'allowed', 'password'],
  ]);
  expect(JSON.stringify(all)).not.toMatch(/secret|Password 1|123456/);
});

test('hospitals’ charges and questions of services for themselves leave none', () => {
  const hospital: Subject = {
    ...{ id: 'hospital/HZ001', hasSecondFactor: false },
    roles: [{ kind: 'HospitalSystem', institution: 'HZ001' }],
  };
  const service: Subject = {
    ...{ id: 'service/payment', hasSecondFactor: false },
    roles: [{ kind: 'Service', service: 'payment' }],
  };
  const watched = (about: Route, subject: Subject) => log.watches(about, requestOf({}, subject));
  expect(watched(charge, hospital)).toBe(false);
  expect(watched(read, service)).toBe(false);
  expect(watched(read, hospital)).toBe(true);
  expect(log.watches(read, { headers: {} })).toBe(false);
});

test('the guard has refusals recorded, with who asked where that is known', async () => {
  class Handlers {
    @Handles(freeze)
    freeze(): void {}
  }
  const callers = new Callers().add({
    subjectOf: ({ authorization }) => (authorization === 'Bearer desk' ? desk : undefined),
  });
  const guard = new AccessGuard(callers, (...refused) => log.refused(...refused));
  for (const authorization of ['Bearer desk', 'Bearer stranger', undefined]) {
    const request = { headers: { authorization }, params: { personId: '330106198008099954' } };
    const context = {
      ...{ getType: () => 'http', getHandler: () => Handlers.prototype.freeze },
      switchToHttp: () => ({ getRequest: () => request }),
    } as unknown as ExecutionContext;
    await expect(async () => guard.canActivate(context)).rejects.toMatchObject({
      code: authorization === 'Bearer desk' ? 'ACCESS_FORBIDDEN' : 'UNAUTHENTICATED',
    });
  }
  await records.drain();
  expect(await kept()).toMatchObject([
    { subject: 'unknown', outcome: 'refused', person: '[masked]' },
    { subject: 'desk-7', outcome: 'refused', person: '[masked]', policies: '' },
  ]);
});
