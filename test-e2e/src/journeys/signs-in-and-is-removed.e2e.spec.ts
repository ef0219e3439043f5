import { eventually } from '@caretab/hospital';
import { jwt, machine, part } from '../machine';
import { World } from '../world';

const world = new World('signs-in-and-is-removed');

const asked = async (token: string, path: string): Promise<string> => {
  const { status, body } = await world.api.askAs({ authorization: `Bearer ${token}` }, 'GET', path);
  return `${status} ${body.code ?? ''}`.trim();
};

const BOOK = '/visit-ledger/trial-balance';
const PARKED = '/credit/parked';

test('a machine reads what its role may, until it is removed', async () => {
  const { token } = await machine(world, 'e2e-book-keeper', [{ kind: 'Finance' }]);
  const { access_token, expires_in } = (await token()).body;
  expect(expires_in).toBe(300);
  expect(await asked(access_token, BOOK)).toBe('200');
  expect(await asked(access_token, PARKED)).toBe('403 ACCESS_FORBIDDEN');
  await world.api.done('DELETE', '/identity/subjects/e2e-book-keeper');
  await eventually(async () => expect(await asked(access_token, BOOK)).toBe('401 UNAUTHENTICATED'));
  expect((await token()).status).toBe(401);
});

test('who looks at a person is recorded, for the audit administrator alone', async () => {
  const { personId } = await world.citizen();
  await world.api.get(`/identity/persons/${personId}`);
  await world.api.get(`/credit/accounts/${personId}`);
  const auditor = await machine(world, 'e2e-auditor', [{ kind: 'AuditAdmin' }]);
  const security = await machine(world, 'e2e-security', [{ kind: 'SecurityAdmin' }]);
  const { access_token } = (await auditor.token()).body;
  const records = async (service: string) => {
    const { body } = await world.api.askAs(
      { authorization: `Bearer ${access_token}`, purpose: 'audit' },
      ...(['GET', `/${service}/access-records?person=${personId}`] as const),
    );
    return body.records as readonly Readonly<Record<string, unknown>>[];
  };
  expect((await records('identity')).map(({ action }) => action)).toEqual([
    'persons.read',
    'persons.register',
  ]);
  const [read] = await records('credit');
  expect(read).toMatchObject({
    ...{ action: 'credit-accounts.read', subject: 'operator', outcome: 'allowed' },
    person: personId,
  });
  const path = '/identity/access-records';
  const signIns = await world.api.get(`${path}?subject=e2e-auditor&action=tokens.issue`);
  expect(signIns.records).toMatchObject([{ outcome: 'allowed', thing: 'client_credentials' }]);
  expect(await asked((await security.token()).body.access_token, path)).toBe(
    '403 ACCESS_FORBIDDEN',
  );
  // A refusal shows nothing: its answer does not wait for its record.
  await eventually(async () => {
    const { body } = await world.api.askAs(
      { authorization: `Bearer ${access_token}` },
      ...(['GET', `${path}?subject=e2e-security`] as const),
    );
    expect(body.records).toMatchObject([
      { action: 'access-records.list', outcome: 'refused' },
      { action: 'tokens.issue', outcome: 'allowed', roles: 'SecurityAdmin' },
    ]);
  });
});

