import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JWK } from 'jose';
import { fixedClock } from '@caretab/doubles';
import { RemoteIssuer } from './remote-issuer.adapter';
import { signingKeyOf } from './signing-key';
import { PLATFORM, signToken, subjectIn } from './token';
import { TokenAuthenticator } from './token-authenticator';

const [first, second] = [1, 2].map((byte) => signingKeyOf(Buffer.alloc(32, byte)));
const clock = fixedClock('2026-03-02T08:00:00Z');
let server: Server;
let issuer: string;
let calledIssuer: string;
let published: JWK[];
let asked: string[];
let voidTokens: { allBefore?: string; subjects: object[] } | undefined;

beforeEach(async () => {
  published = [first!.publicJwk];
  asked = [];
  voidTokens = undefined;
  server = createServer(({ url }, response) => {
    asked.push(url ?? '');
    response.setHeader('content-type', 'application/json');
    const answers: Record<string, unknown> = {
      '/keys': { keys: published },
      '/void': voidTokens,
      '/.well-known/openid-configuration': {
        ...{ issuer: calledIssuer, jwks_uri: `${issuer}/keys` },
        ...(voidTokens && { void_tokens_endpoint: `${issuer}/void` }),
      },
    };
    response.end(JSON.stringify(answers[url ?? '']));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  calledIssuer = issuer;
});
afterEach(() => new Promise((resolve) => void server.close(resolve)));

const authenticatorOf = (remote: RemoteIssuer): TokenAuthenticator =>
  new TokenAuthenticator({
    clock,
    issuers: [
      {
        issuer: remote.issuer,
        audiences: [PLATFORM],
        keys: remote.keys,
        subjectIn,
        voidBefore: (subject) => remote.voidBefore(subject),
      },
    ],
  });
const token = (by = first!, tokenId = 't') =>
  signToken(
    by,
    {
      issuer,
      audience: PLATFORM,
      subject: 'desk-7',
      clientId: 'desk-7',
      roles: [{ kind: 'Desk' }],
      tokenId,
    },
    { now: clock.now(), lifetimeS: 300 },
  );
const sent = async (to: TokenAuthenticator, text: string) =>
  to.subjectOf({ authorization: `Bearer ${text}` });

test('the keys of an issuer are found once, and again for a key that is new', async () => {
  const authenticator = authenticatorOf(new RemoteIssuer(issuer, fetch));
  await sent(authenticator, await token());
  await sent(authenticator, await token(first, 'another'));
  expect(asked).toEqual(['/.well-known/openid-configuration', '/keys']);
  published.push(second!.publicJwk);
  await new Promise((resolve) => setTimeout(resolve, 2_100));
  expect(await sent(authenticator, await token(second))).toMatchObject({ id: 'desk-7' });
  expect(asked).toEqual(['/.well-known/openid-configuration', '/keys', '/keys']);
});

test('an issuer that says it is another gives no keys', async () => {
  calledIssuer = 'https://evil.example';
  await expect(
    sent(authenticatorOf(new RemoteIssuer(issuer, fetch)), await token()),
  ).rejects.toMatchObject({
    code: 'ISSUER_UNAVAILABLE',
  });
});

test('an issuer that was away is asked again', async () => {
  const { port } = server.address() as AddressInfo;
  const [authenticator, text] = [authenticatorOf(new RemoteIssuer(issuer, fetch)), await token()];
  await new Promise((resolve) => void server.close(resolve));
  await expect(sent(authenticator, text)).rejects.toMatchObject({ code: 'ISSUER_UNAVAILABLE' });
  await new Promise<void>((resolve) => void server.listen(port, '127.0.0.1', resolve));
  expect(await sent(authenticator, text)).toMatchObject({ id: 'desk-7' });
});

test('a token is void before its end as soon as its issuer says so', async () => {
  voidTokens = { subjects: [] };
  const remote = new RemoteIssuer(issuer, fetch);
  const authenticator = authenticatorOf(remote);
  await remote.readVoid();
  expect(asked).toEqual([]);
  const text = await token();
  await sent(authenticator, text);
  const after = new Date(clock.now().getTime() + 1).toISOString();
  voidTokens = { subjects: [{ subject: 'desk-8', before: after }] };
  await remote.readVoid();
  await sent(authenticator, text);
  for (const listed of [
    { subjects: [{ subject: 'desk-7', before: after }] },
    { allBefore: after, subjects: [] },
  ]) {
    voidTokens = listed;
    await remote.readVoid();
    await expect(sent(authenticator, text)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  }
  await new Promise((resolve) => void server.close(resolve));
  await remote.readVoid();
  await expect(sent(authenticator, text)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
});

test('a service that starts knows which tokens are void before it believes one', async () => {
  const after = new Date(clock.now().getTime() + 1).toISOString();
  voidTokens = { subjects: [{ subject: 'desk-7', before: after }] };
  await expect(
    sent(authenticatorOf(new RemoteIssuer(issuer, fetch)), await token()),
  ).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
});
