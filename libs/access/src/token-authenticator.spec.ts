import { createHmac } from 'node:crypto';
import { fixedClock } from '@caretab/doubles';
import { createLocalJWKSet, type JWK, SignJWT } from 'jose';
import { signingKeyOf } from './signing-key';
import { PLATFORM, signToken, subjectIn, type TokenContent } from './token';
import { TokenAuthenticator } from './token-authenticator';

const ISSUER = 'https://identity.example/identity';
const key = signingKeyOf(Buffer.alloc(32, 1));
const other = signingKeyOf(Buffer.alloc(32, 2));
const content: TokenContent = {
  issuer: ISSUER,
  audience: PLATFORM,
  subject: 'desk-7',
  clientId: 'caretab',
  roles: [{ kind: 'Desk', institution: 'HZ001' }],
  tokenId: 'token-1',
  amr: ['pwd', 'otp', 'mfa'],
};

const given = () => {
  const clock = fixedClock('2026-03-02T08:00:00Z');
  const published: JWK[] = [key.publicJwk];
  const revoked = new Map<string, Date>();
  const authenticator = new TokenAuthenticator({
    clock,
    issuers: [
      {
        issuer: ISSUER,
        audiences: [PLATFORM],
        keys: (header, token) => createLocalJWKSet({ keys: published })(header, token),
        subjectIn,
        voidBefore: (subject) => revoked.get(subject),
      },
    ],
  });
  const sent = async (token: string) =>
    authenticator.subjectOf({ authorization: `Bearer ${token}` });
  const signed = (over: Partial<TokenContent> = {}, by = key, lifetimeS = 300) =>
    signToken(by, { ...content, ...over }, { now: clock.now(), lifetimeS });
  return { clock, published, revoked, authenticator, sent, signed };
};
const base64 = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const refusal = (why: RegExp) =>
  expect.objectContaining({
    code: 'UNAUTHENTICATED',
    details: expect.objectContaining({ why: expect.stringMatching(why) }),
  });

test('a token says who asks, and is looked up when it comes again', async () => {
  const { authenticator, sent, signed } = given();
  const token = await signed();
  const subject = await sent(token);
  expect(subject).toEqual({
    id: 'desk-7',
    roles: [{ kind: 'Desk', institution: 'HZ001' }],
    hasSecondFactor: true,
  });
  expect(authenticator.subjectOf({ authorization: `Bearer ${token}` })).toBe(subject);
});

test('without a second factor the subject has none', async () => {
  const { sent, signed } = given();
  expect(await sent(await signed({ amr: ['pwd'] }))).toMatchObject({ hasSecondFactor: false });
});

test('who is its own client is a machine, and a person is none', async () => {
  const { sent, signed } = given();
  const machine = await sent(await signed({ clientId: 'desk-7', amr: ['swk'] }));
  expect(machine).toMatchObject({ by: 'machine', hasSecondFactor: false });
  expect(await sent(await signed({ amr: ['swk'] }))).not.toHaveProperty('by');
});

test('no issuer makes one person two of the administrators', async () => {
  const { sent, signed } = given();
  const both = await signed({ roles: [{ kind: 'SystemAdmin' }, { kind: 'AuditAdmin' }] });
  await expect(sent(both)).rejects.toEqual(refusal(/its issuer may not sign what it says/));
});

test.each([undefined, 'Bearer ctk_an-api-key', 'Basic YTpi', `Bearer a.b.${'c'.repeat(9_000)}`])(
  'what is no token is left to others: %.20s',
  (authorization) => expect(given().authenticator.subjectOf({ authorization })).toBeUndefined(),
);

