import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { fixedClock } from '@caretab/doubles';
import { jwtVerify, SignJWT } from 'jose';
import { ServiceAuthenticator, type VerifyingKey } from './service-authenticator';
import type { ServiceKey } from './service-token';
import { ServiceTokens } from './service-tokens';
import type { Subject } from './subject';

const keyOf = (author: string, kid = `${author}-1`): ServiceKey => ({
  ...{ kid, author },
  key: generateKeyPairSync('ed25519').privateKey,
});
const [gateway, payment] = [keyOf('service/gateway'), keyOf('service/payment')];
/** By which the gateway signs messages: it is no key of a service that asks. */
const messages = keyOf('gateway');
const hospital: Subject = {
  id: 'hospital/HZ001',
  roles: [{ kind: 'HospitalSystem', institution: 'HZ001' }],
  hasSecondFactor: false,
};

const given = () => {
  const clock = fixedClock('2026-03-02T08:00:00Z');
  const known = new Map<string, VerifyingKey>(
    [gateway, payment, messages].map(({ kid, author, key }) => [
      kid,
      { author, key: createPublicKey(key) },
    ]),
  );
  const authenticator = new ServiceAuthenticator({
    keys: { of: (kid) => known.get(kid) },
    audiences: ['identity'],
    clock,
  });
  let signing = gateway;
  const tokens = new ServiceTokens({ key: () => signing, clock });
  const asked = (authorization: string) => authenticator.subjectOf({ authorization });
  return { clock, known, tokens, asked, sign: (key: ServiceKey) => (signing = key) };
};

const base64 = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const nowS = Date.parse('2026-03-02T08:00:00Z') / 1000;
const HEAD = { typ: 'service+jwt', alg: 'EdDSA', kid: gateway.kid };
const CLAIMS = {
  ...{ iss: 'service/gateway', aud: 'identity', sub: 'service/gateway' },
  ...{ iat: nowS, exp: nowS + 60 },
};
const signed = (claims: object = {}, head: object = {}, key: KeyObject = gateway.key) =>
  new SignJWT({ ...CLAIMS, ...claims })
    .setProtectedHeader({ ...HEAD, ...head } as typeof HEAD)
    .sign(key);
const refused = (why: RegExp) =>
  expect.objectContaining({
    code: 'UNAUTHENTICATED',
    details: expect.objectContaining({ why: expect.stringMatching(why) }),
  });

test('a service says who it is, by its own key', () => {
  const { tokens, asked } = given();
  expect(asked(tokens.authorization('identity'))).toEqual({
    id: 'service/gateway',
    roles: [{ kind: 'Service', service: 'gateway' }],
    hasSecondFactor: false,
  });
});

test('it says in whose place it asks, and is not judged as itself', () => {
  const { tokens, asked } = given();
  expect(asked(tokens.authorization('identity', hospital))).toEqual({
    ...hospital,
    through: 'gateway',
  });
});

test('a token is used for half a minute, and one of each place', () => {
  const { clock, tokens, asked } = given();
  const first = tokens.authorization('identity');
  clock.advance(29_000);
  expect(tokens.authorization('identity')).toBe(first);
  expect(tokens.authorization('credit')).not.toBe(first);
  expect(tokens.authorization('identity', hospital)).not.toBe(first);
  clock.advance(1_000);
  expect(tokens.authorization('identity')).not.toBe(first);
  // Half of its time is left to clocks that differ.
  clock.advance(29_000);
  expect(asked(first)).toMatchObject({ id: 'service/gateway' });
  clock.advance(31_000);
  expect(() => asked(first)).toThrow(refused(/expired/));
});

test('any library that knows JWT reads it, and it reads theirs', async () => {
  const { clock, tokens, asked } = given();
  const token = tokens.authorization('identity', hospital).slice('Bearer '.length);
  const { payload, protectedHeader } = await jwtVerify(token, createPublicKey(gateway.key), {
    ...{ issuer: 'service/gateway', audience: 'identity', typ: 'service+jwt' },
    ...{ algorithms: ['EdDSA'], currentDate: clock.now() },
  });
  expect(protectedHeader).toEqual(HEAD);
  expect(payload).toMatchObject({ sub: hospital.id, act: { sub: 'service/gateway' } });
  expect(asked(`Bearer ${await signed()}`)).toMatchObject({ id: 'service/gateway' });
});

