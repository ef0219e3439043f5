import { type Answer, approvalIdOf, eventually } from '@caretab/hospital';
import { CONSULTATION } from '../catalogue';
import { serviceToken } from '../service-token';
import { World } from '../world';

const world = new World('person-is-erased');

const erasurePath = (personId: string): string => `/identity/persons/${personId}/erasure`;

/** Asks for it, and waits until every service has destroyed what it had. */
const erase = async (personId: string): Promise<any> => {
  expect(
    (await world.api.approved('DELETE', `/identity/persons/${personId}/personal-data`)).status,
  ).toBe(202);
  return eventually(async () => {
    const receipt = await world.api.get<any>(erasurePath(personId));
    expect(receipt).toMatchObject({ status: 'done', waitsFor: [] });
    return receipt;
  });
};
const obstaclesTo = async (personId: string): Promise<string[]> => {
  const { status, body } = await world.api.ask(
    'DELETE',
    `/identity/persons/${personId}/personal-data`,
  );
  expect([status, body.code]).toEqual([409, 'ERASURE_REFUSED']);
  for (const { why, remedy } of body.details) expect(why && remedy).toBeTruthy();
  return body.details.map(({ field }: { field: string }) => field);
};

test('what was refused of a person is gone from the quarantine with the person’s data', async () => {
  const institutionId = 'ERASURE1';
  const { apiKey } = await world.api.done('PUT', `/identity/institutions/${institutionId}`, {
    name: 'Hospital of the erasure',
    level: 'level-2',
  });
  const { personId, idNumber } = await world.citizen({ enrolled: false });
  const refused = await world.api.ask(
    'POST',
    '/v1/visits',
    {
      visitNumber: 'E1',
      visitClass: 'no such class',
      credential: { type: 'id-number', value: idNumber },
      startedAt: '2026-03-02T09:00:00+08:00',
    },
    { authorization: `Bearer ${apiKey}`, 'idempotency-key': 'erasure-1-start' },
  );
  expect(refused.status).toBe(400);
  const [entry] = await world.api.get<any[]>(`/gateway/quarantine?institutionId=${institutionId}`);
  const path = `/gateway/quarantine/${entry.id}`;
  expect((await world.api.get(path)).message).toContain(idNumber);
  await erase(personId);
  await eventually(async () =>
    expect(await world.api.ask('GET', path)).toMatchObject({
      status: 409,
      body: { code: 'RAW_FORGOTTEN' },
    }),
  );
  expect(
    await world.api.get<any[]>(
      `/gateway/quarantine?institutionId=${institutionId}&status=discarded`,
    ),
  ).toMatchObject([{ id: entry.id, why: 'personal data destroyed' }]);
});

/** Tables of the gateway that need not have rows of everyone. */
const NOT_ALWAYS = ['quarantine', 'parked', 'merged_number', 'presented_person'];

test('a debtor is not erased; who has paid is, and comes back as the same person', async () => {
  const hospital = await world.hospital();
  const citizen = await world.citizen({ score: 560, bank: 'declined' });
  const { personId } = citizen;
  const visit = hospital.visitOf(citizen);
  await visit.opens();
  await visit.charges(CONSULTATION);
  await world.becomes(visit.visitId, { chargesDeferred: 1 });
  expect(await obstaclesTo(personId)).toEqual(['visits', 'holds']);
  await visit.ends();
  await eventually(async () =>
    expect(await world.lineOf(citizen)).toMatchObject({ frozenReason: 'PAYMENT_MISSED' }),
  );
  await eventually(async () => expect(await obstaclesTo(personId)).toEqual(['debts']));
  await world.api.done('POST', `/payment/visits/${encodeURIComponent(visit.visitId)}/pay`, {
    channel: 'unionpay',
    token: 'another:ok',
  });
  await world.becomes(visit.visitId, { status: 'settled' });
  await eventually(async () =>
    expect(await world.lineOf(citizen)).toMatchObject({ outstandingFen: 0, frozenReason: null }),
  );
  await world.api.done('PUT', `/credit/accounts/${personId}/freeze`, { reason: 'BLACKLISTED' });

  const receipt = await eventually(() => erase(personId));
  expect(receipt).toMatchObject({ closingNotice: 'sent' });
  expect(receipt.destroyed).toEqual(
    expect.arrayContaining([
      { service: 'identity', table: 'person_key', rows: 1 },
      { service: 'payment', table: 'bound_account', rows: 1 },
      { service: 'notification', table: 'preference', rows: 1 },
    ]),
  );
  for (const { service, table, rows } of receipt.destroyed)
    if (service === 'gateway' && !NOT_ALWAYS.includes(table)) expect(rows).toBeGreaterThan(0);
  expect(receipt.kept.map(({ service }: { service: string }) => service)).toContain('visit-ledger');
  const closing = world.mailsTo(citizen).filter(({ source }) => source.includes('being erased'));
  expect(closing).toHaveLength(1);
  expect(await world.lineOf(citizen)).toMatchObject({ enrolment: 'closed' });
  const enrolled = await world.api.ask('POST', '/credit/enrolments', { personId });
  expect(enrolled.body.code).toBe('PERSON_UNKNOWN');

  const { name, idNumber, mobile } = citizen;
  const again = await world.api.ask('POST', '/identity/persons', { name, idNumber, mobile });
  expect([again.status, again.body]).toEqual([201, { personId }]);
  await eventually(async () =>
    expect((await world.api.ask('POST', '/credit/enrolments', { personId })).status).toBe(201),
  );
  expect(await world.lineOf(citizen)).toMatchObject({
    lineFen: 100_000,
    frozenReason: 'BLACKLISTED',
  });
});

