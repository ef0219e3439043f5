import { createHash, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { eventually } from '@caretab/hospital';
import { World } from '../world';

const world = new World('signs-in-and-is-removed');

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = (header: object, claims: object, key: KeyObject): string => {
  const text = `${part(header)}.${part(claims)}`;
  return `${text}.${sign(null, Buffer.from(text), key).toString('base64url')}`;
};

const machine = async (subjectId: string, roles: readonly object[]) => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const { x } = publicKey.export({ format: 'jwk' });
  await world.api.done('PUT', `/identity/subjects/${subjectId}`, {
    roles,
    publicKeys: [{ kty: 'OKP', crv: 'Ed25519', x }],
  });
  const thumbprint = JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x });
  const kid = createHash('sha256').update(thumbprint).digest('base64url');
  /** As any OAuth 2.0 client asks: by a form, with an assertion of its own. */
  const token = async (): Promise<{ status: number; body: any }> => {
    const iat = Math.floor(Date.now() / 1000);
    const who = { iss: subjectId, sub: subjectId, aud: `${world.address.url}/identity` };
    const claims = { ...who, iat, exp: iat + 60, jti: randomUUID() };
    const answer = await fetch(`${world.address.url}/identity/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: jwt({ alg: 'EdDSA', kid }, claims, privateKey),
      }),
    });
    return { status: answer.status, body: await answer.json() };
  };
  return { token, privateKey };
};

const asked = async (token: string, path: string): Promise<string> => {
  const { status, body } = await world.api.askAs({ authorization: `Bearer ${token}` }, 'GET', path);
  return `${status} ${body.code ?? ''}`.trim();
};

const BOOK = '/visit-ledger/trial-balance';
const PARKED = '/credit/parked';

test('a machine reads what its role may, until it is removed', async () => {
  const { token } = await machine('e2e-book-keeper', [{ kind: 'Finance' }]);
  const { access_token, expires_in } = (await token()).body;
  expect(expires_in).toBe(300);
  expect(await asked(access_token, BOOK)).toBe('200');
  expect(await asked(access_token, PARKED)).toBe('403 ACCESS_FORBIDDEN');
  await world.api.done('DELETE', '/identity/subjects/e2e-book-keeper');
  await eventually(async () => expect(await asked(access_token, BOOK)).toBe('401 UNAUTHENTICATED'));
  expect((await token()).status).toBe(401);
});

test('what no issuer signed is believed by no one', async () => {
  const { token, privateKey } = await machine('e2e-forger', [{ kind: 'Desk' }]);
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
  const renewed = await world.api.done('POST', `/identity/institutions/${institutionId}/key`);
  const { access_token } = await world.api.done('POST', '/identity/token', {
    grant_type: 'client_credentials',
    client_secret: renewed.apiKey,
  });
  expect(await asked(access_token, '/v1/holder-cases')).toBe('200');
  expect(await asked(access_token, BOOK)).toBe('403 ACCESS_FORBIDDEN');
});

test('tokens go on while the key that signs them changes', async () => {
  const { token } = await machine('e2e-two-keys', [{ kind: 'Finance' }]);
  const before = (await token()).body.access_token;
  await world.api.done('POST', '/identity/token-keys');
  for (const each of [before, (await token()).body.access_token])
    expect(await asked(each, BOOK)).toBe('200');
});
