import { createHash } from 'node:crypto';
import { decide, PLATFORM, signingKeyOf, subjectIn, TokenAuthenticator } from '@caretab/access';
import { fixedClock } from '@caretab/doubles';
import { systemIds } from '@caretab/kernel';
import { oneTimeCode, onlyKey } from '@caretab/security';
import type { Store } from '@caretab/store';
import { createLocalJWKSet, SignJWT } from 'jose';
import { InstitutionKeys } from '../src/institution/institution-keys';
import { Institutions } from '../src/institution/institutions';
import { assertionTable } from '../src/sign-in/assertion.table';
import { AssertionsTaken } from '../src/sign-in/assertions-taken';
import { SignIns } from '../src/sign-in/sign-ins';
import { SigningKeys } from '../src/sign-in/signing-keys';
import { Tokens } from '../src/sign-in/tokens';
import { Subjects } from '../src/subject/subjects';

const ISSUER = 'http://identity/identity';
const API_KEY = 'ctk_key-of-HZ001';
const DAY_MS = 86_400_000;
const VOID_MS = 15 * 60_000;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Identity's subjects and tokens, and a service that believes them. */
const given = async (open: () => Promise<Store>) => {
  const store = await open();
  const clock = fixedClock('2026-03-02T08:00:00Z');
  let drawn = 0;
  const randomness = (bytes: number): Buffer =>
    Buffer.concat(
      Array.from({ length: Math.ceil(bytes / 32) }, () =>
        createHash('sha256').update(`drawn ${++drawn}`).digest(),
      ),
    ).subarray(0, bytes);
  const parts = { store, clock, randomness, sealingKeys: onlyKey(Buffer.alloc(32, 9), 'aes') };
  const keys = new SigningKeys({ ...parts, keyAgeMs: 30 * DAY_MS });
  const [subjects, signIns] = [new Subjects(parts), new SignIns(parts)];
  const institutionKeys = new InstitutionKeys({ store, clock, newKey: () => API_KEY });
  await new Institutions({ store, clock, keys: institutionKeys }).put('HZ001', {
    name: 'First Hospital',
    level: 'level-3',
  });
  const keyOf = (apiKey: string) =>
    store.transact((transaction) => institutionKeys.used(transaction, apiKey));
  /** One process of the issuer. */
  const process = () =>
    new Tokens({
      rolesToday: async (roles) => roles,
      ...{ issuer: ISSUER, keys, signIns, clock, ids: systemIds, keyOf },
      assertions: new AssertionsTaken(store),
    });
  const [tokens, otherProcess] = [process(), process()];
  const authenticator = new TokenAuthenticator({
    clock,
    issuers: [
      {
        issuer: ISSUER,
        audiences: [PLATFORM],
        keys: async (header, token) =>
          createLocalJWKSet({ keys: (await keys.published()).map((key) => key.publicJwk) })(
            header,
            token,
          ),
        subjectIn,
        voidBefore: (subject) => voided.get(subject),
      },
    ],
  });
  const voided = new Map<string, Date>();
  /** What a service reads every two seconds. */
  const readVoid = async (): Promise<void> => {
    const lists = [
      await subjects.voidFor(VOID_MS),
      await institutionKeys.voidFor(VOID_MS),
      await signIns.voidFor(VOID_MS),
    ];
    for (const { subject, before } of lists.flat()) voided.set(subject, before);
  };
  const asked = async (request: Record<string, string>) => tokens.answer(request);
  const askedElsewhere = async (request: Record<string, string>) => otherProcess.answer(request);
  const believed = async (token: string) =>
    authenticator.subjectOf({ authorization: `Bearer ${token}` });
  return {
    clock,
    keys,
    institutionKeys,
    signIns,
    store,
    subjects,
    asked,
    askedElsewhere,
    believed,
    readVoid,
  };
};

const codeOf = (totpUri: string, now: Date): string => {
  const text = new URL(totpUri).searchParams.get('secret')!;
  const bits = [...text].map((letter) => BASE32.indexOf(letter).toString(2).padStart(5, '0'));
  const bytes = bits.join('').match(/.{8}/g)!;
  const secret = Buffer.from(bytes.map((byte) => parseInt(byte, 2)));
  return oneTimeCode(secret, Math.floor(now.getTime() / 30_000));
};

