import 'reflect-metadata';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PLATFORM, type Role, type SigningKey, signingKeyOf, signToken } from '@caretab/access';
import { paymentRoutes } from '@caretab/contracts';
import { systemClock } from '@caretab/kernel';
import { Controller, type INestApplication, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TwinApprovals } from './approval';
import { Callers } from './callers';
import { Handles } from './handles';
import type { Jobs } from './jobs';
import { OperatorKey } from './operator-key';
import { ProblemFilter } from './problem.filter';
import { keepToRoutes } from './routes';
import { tokenCallers } from './token-callers';

/** What finance reads, and what it changes. */
@Controller()
class FinanceController {
  @Handles(paymentRoutes.showClearing)
  show(): never {
    return { shown: true } as never;
  }
  @Handles(paymentRoutes.clear)
  clear(): never {
    return { cleared: true } as never;
  }
}
@Module({ controllers: [FinanceController] })
class FinanceModule {}

const [own, strange] = [1, 2].map((byte) => signingKeyOf(Buffer.alloc(32, byte)));
const FINANCE: readonly Role[] = [{ kind: 'Finance' }];
const noJobs = { every: () => undefined } as unknown as Jobs;

let server: Server;
let issuer: string;
let app: INestApplication;
let url: string;

beforeAll(async () => {
  server = createServer(({ url: path }, response) => {
    response.setHeader('content-type', 'application/json');
    const isKeys = path === '/jwks';
    const discovery = { issuer, jwks_uri: `${issuer}/jwks` };
    response.end(JSON.stringify(isKeys ? { keys: [own!.publicJwk] } : discovery));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const callers = new Callers()
    .add(new OperatorKey('an-operators-key-of-tests'))
    .add(tokenCallers(issuer, { jobs: noJobs, clock: systemClock, fetch: globalThis.fetch }));
  app = await NestFactory.create(FinanceModule, { logger: false });
  const { fourEyes } = new TwinApprovals('payment');
  keepToRoutes(app, { callers, checksAnswers: false, fourEyes });
  app.useGlobalFilters(new ProblemFilter(() => undefined));
  await app.listen(0, '127.0.0.1');
  url = await app.getUrl();
});
afterAll(async () => {
  await app.close();
  await new Promise((resolve) => void server.close(resolve));
});

interface Told {
  readonly by?: SigningKey;
  readonly issuer?: string;
  readonly audience?: string;
  readonly subject?: string;
  readonly amr?: readonly string[];
  readonly roles?: readonly Role[];
  readonly agoS?: number;
}
let count = 0;
const tokenOf = ({ by = own!, agoS = 0, ...told }: Told = {}): Promise<string> =>
  signToken(
    by,
    {
      ...{ issuer, audience: PLATFORM, subject: 'wang', clientId: 'staff-page', roles: FINANCE },
      ...{ tokenId: `t-${++count}`, amr: ['pwd', 'mfa'], ...told },
    },
    { now: new Date(Date.now() - agoS * 1000), lifetimeS: 60 },
  );

const answerTo = async (
  token: string,
  method: 'GET' | 'POST',
): Promise<{ readonly status: number; readonly code?: string; readonly details?: unknown }> => {
  const clearings = `${url}/payment/clearings`;
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const answer = await (method === 'GET'
    ? fetch(`${clearings}/2026-03-02`, { headers })
    : fetch(clearings, { headers, method, body: JSON.stringify({ businessDate: '2026-03-02' }) }));
  const { code, details } = (await answer.json()) as { code?: string; details?: unknown };
  return { status: answer.status, ...(code !== undefined && { code, details }) };
};
const READ = { status: 200 };

test('who signed in with a second factor elsewhere changes what its office may', async () => {
  const token = await tokenOf();
  expect(await answerTo(token, 'GET')).toEqual(READ);
  expect((await answerTo(token, 'POST')).status).toBeLessThan(300);
});

test.each<[string, readonly string[] | undefined]>([
  ['a password alone', ['pwd']],
  ['nothing that is said', undefined],
  ['what is no second factor', ['pwd', 'kba', 'MFA']],
])('who signed in elsewhere by %s reads, and changes nothing', async (_, amr) => {
  const token = await tokenOf({ amr: amr ?? [] });
  expect(await answerTo(token, 'GET')).toEqual(READ);
  expect(await answerTo(token, 'POST')).toMatchObject({
    status: 403,
    code: 'SECOND_FACTOR_NEEDED',
  });
});

test('a second factor is none for what another office does', async () => {
  const token = await tokenOf({ roles: [{ kind: 'AuditAdmin' }] });
  expect(await answerTo(token, 'POST')).toMatchObject({ status: 403, code: 'ACCESS_FORBIDDEN' });
});

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const unsigned = async (): Promise<string> => {
  const [, payload = ''] = (await tokenOf()).split('.');
  return `${part({ alg: 'none', typ: 'at+jwt', kid: own!.kid })}.${payload}.`;
};
const changed = async (): Promise<string> => {
  const [header, payload = '', signature] = (await tokenOf({ amr: ['pwd'] })).split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
  return `${header}.${part({ ...claims, amr: ['pwd', 'mfa'] })}.${signature}`;
};

test.each<[string, () => Promise<string>]>([
  ['for another audience', () => tokenOf({ audience: 'another-platform' })],
  ['for one service of ours alone', () => tokenOf({ audience: 'payment' })],
  ['of another issuer', () => tokenOf({ issuer: 'https://evil.example' })],
  ['of this issuer’s name with another slash', () => tokenOf({ issuer: `${issuer}/` })],
  ['that has expired', () => tokenOf({ agoS: 120 })],
  ['that is of tomorrow', () => tokenOf({ agoS: -86_400 })],
  ['signed by another key', () => tokenOf({ by: strange! })],
  [
    'signed by another key under this one’s name',
    () => tokenOf({ by: { ...strange!, kid: own!.kid } }),
  ],
  ['signed by no one', unsigned],
  ['that says a second factor since it was signed', changed],
  ['of a service', () => tokenOf({ roles: [{ kind: 'Service', service: 'gateway' }] })],
])('a token %s is not believed', async (_, token) => {
  for (const method of ['GET', 'POST'] as const)
    expect(await answerTo(await token(), method)).toMatchObject({
      ...{ status: 401, code: 'UNAUTHENTICATED' },
    });
});
