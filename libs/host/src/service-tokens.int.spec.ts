import 'reflect-metadata';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHmac } from 'node:crypto';
import { SERVICE, ServiceAuthenticator, ServiceTokens, type Subject } from '@caretab/access';
import { authorsOf, BusKeys, twinKeyOf } from '@caretab/bus';
import { identityRoutes, visitLedgerRoutes } from '@caretab/contracts';
import { DomainError, systemClock, systemTimers } from '@caretab/kernel';
import { Controller, type INestApplication, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TwinApprovals } from './approval';
import { ask, type Question } from './ask.adapter';
import { Callers } from './callers';
import { Handles } from './handles';
import { OperatorKey } from './operator-key';
import { ProblemFilter } from './problem.filter';
import { keepToRoutes } from './routes';

const PERSON = 'p-00000000-0000-4000-8000-000000000001';

/** What identity and the ledger answer, where they are let answer. */
@Controller()
class AskedController {
  @Handles(identityRoutes.resolvePerson)
  resolve() {
    return { personId: PERSON };
  }
  @Handles(identityRoutes.contactPerson)
  contact() {
    return { mobile: '13957100001' };
  }
  @Handles(visitLedgerRoutes.showVisit)
  visit(): never {
    return { visitId: 'shown' } as never;
  }
}
@Module({ controllers: [AskedController] })
class AskedModule {}

const seed = (byte: number): string => Buffer.alloc(32, byte).toString('base64');
const keysAs = (byte: number, generation: number) =>
  JSON.stringify(
    Object.fromEntries(
      ['gateway', 'payment', 'notification'].flatMap((service, index) => [
        [service, { kid: `${service}-1`, key: seed(100 + index) }],
        [
          `${SERVICE}${service}`,
          { kid: `${SERVICE}${service}-${generation}`, key: seed(byte + index) },
        ],
      ]),
    ),
  );
const [FIRST, SECOND] = [keysAs(10, 1), keysAs(20, 2)];
const publicKeysOf = (...signing: readonly string[]): string =>
  JSON.stringify({
    keys: [...new Map(signing.flatMap(authorsOf).map((key) => [key.kid, key])).values()],
  });

let folder: string;
let app: INestApplication;
let url: string;
let asking: BusKeys;
let answering: BusKeys;
const [signingFile, authorsFile] = ['signing.json', 'authors.json'];
const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'caretab-service-keys-'));
  write(signingFile, FIRST);
  write(authorsFile, publicKeysOf(FIRST));
  const files = { signingKeys: join(folder, signingFile), authors: join(folder, authorsFile) };
  [asking, answering] = [new BusKeys(files), new BusKeys(files)];
  const callers = new Callers().add(new OperatorKey('an-operators-key-of-tests')).add(
    new ServiceAuthenticator({
      ...{ keys: answering, clock: systemClock },
      audiences: ['identity', 'visit-ledger'],
    }),
  );
  app = await NestFactory.create(AskedModule, { logger: false });
  const { fourEyes } = new TwinApprovals('visit-ledger');
  keepToRoutes(app, { callers, checksAnswers: false, fourEyes });
  app.useGlobalFilters(new ProblemFilter(() => undefined));
  await app.listen(0, '127.0.0.1');
  url = await app.getUrl();
});
afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true });
});

const tokensOf = (service: string): ServiceTokens =>
  new ServiceTokens({ key: () => asking.signingKeyOf(`${SERVICE}${service}`), clock: systemClock });
const hospital = (institution: string): Subject => ({
  id: `hospital/${institution}`,
  roles: [{ kind: 'HospitalSystem', institution }],
  hasSecondFactor: false,
});

const contact: Question = { method: 'GET', path: `/identity/persons/${PERSON}/contact` };
const visitOf = (institution: string, carried?: Subject): Question => ({
  ...{ method: 'GET', path: `/visit-ledger/visits/${institution}-V1`, carried },
});
const resolve = (carried?: Subject): Question => ({
  ...{ method: 'POST', path: '/identity/persons/resolve', carried },
  body: { type: 'id-number', value: 'x' },
});
const answerTo = async (service: string, asked: string, question: Question): Promise<number> => {
  const away = (details: DomainError['details']) =>
    new DomainError('IDENTITY_UNAVAILABLE', 'unavailable', details);
  const options = { ...{ url, asked }, tokens: tokensOf(service), timers: systemTimers };
  return (await ask(options, question, away)).status;
};
/** What identity says to a token as it is. */
const sent = async (token: string): Promise<number> =>
  (await fetch(`${url}${contact.path}`, { headers: { authorization: `Bearer ${token}` } })).status;