describe('is refused', () => {
  const hmac = (secret: string | Buffer, alg = 'HS256'): string => {
    const text = `${base64({ ...HEAD, alg })}.${base64(CLAIMS)}`;
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
  };
  const publicPem = createPublicKey(gateway.key).export({ format: 'pem', type: 'spki' });
  const publicBytes = createPublicKey(gateway.key)
    .export({ format: 'der', type: 'spki' })
    .subarray(-32);
  const carrying = { sub: hospital.id, roles: hospital.roles };

  test.each<[string, () => string | Promise<string>, RegExp]>([
    ['alg none', () => `${base64({ ...HEAD, alg: 'none' })}.${base64(CLAIMS)}.AA`, /read/],
    ['no signature', () => `${base64(HEAD)}.${base64(CLAIMS)}.AA`, /signature/],
    ['HS256 with the public key', () => hmac(publicPem as string), /read/],
    ['HS256 with the public bytes', () => hmac(publicBytes), /read/],
    ['HMAC that says EdDSA', () => hmac(publicBytes, 'EdDSA'), /signature/],
    ['another service’s key under its name', () => signed({}, {}, payment.key), /signature/],
    ['another service’s name', () => signed({ iss: payment.author, sub: payment.author }), /key/],
    ['the key for messages', () => signed({}, { kid: messages.kid }, messages.key), /none of a/],
    ['a service that there is not', () => signed({}, { kid: 'service/root-1' }), /none of a/],
    ['another audience', () => signed({ aud: 'credit' }), /another service/],
    ['several audiences', () => signed({ aud: ['identity', 'credit'] }), /read/],
    ['an hour', () => signed({ exp: nowS + 3600 }), /too long/],
    ['an expired one', () => signed({ iat: nowS - 120, exp: nowS - 60 }), /expired/],
    ['one of tomorrow', () => signed({ iat: nowS + 86_400, exp: nowS + 86_460 }), /later time/],
    ['one without an end', () => signed({ exp: undefined }), /read/],
    ['another subject without saying who asks', () => signed(carrying), /read/],
    [
      'another one as who asks',
      () => signed({ ...carrying, act: { sub: payment.author } }),
      /read/,
    ],
    [
      'a service in another’s place',
      () =>
        signed({
          ...{ sub: 'service/identity', act: { sub: gateway.author } },
          roles: [{ kind: 'Service', service: 'identity' }],
        }),
      /read/,
    ],
    [
      'a role that there is not',
      () => signed({ ...carrying, act: { sub: gateway.author }, roles: [{ kind: 'Root' }] }),
      /read/,
    ],
    ['more in the header', () => signed({}, { jwk: { kty: 'OKP' } }), /read/],
  ])('%s', async (_, token, why) => {
    const sent = `Bearer ${await token()}`;
    expect(() => given().asked(sent)).toThrow(refused(why));
  });

  test('a changed claim', () => {
    const { tokens, asked } = given();
    const [head, , signature] = tokens.authorization('identity').split('.');
    const changed = base64({ ...CLAIMS, ...carrying, act: { sub: gateway.author } });
    expect(() => asked(`${head}.${changed}.${signature}`)).toThrow(refused(/signature/));
  });
});

test.each(['', 'Bearer', 'Bearer a-key-of-32-characters', 'Basic YTpi', 'Bearer a.b.c'])(
  'what is no token of a service is left to others: %s',
  (authorization) => expect(given().asked(authorization)).toBeUndefined(),
);

test('an issuer’s token is left to others', async () => {
  expect(given().asked(`Bearer ${await signed({}, { typ: 'at+jwt' })}`)).toBeUndefined();
});

test('a service’s key changes while both run, and a key that ends takes its tokens with it', () => {
  const { clock, known, tokens, asked, sign } = given();
  const old = tokens.authorization('identity');
  expect(asked(old)).toMatchObject({ id: 'service/gateway' });
  const next = keyOf('service/gateway', 'service/gateway-2');
  known.set(next.kid, { author: next.author, key: createPublicKey(next.key) });
  sign(next);
  const renewed = tokens.authorization('identity');
  expect(renewed).not.toBe(old);
  for (const each of [old, renewed]) expect(asked(each)).toMatchObject({ id: 'service/gateway' });
  known.set(gateway.kid, { ...known.get(gateway.kid)!, until: clock.now() });
  expect(() => asked(old)).toThrow(refused(/does not count now/));
  known.delete(gateway.kid);
  expect(() => asked(old)).toThrow(refused(/none of a service/));
  expect(asked(renewed)).toMatchObject({ id: 'service/gateway' });
});

test('a key that is replaced under its name takes its tokens with it', () => {
  const { known, tokens, asked } = given();
  const token = tokens.authorization('identity');
  asked(token);
  known.set(gateway.kid, { author: gateway.author, key: createPublicKey(payment.key) });
  expect(() => asked(token)).toThrow(refused(/signature/));
});