describe('is refused', () => {
  const { clock } = given();
  const head = (alg: string) => ({ alg, typ: 'at+jwt', kid: key.kid });
  const claims = {
    iss: ISSUER,
    aud: PLATFORM,
    sub: 'desk-7',
    client_id: 'caretab',
    roles: content.roles,
    jti: 't',
    iat: clock.now().getTime() / 1000,
    exp: clock.now().getTime() / 1000 + 300,
  };
  const hmac = (secret: string): string => {
    const text = `${base64(head('HS256'))}.${base64(claims)}`;
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
  };
  const typed = (typ: string) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'EdDSA', typ, kid: key.kid })
      .sign(key.privateJwk);

  test.each<[string, () => string | Promise<string>, RegExp]>([
    ['alg none', () => `${base64(head('none'))}.${base64(claims)}.`, /algorithm|signature|read/],
    ['HS256 with the public key', () => hmac(JSON.stringify(key.publicJwk)), /algorithm/],
    ['HS256 with the public bytes', () => hmac(key.publicJwk.x!), /algorithm/],
    ['another key under the same name', () => forged(), /signature/],
    ['a key that is not published', () => given().signed({}, other), /key is not known/],
    ['another audience', () => given().signed({ audience: 'gateway' }), /aud/],
    ['another issuer', () => given().signed({ issuer: 'https://evil.example' }), /issuer/],
    ['an ID token', () => typed('JWT'), /typ/],
    ['a token without a lifetime', () => bare('exp'), /exp/],
    ['a token without its id', () => bare('jti'), /jti/],
    [
      'roles that there are not',
      () => given().signed({ roles: [{ kind: 'Root' }] as never }),
      /sign/,
    ],
    [
      'an attribute that is no text',
      () => given().signed({ roles: [{ kind: 'Desk', institution: {} }] as never }),
      /sign/,
    ],
    [
      'an attribute that is empty, which would be everyone’s',
      () => given().signed({ roles: [{ kind: 'HospitalSystem', institution: '' }] }),
      /sign/,
    ],
  ])('%s', async (_, token, why) => {
    await expect(given().sent(await token())).rejects.toEqual(refusal(why));
  });

  const forged = () => given().signed({}, { ...other, kid: key.kid });
  const bare = (without: 'exp' | 'jti') => {
    const { [without]: _, ...rest } = claims;
    return new SignJWT(rest).setProtectedHeader(head('EdDSA')).sign(key.privateJwk);
  };

  test('a changed claim', async () => {
    const { sent, signed } = given();
    const [header, , signature] = (await signed()).split('.');
    const changed = base64({ ...claims, sub: 'security-1', roles: [{ kind: 'SecurityAdmin' }] });
    await expect(sent(`${header}.${changed}.${signature}`)).rejects.toEqual(refusal(/signature/));
  });

  test('an expired token, new or known', async () => {
    const { clock: now, sent, signed } = given();
    const [known, fresh] = [await signed(), await signed({ tokenId: 'token-2' })];
    await sent(known);
    now.advance(310_000);
    for (const token of [known, fresh])
      await expect(sent(token)).rejects.toEqual(refusal(/expired/));
  });

  test('a token that would live for a day, after fifteen minutes', async () => {
    const { clock: now, sent, signed } = given();
    const token = await signed({}, key, 86_400);
    await sent(token);
    now.advance(15 * 60_000);
    await expect(sent(token)).rejects.toEqual(refusal(/expired/));
  });

  test('a revoked token, new or known; one of afterwards is good', async () => {
    const { clock: now, revoked, sent, signed } = given();
    const [known, fresh] = [await signed(), await signed({ tokenId: 'token-2' })];
    await sent(known);
    now.advance(1_000);
    revoked.set('desk-7', now.now());
    for (const token of [known, fresh])
      await expect(sent(token)).rejects.toEqual(refusal(/revoked/));
    expect(await sent(await signed({ tokenId: 'token-3' }))).toMatchObject({ id: 'desk-7' });
  });
});

test('keys rotate while tokens of both are in use', async () => {
  const { published, sent, signed } = given();
  const old = await signed();
  published.push(other.publicJwk);
  expect(await sent(await signed({}, other))).toMatchObject({ id: 'desk-7' });
  expect(await sent(old)).toMatchObject({ id: 'desk-7' });
  published.shift();
  await expect(sent(await signed({ tokenId: 'token-2' }))).rejects.toEqual(refusal(/not known/));
});

test('an issuer that is away is not the caller’s fault', async () => {
  const { clock, signed } = given();
  const authenticator = new TokenAuthenticator({
    clock,
    issuers: [
      {
        issuer: ISSUER,
        audiences: [PLATFORM],
        keys: () => Promise.reject(new TypeError('fetch failed')),
        subjectIn,
        voidBefore: () => undefined,
      },
    ],
  });
  await expect(
    authenticator.subjectOf({ authorization: `Bearer ${await signed()}` }),
  ).rejects.toMatchObject({ code: 'ISSUER_UNAVAILABLE', kind: 'unavailable' });
});