const machineKey = signingKeyOf(Buffer.alloc(32, 7));
const { kty, crv, x } = machineKey.publicJwk as { kty: 'OKP'; crv: 'Ed25519'; x: string };
const publicKey = { kty, crv, x };
const assertion = (now: Date, over: Record<string, unknown> = {}, by = machineKey) => {
  const iat = now.getTime() / 1000;
  const claims = {
    iss: 'lab-engine',
    sub: 'lab-engine',
    aud: ISSUER,
    iat,
    exp: iat + 60,
    jti: 'a1',
  };
  return new SignJWT({ ...claims, ...over })
    .setProtectedHeader({ alg: 'EdDSA', kid: machineKey.kid })
    .sign(by.privateJwk);
};
const credentials = (client_assertion: string) => ({
  grant_type: 'client_credentials',
  client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  client_assertion,
});

/** What holds of sign-ins on any store. */
export const signInSuite = (open: () => Promise<Store>): void => {
  test('the three administrators and the privacy officer are different people', async () => {
    const { subjects } = await given(open);
    const apart = ['SystemAdmin', 'SecurityAdmin', 'AuditAdmin', 'PrivacyOfficer'] as const;
    for (const one of apart)
      for (const other of apart.filter((kind) => kind !== one))
        await expect(
          subjects.put('chen', { roles: [{ kind: one }, { kind: other }] }),
        ).rejects.toMatchObject({ code: 'ROLES_APART', kind: 'conflict' });
    for (const roles of [[{ kind: 'Root' }], [{ kind: 'Desk', payer: 'CN-PPO' }]])
      await expect(subjects.put('chen', { roles: roles as never })).rejects.toMatchObject({
        code: 'REQUEST_INVALID',
      });
    expect(await subjects.list()).toEqual([]);
  });

  test('once a security administrator has a sign-in, staff are changed by two, and one stays', async () => {
    const { subjects } = await given(open);
    const roles = [{ kind: 'SecurityAdmin' }] as const;
    const approvedBy = 'another';
    const refused = { code: 'APPROVAL_NEEDED', kind: 'conflict' };
    await subjects.put('chen', { roles });
    await subjects.put('deng', { roles });
    await subjects.renewSignIn('chen');
    await expect(subjects.renewSignIn('deng')).rejects.toMatchObject(refused);
    await expect(subjects.put('fang', { roles: [{ kind: 'Desk' }] })).rejects.toMatchObject(
      refused,
    );
    await expect(subjects.put('deng', { roles, publicKeys: [] })).rejects.toMatchObject(refused);
    // Else one person could remove all others, and begin again.
    await expect(subjects.remove('chen')).rejects.toMatchObject({ code: 'SUBJECT_NEEDED' });
    await subjects.renewSignIn('deng', approvedBy);
    await subjects.remove('chen');
    await expect(subjects.remove('deng')).rejects.toMatchObject({ code: 'SUBJECT_NEEDED' });
    await expect(subjects.put('chen', { roles })).rejects.toMatchObject(refused);
    await subjects.put('chen', { roles, approvedBy });
  });

  test('a person signs in by password and one-time code, and works on by a session', async () => {
    const { clock, subjects, asked, believed } = await given(open);
    await subjects.put('chen', { roles: [{ kind: 'SecurityAdmin' }] });
    const { password, totpUri } = await subjects.renewSignIn('chen');
    clock.advance(60_000);
    const otp = codeOf(totpUri, clock.now());
    const signIn = { grant_type: 'password', username: 'chen', password, otp };
    const { access_token, expires_in, refresh_token } = await asked(signIn);
    expect(expires_in).toBe(300);
    const subject = { id: 'chen', roles: [{ kind: 'SecurityAdmin' }], hasSecondFactor: true };
    expect(await believed(access_token)).toEqual(subject);
    await expect(asked(signIn)).rejects.toMatchObject({ code: 'SIGN_IN_REFUSED' });
    clock.advance(300_000);
    const refresh = { grant_type: 'refresh_token', refresh_token: refresh_token! };
    expect(await believed((await asked(refresh)).access_token)).toEqual(subject);
    clock.advance(12 * 3_600_000);
    await expect(asked(refresh)).rejects.toMatchObject({ code: 'SIGN_IN_REFUSED' });
  });

  test('a session that is ended takes its tokens along, and no other session of the person', async () => {
    const { clock, signIns, subjects, asked, believed, readVoid } = await given(open);
    await subjects.put('chen', { roles: [{ kind: 'SystemAdmin' }] });
    const { password, totpUri } = await subjects.renewSignIn('chen');
    const signIn = () => {
      clock.advance(30_000);
      const otp = codeOf(totpUri, clock.now());
      return asked({ grant_type: 'password', username: 'chen', password, otp });
    };
    const [here, there] = [await signIn(), await signIn()];
    await readVoid();
    const refresh = { grant_type: 'refresh_token', refresh_token: here.refresh_token! };
    const again = await asked(refresh);
    clock.advance(1_000);
    await signIns.end(here.refresh_token!);
    await signIns.end(here.refresh_token!);
    await readVoid();
    for (const { access_token } of [here, again])
      await expect(believed(access_token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(await believed(there.access_token)).toMatchObject({ id: 'chen' });
    await expect(asked(refresh)).rejects.toMatchObject({ code: 'SIGN_IN_REFUSED' });
    await signIns.end('of no one');
  });

  test('after five failures the right password waits for a quarter of an hour', async () => {
    const { clock, subjects, asked } = await given(open);
    await subjects.put('chen', { roles: [{ kind: 'Desk' }] });
    const { password, totpUri } = await subjects.renewSignIn('chen');
    const tried = (over: Record<string, string> = {}) =>
      asked({
        ...{ grant_type: 'password', username: 'chen', password },
        ...{ otp: codeOf(totpUri, clock.now()), ...over },
      });
    const wrongs: Record<string, string>[] = [
      { password: 'x' },
      { otp: '000000' },
      { otp: '' },
      { password: '' },
    ];
    for (const wrong of wrongs)
      await expect(tried(wrong)).rejects.toMatchObject({ code: 'SIGN_IN_REFUSED' });
    clock.advance(30_000);
    await tried();
    for (let failure = 1; failure <= 5; failure++)
      await expect(tried({ password: 'x' })).rejects.toMatchObject({ code: 'SIGN_IN_REFUSED' });
    clock.advance(30_000);
    await expect(tried()).rejects.toMatchObject({ code: 'SIGN_IN_REFUSED' });
    clock.advance(15 * 60_000);
    await tried();
  });

  test.each([
    ['unknown', {}],
    ['without a password', { username: 'lab-engine' }],
  ])('a subject that is %s is refused as a wrong password is', async (_, over) => {
    const { subjects, asked } = await given(open);
    await subjects.put('lab-engine', { roles: [{ kind: 'Desk' }], publicKeys: [publicKey] });
    const signIn = { grant_type: 'password', username: 'nn', password: '', otp: '123456', ...over };
    await expect(asked(signIn)).rejects.toMatchObject({ code: 'SIGN_IN_REFUSED' });
  });

  test('a machine gets tokens by its key: for this issuer, this minute, once', async () => {
    const { clock, subjects, asked, believed } = await given(open);
    const roles = [{ kind: 'Insurer', payer: 'CN-PPO' }] as const;
    await subjects.put('lab-engine', { roles, publicKeys: [publicKey] });
    clock.advance(60_000);
    const now = clock.now();
    const { access_token, refresh_token } = await asked(credentials(await assertion(now)));
    expect(refresh_token).toBeUndefined();
    expect(await believed(access_token)).toEqual({
      id: 'lab-engine',
      roles,
      hasSecondFactor: false,
      by: 'machine',
    });
    const seconds = now.getTime() / 1000;
    const refused = [
      assertion(now),
      assertion(now, { jti: 'a2', aud: 'https://another.example' }),
      assertion(now, { jti: 'a3', sub: 'chen' }),
      assertion(now, { jti: 'a4', iat: seconds - 3600, exp: seconds + 3600 }),
      assertion(now, { jti: 'a5' }, signingKeyOf(Buffer.alloc(32, 8))),
      assertion(now, { jti: undefined }),
      'no.assertion.at-all',
    ];
    for (const each of refused)
      await expect(asked(credentials(await each))).rejects.toMatchObject({
        code: 'CLIENT_REFUSED',
      });
    expect(await subjects.list()).toMatchObject([
      { keys: [{ keyId: machineKey.kid, usedAt: now }] },
    ]);
  });

  test('an assertion is taken once by all processes of the issuer, and then forgotten', async () => {
    const { clock, store, subjects, asked, askedElsewhere } = await given(open);
    await subjects.put('lab-engine', { roles: [{ kind: 'Desk' }], publicKeys: [publicKey] });
    const first = credentials(await assertion(clock.now()));
    const answers = await Promise.allSettled([asked(first), askedElsewhere(first)]);
    expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(answers.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'CLIENT_REFUSED' },
    });
    await askedElsewhere(credentials(await assertion(clock.now(), { jti: 'a2' })));
    const kept = () => store.transact((transaction) => transaction.rows(assertionTable).count({}));
    expect(await kept()).toBe(2);
    clock.advance(71_000);
    for (let index = 0; index < 16; index++)
      await asked(credentials(await assertion(clock.now(), { jti: `later ${index}` })));
    expect(await kept()).toBeLessThanOrEqual(16);
  });

  test('one key is of one subject, and ends when it is left out', async () => {
    const { clock, subjects, asked } = await given(open);
    const roles = [{ kind: 'Desk' }] as const;
    await subjects.put('lab-engine', { roles, publicKeys: [publicKey] });
    await expect(subjects.put('other', { roles, publicKeys: [publicKey] })).rejects.toMatchObject({
      code: 'KEY_TAKEN',
    });
    await subjects.put('lab-engine', { roles, publicKeys: [] });
    await expect(asked(credentials(await assertion(clock.now())))).rejects.toMatchObject({
      code: 'SIGN_IN_REFUSED',
    });
  });

  test('who signs in with password and code has no machine’s key, and a machine no password', async () => {
    const { subjects } = await given(open);
    const roles = [{ kind: 'Finance' }] as const;
    const apart = { code: 'SIGN_IN_APART', kind: 'conflict' };
    await subjects.put('anna', { roles });
    await subjects.renewSignIn('anna');
    await expect(subjects.put('anna', { roles, publicKeys: [publicKey] })).rejects.toMatchObject(
      apart,
    );
    await subjects.put('lab-engine', { roles, publicKeys: [publicKey] });
    await expect(subjects.renewSignIn('lab-engine')).rejects.toMatchObject(apart);
    await subjects.put('lab-engine', { roles, publicKeys: [] });
    await expect(subjects.renewSignIn('lab-engine')).resolves.toHaveProperty('password');
  });

  test('a hospital’s API key is a way to get a token', async () => {
    const { asked, believed } = await given(open);
    const request = { grant_type: 'client_credentials', client_secret: API_KEY };
    expect(await believed((await asked(request)).access_token)).toMatchObject({
      id: 'hospital/HZ001',
      roles: [{ kind: 'HospitalSystem', institution: 'HZ001' }],
    });
    await expect(asked({ ...request, client_secret: 'ctk_other' })).rejects.toMatchObject({
      code: 'CLIENT_REFUSED',
    });
    await expect(asked({ grant_type: 'implicit' })).rejects.toMatchObject({
      code: 'GRANT_UNSUPPORTED',
    });
  });

  test('a token is for what its key is for, and ends with it while the other key goes on', async () => {
    const { clock, institutionKeys, store, asked, believed, readVoid } = await given(open);
    const request = { grant_type: 'client_credentials' };
    const whole = await asked({ ...request, client_secret: API_KEY });
    const [first] = await institutionKeys.list({ institutionId: 'HZ001' });
    const { apiKey } = await new InstitutionKeys({ store, clock }).issue('HZ001', {
      scopes: ['read'],
    });
    const narrow = await asked({ ...request, client_secret: apiKey });
    const may = async (token: string, action: string) =>
      decide(await believed(token), action, { institution: 'HZ001' }).allowed;
    expect(await may(whole.access_token, 'visits.open')).toBe(true);
    expect(await may(narrow.access_token, 'visits.read')).toBe(true);
    expect(await may(narrow.access_token, 'visits.open')).toBe(false);
    clock.advance(1_000);
    await institutionKeys.end('HZ001', first!.keyId);
    await readVoid();
    await expect(believed(whole.access_token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(await may(narrow.access_token, 'visits.read')).toBe(true);
    await expect(asked({ ...request, client_secret: API_KEY })).rejects.toMatchObject({
      code: 'CLIENT_REFUSED',
    });
  });

  test('a token of a person who was given another password is void', async () => {
    const { clock, subjects, asked, believed, readVoid } = await given(open);
    await subjects.put('anna', { roles: [{ kind: 'Desk' }] });
    const { password, totpUri } = await subjects.renewSignIn('anna');
    clock.advance(60_000);
    await readVoid();
    const otp = codeOf(totpUri, clock.now());
    const signIn = { grant_type: 'password', username: 'anna', password, otp };
    const { access_token } = await asked(signIn);
    await believed(access_token);
    clock.advance(1_000);
    await subjects.renewSignIn('anna');
    await readVoid();
    await expect(believed(access_token)).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
      details: { why: expect.stringContaining('revoked') },
    });
  });

  test.each(['removed', 'given other roles'])(
    'a token of a subject that was %s is void',
    async (what) => {
      const { clock, subjects, asked, believed, readVoid } = await given(open);
      const roles = [{ kind: 'Desk' }] as const;
      await subjects.put('lab-engine', { roles, publicKeys: [publicKey] });
      clock.advance(60_000);
      await readVoid();
      const { access_token } = await asked(credentials(await assertion(clock.now())));
      await believed(access_token);
      clock.advance(1_000);
      if (what === 'removed') await subjects.remove('lab-engine');
      else await subjects.put('lab-engine', { roles: [{ kind: 'Finance' }] });
      await readVoid();
      await expect(believed(access_token)).rejects.toMatchObject({
        code: 'UNAUTHENTICATED',
        details: { why: expect.stringContaining('revoked') },
      });
      const again = asked(credentials(await assertion(clock.now(), { jti: 'a2' })));
      if (what === 'removed')
        await expect(again).rejects.toMatchObject({ code: 'SIGN_IN_REFUSED' });
      else expect((await again).access_token).toBeTruthy();
    },
  );

  test('keys rotate while tokens of both are in use', async () => {
    const { clock, keys, asked, believed } = await given(open);
    const request = { grant_type: 'client_credentials', client_secret: API_KEY };
    const first = (await keys.current()).kid;
    clock.advance(31 * DAY_MS);
    expect((await keys.current()).kid).toBe(first);
    expect(await keys.published()).toHaveLength(2);
    const old = (await asked(request)).access_token;
    clock.advance(61_000);
    expect((await keys.current()).kid).not.toBe(first);
    const fresh = (await asked(request)).access_token;
    for (const token of [old, fresh])
      expect(await believed(token)).toMatchObject({ id: 'hospital/HZ001' });
    clock.advance(15 * 60_000);
    expect((await keys.published()).map(({ kid }) => kid)).toEqual([(await keys.current()).kid]);
  });

  test('a key that leaked is believed no more, and another signs at once', async () => {
    const { clock, keys, asked, believed } = await given(open);
    const request = { grant_type: 'client_credentials', client_secret: API_KEY };
    const old = (await asked(request)).access_token;
    clock.advance(2_000);
    await keys.rotate({ isLeaked: true });
    expect(await keys.voidBefore()).toEqual(clock.now());
    await expect(believed(old)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(await believed((await asked(request)).access_token)).toMatchObject({
      id: 'hospital/HZ001',
    });
  });
};
