import { eventually } from '@caretab/hospital';
import { CONSULTATION, sumFen } from '../catalogue';
import type { Citizen } from '../citizen';
import { machine } from '../machine';
import { World } from '../world';

const world = new World('consents-are-taken-back');

const revokes = ({ personId }: Citizen, ...purposes: readonly string[]) =>
  world.api.ask('POST', `/identity/persons/${personId}/consents/revocation`, {
    ...{ purposes, paper: 'F-17' },
  });

const closes = ({ personId }: Citizen) =>
  world.api.ask('DELETE', `/identity/persons/${personId}/service?paper=F-18`);

test('closing is refused while owing; paid, it ends the consents and the bound account too', async () => {
  const hospital = await world.hospital();
  const citizen = await world.citizen();
  const visit = hospital.visitOf(citizen);
  expect(await visit.opens()).toBe('accepted');
  expect(await visit.charges(CONSULTATION)).toBe('accepted');
  await world.becomes(visit.visitId, { status: 'open', chargesDeferred: 1 });
  const refused = await closes(citizen);
  expect(refused).toMatchObject({ status: 409, body: { code: 'SERVICE_IN_USE' } });
  expect(refused.body.details).toContainEqual({ field: 'heldFen', value: expect.any(Number) });
  expect(await world.lineOf(citizen)).toMatchObject({ enrolment: 'open' });
  expect(await visit.ends()).toBe('accepted');
  await world.becomes(visit.visitId, { status: 'settled', paidFen: sumFen(CONSULTATION) });
  await eventually(async () => expect((await closes(citizen)).status).toBe(204));
  expect(await world.lineOf(citizen)).toMatchObject({ enrolment: 'closed' });
  await eventually(async () => {
    const account = { channel: 'unionpay', token: 'tok-again:ok' };
    const path = `/payment/accounts/${citizen.personId}`;
    const bound = await world.api.ask('PUT', path, account);
    expect(bound).toMatchObject({ status: 409, body: { code: 'MANDATE_REVOKED' } });
  });
  const enrolled = await world.api.ask('POST', '/credit/enrolments', {
    personId: citizen.personId,
  });
  expect(enrolled).toMatchObject({ status: 409, body: { code: 'CONSENT_REVOKED' } });
});

/** As the citizen asks by their own sign-in. */
const ownOf = async ({ personId }: Citizen, name: string) => {
  const { token } = await machine(world, name, [{ kind: 'Citizen', person: personId }]);
  return async (method: 'POST' | 'DELETE', path: string, body?: object) => {
    const authorization = `Bearer ${(await token()).body.access_token}`;
    return world.api.askAs({ authorization }, method, path, body);
  };
};

test('who owes cannot close by themselves; paid they can, and the bound account is gone for good', async () => {
  const hospital = await world.hospital();
  const citizen = await world.citizen({ bank: 'declined' });
  const { personId } = citizen;
  const own = await ownOf(citizen, 'closes-by-themselves');
  const path = `/identity/persons/${personId}/service`;
  const dueFen = sumFen(CONSULTATION);
  const visit = hospital.visitOf(citizen);
  expect(await visit.opens()).toBe('accepted');
  expect(await visit.charges(CONSULTATION)).toBe('accepted');
  expect(await visit.ends()).toBe('accepted');
  await eventually(async () =>
    expect(await world.lineOf(citizen)).toMatchObject({ heldFen: 0, outstandingFen: dueFen }),
  );
  const refused = await own('DELETE', path);
  expect(refused).toMatchObject({ status: 409, body: { code: 'SERVICE_IN_USE' } });
  expect(refused.body.details).toContainEqual({ field: 'outstandingFen', value: dueFen });
  await world.api.done('POST', `/payment/visits/${visit.visitId}/pay`, {
    ...{ channel: 'unionpay', token: 'tok-by-themselves:ok' },
  });
  await world.becomes(visit.visitId, { status: 'settled', paidFen: dueFen });
  await eventually(async () => expect((await own('DELETE', path)).status).toBe(204));
  expect(await world.lineOf(citizen)).toMatchObject({ enrolment: 'closed' });

  // Who agrees again has no bound account: what it paid from before is not kept.
  const { texts } = await world.api.get<any>(`/identity/persons/${personId}/consents`);
  const consents = texts
    .filter(({ language, purpose }: any) => language === 'zh' && purpose !== 'bank')
    .map(({ purpose, hash }: any) => ({ purpose, hash }));
  const agreed = await own('POST', `/identity/persons/${personId}/consents`, { consents });
  expect(agreed.status).toBe(204);
  await eventually(async () =>
    expect((await world.api.ask('POST', '/credit/enrolments', { personId })).status).toBe(201),
  );
  const next = hospital.visitOf(citizen);
  expect(await next.opens()).toBe('accepted');
  expect(await next.charges(CONSULTATION)).toBe('accepted');
  expect(await next.ends()).toBe('accepted');
  await eventually(async () =>
    expect(await world.paymentOf(next.visitId)).toMatchObject({
      ...{ status: 'declined', declineReason: 'NO_BOUND_ACCOUNT', orders: [] },
    }),
  );
});

test('without the mandate nothing is debited; without the service’s consent no visit is on the tab', async () => {
  const hospital = await world.hospital();
  const citizen = await world.citizen();
  const visit = hospital.visitOf(citizen);
  expect(await visit.opens()).toBe('accepted');
  expect(await visit.charges(CONSULTATION)).toBe('accepted');
  // What is on the tab stays there; what credit answers after the revocation would not be.
  await world.becomes(visit.visitId, { chargesDeferred: 1 });
  expect((await revokes(citizen, 'service')).status).toBe(204);
  await eventually(async () =>
    expect(await world.lineOf(citizen)).toMatchObject({ enrolment: 'ending' }),
  );
  const next = hospital.visitOf(citizen);
  expect(await next.opens()).toBe('accepted');
  await eventually(async () =>
    expect((await world.historyOf(next.visitId)).map(({ type }) => type)).toContain(
      'CreditDeclined',
    ),
  );
  // Payment reads of the revocation by itself.
  await eventually(async () =>
    expect(await world.api.get(`/payment/accounts/${citizen.personId}`)).toMatchObject({
      ...{ account: null, mandateRevoked: true },
    }),
  );
  expect(await visit.ends()).toBe('accepted');
  await eventually(async () =>
    expect(await world.paymentOf(visit.visitId)).toMatchObject({
      status: 'declined',
      declineReason: 'NO_BOUND_ACCOUNT',
      owedFen: sumFen(CONSULTATION),
    }),
  );
  // The citizen pays by themselves, and then the service is closed.
  await world.api.done('POST', `/payment/visits/${visit.visitId}/pay`, {
    ...{ channel: 'unionpay', token: 'tok-myself:ok' },
  });
  await world.becomes(visit.visitId, { status: 'settled', paidFen: sumFen(CONSULTATION) });
  const { consents } = await world.api.get<any>(`/identity/persons/${citizen.personId}/consents`);
  expect(consents).toHaveLength(5);
  expect(consents[0]).toMatchObject({ given: false, evidence: 'paper F-17' });
});