test('a service asks what is its own to ask, and nothing of another', async () => {
  expect(await answerTo('notification', 'identity', contact)).toBe(200);
  expect(await answerTo('gateway', 'identity', contact)).toBe(403);
  expect(await answerTo('payment', 'identity', contact)).toBe(403);
  expect(await answerTo('payment', 'identity', resolve(hospital('HZ001')))).toBe(403);
});

test('a token for one service opens no other', async () => {
  expect(await answerTo('notification', 'credit', contact)).toBe(401);
});

test('the gateway asks in a hospital’s place, for what is that hospital’s, and never for itself', async () => {
  expect(await answerTo('gateway', 'identity', resolve(hospital('HZ001')))).toBe(200);
  expect(await answerTo('gateway', 'identity', resolve())).toBe(403);
  const own = visitOf('HZ001', hospital('HZ001'));
  expect(await answerTo('gateway', 'visit-ledger', own)).toBe(200);
  // The gateway was led astray: hospital HZ001 asks for HZ002's visit.
  const others = visitOf('HZ002', hospital('HZ001'));
  expect(await answerTo('gateway', 'visit-ledger', others)).toBe(403);
  expect(await answerTo('gateway', 'visit-ledger', visitOf('HZ001'))).toBe(403);
});

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const nowS = (): number => Date.now() / 1000;
const claims = () => ({
  ...{ iss: 'service/notification', aud: 'identity', sub: 'service/notification' },
  ...{ iat: nowS(), exp: nowS() + 60 },
});
const KID = 'service/notification-1';
const part = (alg: string) =>
  `${base64({ typ: 'service+jwt', alg, kid: KID })}.${base64(claims())}`;

test.each<[string, () => string]>([
  ['alg none', () => `${part('none')}.`],
  ['alg none with something behind it', () => `${part('none')}.AAAA`],
  [
    'HS256 by the public key',
    () => {
      const key = authorsOf(FIRST).find(({ kid }) => kid === KID)!.key;
      const text = part('HS256');
      const secret = Buffer.from(key, 'base64');
      return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
    },
  ],
  ['another’s signature', () => `${part('EdDSA')}.${tokenOf('payment').split('.')[2]}`],
  ['a key that no one published', () => strangers()],
  ['one that has expired', () => tokenOf('notification', -120_000)],
  ['one of tomorrow', () => tokenOf('notification', 86_400_000)],
])('is refused over HTTP: %s', async (_, token) => expect(await sent(token())).toBe(401));

const bare = (tokens: ServiceTokens): string =>
  tokens.authorization('identity').slice('Bearer '.length);
const tokenOf = (service: string, aheadMs = 0): string =>
  bare(
    new ServiceTokens({
      key: () => asking.signingKeyOf(`${SERVICE}${service}`),
      clock: { now: () => new Date(Date.now() + aheadMs) },
    }),
  );
const strangers = (): string =>
  bare(new ServiceTokens({ key: () => twinKeyOf('service/notification'), clock: systemClock }));

test('a service’s key changes while both run', async () => {
  const old = tokenOf('notification');
  expect(await sent(old)).toBe(200);
  // First all know the new public key, then its owner signs with it.
  write(authorsFile, publicKeysOf(FIRST, SECOND));
  answering.reload();
  write(signingFile, SECOND);
  asking.reload();
  expect(await answerTo('notification', 'identity', contact)).toBe(200);
  expect(await sent(old)).toBe(200);
  // The old one leaked: without its public key nothing that it signed counts.
  write(authorsFile, publicKeysOf(SECOND));
  answering.reload();
  expect(await sent(old)).toBe(401);
  expect(await answerTo('notification', 'identity', contact)).toBe(200);
});