test('a guardian is erased only after another one was appointed', async () => {
  const guardian = await world.citizen();
  const other = await world.citizen();
  const child = await world.citizen({ born: 2016, guardian });
  expect(await obstaclesTo(guardian.personId)).toEqual(['wards']);
  await world.api.doneByTwo('PUT', `/identity/persons/${child.personId}/guardian`, {
    guardianId: other.personId,
    relation: '5',
    replaces: guardian.personId,
    evidence: { kind: 'agreement', reference: 'A-1' },
  });
  await eventually(() => erase(guardian.personId));
});

test('one person alone erases no one, whatever they try; two do, once', async () => {
  const [citizen, other] = [await world.citizen(), await world.citizen()];
  const [path, otherPath] = [citizen, other].map(
    ({ personId }) => `/identity/persons/${personId}/personal-data`,
  );
  const people = await world.api.secondPeople();
  const [office, officer] = await Promise.all(
    people.people.map((person) => people.authorizationOf(person)),
  );
  const as = (authorization: string, method: string, at: string, body?: unknown, approval = '') =>
    world.api.askAs(
      { authorization, ...(approval !== '' && { approval }) },
      ...([method, at, body] as const),
    );
  const codeOf = async (asked: Promise<Answer>): Promise<string | number> => {
    const { status, body } = await asked;
    return (body as { code?: string } | undefined)?.code ?? status;
  };
  const operator = `Bearer ${world.operatorKey}`;
  const give = (authorization: string, id: string): Promise<string | number> =>
    codeOf(as(authorization, 'POST', `/identity/approvals/${id}`, { decision: 'give' }));

  const id = approvalIdOf(await as(operator, 'DELETE', path!))!;
  expect(approvalIdOf(await as(operator, 'DELETE', path!))).toBe(id);
  const erase = (by = operator, at = path!): Promise<string | number> =>
    codeOf(as(by, 'DELETE', at, undefined, id));
  expect(await erase()).toBe('APPROVAL_NOT_GIVEN');
  expect(await give(operator, id)).toBe('SECOND_FACTOR_NEEDED');
  expect(await give(office!, id)).toBe('ACCESS_FORBIDDEN');
  const keys = world.secret('BUS_SIGNING_KEYS');
  const service = serviceToken(keys, { service: 'gateway', asked: 'identity' });
  expect(await give(`Bearer ${service}`, id)).toBe('ACCESS_FORBIDDEN');
  const own = approvalIdOf(await as(officer!, 'DELETE', otherPath!))!;
  expect(await give(officer!, own)).toBe('APPROVAL_SAME_SUBJECT');
  expect(await erase()).toBe('APPROVAL_NOT_GIVEN');

  expect(await give(officer!, id)).toBe(200);
  expect(await erase(operator, otherPath!)).toBe('APPROVAL_DIFFERS');
  expect(await erase(officer!)).toBe('APPROVAL_DIFFERS');
  const answers = await Promise.all(Array.from({ length: 8 }, () => erase()));
  expect(answers.filter((answer) => answer === 202)).toHaveLength(1);
  expect(new Set(answers)).toEqual(new Set([202, 'APPROVAL_USED']));
  expect((await world.api.ask('GET', erasurePath(other.personId))).body.code).toBe(
    'ERASURE_UNKNOWN',
  );
});