test('a citizen sees which office looked at theirs, and no one else sees it', async () => {
  const { personId } = await world.citizen();
  const other = await world.citizen();
  const desk = await machine(world, 'e2e-desk', [{ kind: 'Desk', institution: 'HZE2E' }]);
  const citizen = await machine(world, 'e2e-citizen', [{ kind: 'Citizen', person: personId }]);
  const as = async (who: typeof desk, path: string) => {
    const { access_token } = (await who.token()).body;
    return world.api.askAs({ authorization: `Bearer ${access_token}` }, 'GET', path);
  };
  await as(desk, `/credit/accounts/${personId}`);
  await as(desk, `/adjudication/memberships/${personId}`);
  await as(citizen, `/v1/persons/${personId}/visits`);
  const { body } = await as(citizen, `/v1/persons/${personId}/access-records`);
  const by = [{ kind: 'Desk', institution: 'HZE2E' }];
  expect(body.records.slice(0, 3)).toMatchObject([
    { action: 'visits.list', by: [{ kind: 'Citizen' }] },
    { action: 'memberships.read', by },
    { action: 'credit-accounts.read', by, outcome: 'allowed', approved: false },
  ]);
  expect(body.missing).toEqual([]);
  expect(JSON.stringify(body)).not.toContain('e2e-desk');
  const path = `/v1/persons/${other.personId}/access-records`;
  expect(await as(citizen, path)).toMatchObject({ status: 403 });
  expect(await as(desk, path)).toMatchObject({ status: 403 });
});

test('a citizen sees which hospital looked for them by their credential, by HTTP and HL7, once each', async () => {
  const citizen = await world.citizen();
  const [http, hl7] = [await world.hospital({ door: 'http' }), await world.hospital()];
  const credential = { type: 'id-number', value: citizen.idNumber };
  expect((await http.posts('/v1/persons/resolve', credential)).status).toBe(200);
  await hl7.visitOf(citizen).opens();
  const { personId } = citizen;
  const client = await machine(world, 'e2e-seeker', [{ kind: 'Citizen', person: personId }]);
  const { access_token } = (await client.token()).body;
  const path = `/v1/persons/${personId}/access-records`;
  const { body } = await world.api.askAs({ authorization: `Bearer ${access_token}` }, 'GET', path);
  const lookups = (body.records as { action: string; by: object }[]).filter(({ action }) =>
    action.startsWith('persons.resolve'),
  );
  expect(lookups).toMatchObject(
    [hl7, http].map(({ institutionId: institution }) => ({
      ...{ action: 'persons.resolve-credential', outcome: 'allowed' },
      by: [{ kind: 'HospitalSystem', institution }],
    })),
  );
  expect(JSON.stringify(body)).not.toContain(citizen.idNumber);
});

test('what no issuer signed is believed by no one', async () => {
  const { token, privateKey } = await machine(world, 'e2e-forger', [{ kind: 'Desk' }]);
  const good = (await token()).body.access_token as string;
  const [header, claims, signature] = good.split('.') as [string, string, string];
  const read = (text: string): object => JSON.parse(Buffer.from(text, 'base64url').toString());
  const more = { ...read(claims), roles: [{ kind: 'SystemAdmin' }, { kind: 'Finance' }] };
  const forged = [
    `${header}.${part(more)}.${signature}`,
    `${part({ ...read(header), alg: 'none' })}.${part(more)}.`,
    jwt(read(header), more, privateKey),
  ];
  for (const each of forged) expect(await asked(each, BOOK)).toBe('401 UNAUTHENTICATED');
  expect(await asked(good, BOOK)).toBe('403 ACCESS_FORBIDDEN');
});

test('a hospital reports by a token that it got for its API key', async () => {
  const { institutionId } = await world.hospital({ door: 'http' });
  const renewed = await world.api.doneByTwo('POST', `/identity/institutions/${institutionId}/key`);
  const { access_token } = await world.api.done('POST', '/identity/token', {
    grant_type: 'client_credentials',
    client_secret: renewed.apiKey,
  });
  expect(await asked(access_token, '/v1/holder-cases')).toBe('200');
  expect(await asked(access_token, BOOK)).toBe('403 ACCESS_FORBIDDEN');
});

test('tokens go on while the key that signs them changes', async () => {
  const { token } = await machine(world, 'e2e-two-keys', [{ kind: 'Finance' }]);
  const before = (await token()).body.access_token;
  await world.api.done('POST', '/identity/token-keys');
  for (const each of [before, (await token()).body.access_token])
    expect(await asked(each, BOOK)).toBe('200');
});
