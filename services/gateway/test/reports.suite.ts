import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Authors,
  type Bus,
  type Message,
  publicKeyOf,
  type ReceivedMessage,
  signingBus,
  TWIN_AUTHORS,
  twinBusSettings,
  twinKeyOf,
} from '@caretab/bus';
import { namedBus } from '@caretab/bus/test';
import { hospitalReports, hospitalVisitEvents, topics } from '@caretab/contracts';
import { freePort, testDatabase, type TestDatabase } from '@caretab/doubles';
import { eventually } from '@caretab/hospital';
import { type RunningServices, startServices } from '@caretab/host';
import { systemClock } from '@caretab/kernel';
import { gateway } from '../src';
import { personIdOf, SPECIMEN } from './gateway';
import { charged, reported } from './own-topic';

const PERSON = personIdOf(1);
const AT = new Date().toISOString();
const GROUP = 'gateway.report';

/** Identity in small: a hospital's key is `key-of-` and its id, and every number is one person's. */
const identityInSmall = (): Promise<Server> =>
  new Promise((resolve) => {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = JSON.parse(Buffer.concat(chunks).toString() || '{}') as Record<string, string>;
        const answer = request.url!.includes('/institutions/authenticate')
          ? { institutionId: body['institutionId'] ?? body['apiKey']!.slice('key-of-'.length) }
          : request.url!.endsWith('/compare')
            ? { differs: [] }
            : { personId: PERSON };
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
      });
    });
    server.listen(0, '127.0.0.1', () => resolve(server));
  });

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

/** The gateway as it ships, over a real bus and PostgreSQL. */
export const reportsSuite = (name: string, openBus: (databaseUrl: string) => Bus): void => {
  describe(`hospitals’ own topics ${name}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'caretab-reports-'));
    const authorsFile = join(folder, 'authors.json');
    const published: ReceivedMessage[] = [];
    let database: TestDatabase;
    let bus: Bus;
    let identity: Server;
    let running: RunningServices;

    const believe = (...hospitals: readonly string[]): void => {
      const { keys } = JSON.parse(twinBusSettings().BUS_AUTHORS) as { keys: object[] };
      const own = hospitals.map((id) => publicKeyOf(twinKeyOf(`hospital/${id}`)));
      writeFileSync(authorsFile, JSON.stringify({ keys: [...keys, ...own] }));
    };
    /** `by`: who signs. */
    const write = (to: string, by: string, ...messages: readonly Message[]): Promise<void> =>
      signingBus(bus, () => twinKeyOf(by)).send(hospitalReports(to).name, messages);
    const ask = async (path: string, hospital?: string, body?: object): Promise<any> => {
      const response = await fetch(`${running.url}${path}`, {
        method: body ? 'POST' : 'GET',
        headers: {
          'content-type': 'application/json',
          ...(hospital && { authorization: `Bearer key-of-${hospital}` }),
        },
        ...(body && { body: JSON.stringify(body) }),
      });
      return response.json();
    };
    const shows = async (hospital: string): Promise<void> =>
      expect(
        await ask('/v1/persons/resolve', hospital, { type: 'id-number', value: SPECIMEN }),
      ).toEqual({ personId: PERSON });
    const typesOf = (visitId: string): string[] =>
      published.filter(({ key }) => key === visitId).map(({ headers }) => headers['ce_type']!);
    const parked = async (): Promise<{ id: string; code: string; key: string }[]> =>
      (await ask('/gateway/parked')).messages;
    const until = (check: () => unknown): Promise<void> =>
      eventually(async () => void (await check()), 40_000);

    const visit = (institutionId: string, visitNumber = 'V1'): Message[] => {
      const as = { institutionId, visitNumber };
      return [
        reported('VisitStarted', { personId: PERSON, visitClass: 'outpatient', startedAt: AT }, as),
        reported('ChargePosted', charged('C1', { occurredAt: AT }), as),
        reported('VisitEnded', { endedAt: AT }, as),
      ];
    };
    const WHOLE = ['VisitStarted', 'ChargePosted', 'VisitEnded'];

    beforeAll(async () => {
      database = await testDatabase();
      identity = await identityInSmall();
      bus = namedBus(openBus(database.url), 'reports');
      believe('HZ003', 'HZ004');
      const url = `http://127.0.0.1:${portOf(identity)}`;
      running = await startServices({
        services: [gateway],
        topics,
        bus,
        databaseUrl: () => database.url,
        env: {
          HTTP_PORT: String(await freePort()),
          ...twinBusSettings(),
          BUS_AUTHORS: authorsFile,
          LOG_LEVEL: 'silent',
          HTTP_RESPONSE_CHECK: 'true',
          GATEWAY_SEALING_KEY: Buffer.alloc(32, 7).toString('base64'),
          GATEWAY_MLLP_PORT: String(await freePort()),
          ...{ IDENTITY_URL: url, VISIT_LEDGER_URL: url, NOTIFICATION_URL: url, PAYMENT_URL: url },
        },
      });
      await bus.consume(
        { group: 'test.reader', topics: [hospitalVisitEvents.name] },
        async ({ messages }) => void published.push(...messages),
      );
      for (const hospital of ['HZ003', 'HZ004', 'HZ005']) await shows(hospital);
    });
    afterAll(async () => {
      await running?.stop();
      await bus?.close();
      await new Promise((closed) => identity.close(closed));
      await database?.drop();
      rmSync(folder, { recursive: true });
    });

    test('two hospitals’ topics are taken over, each visit in order, signed by the gateway', async () => {
      await write('HZ003', 'hospital/HZ003', ...visit('HZ003'));
      await write('HZ004', 'hospital/HZ004', ...visit('HZ004'));
      await until(() => {
        expect(typesOf('HZ003-V1')).toEqual(WHOLE);
        expect(typesOf('HZ004-V1')).toEqual(WHOLE);
      });
      const authors = new Authors(TWIN_AUTHORS, systemClock);
      for (const message of published)
        expect(() => authors.verify(hospitalVisitEvents, message)).not.toThrow();
      expect(published[0]!.headers).toMatchObject({
        ce_source: expect.stringMatching(/^hospital\/HZ00[34]$/),
        ce_causationid: expect.stringMatching(/^bus\/HZ00[34]\/HZ00[34]\/V1\/VisitStarted$/),
      });
      const { submissions } = await ask('/v1/submissions?visit=V1', 'HZ003');
      expect(submissions.map(({ kind, fate }: any) => `${kind} ${fate}`)).toEqual(
        WHOLE.map((kind) => `${kind} accepted`),
      );
    });

    test('sent again, nothing is published again', async () => {
      await write('HZ003', 'hospital/HZ003', ...visit('HZ003'));
      await write('HZ003', 'hospital/HZ003', ...visit('HZ003', 'V2'));
      await until(() => expect(typesOf('HZ003-V2')).toEqual(WHOLE));
      expect(typesOf('HZ003-V1')).toEqual(WHOLE);
    });

    test('another institution’s visit, and another’s signature, are refused and kept', async () => {
      const [opening] = visit('HZ004', 'V9') as [Message];
      // By the key of the topic's owner, and by that of the visit's hospital.
      const named = { ...opening, headers: { ...opening.headers, ce_source: 'hospital/HZ003' } };
      await write('HZ003', 'hospital/HZ003', named);
      const [second] = visit('HZ004', 'V9') as [Message];
      const again = { ...second, headers: { ...second.headers, ce_id: 'second' } };
      await write('HZ003', 'hospital/HZ004', again);
      await write('HZ003', 'hospital/HZ003', ...visit('HZ003', 'V3'));
      await until(() => expect(typesOf('HZ003-V3')).toEqual(WHOLE));
      await until(async () =>
        expect(
          (await parked()).filter(({ key }) => key === 'HZ004-V9').map(({ code }) => code),
        ).toEqual(['AUTHOR_FORBIDDEN', 'AUTHOR_FORBIDDEN']),
      );
      expect(typesOf('HZ004-V9')).toEqual([]);
      const { submissions } = await ask('/v1/submissions?fate=rejected', 'HZ003');
      expect(submissions).toMatchObject([
        { kind: 'VisitStarted', visitId: 'HZ004-V9', reason: 'AUTHOR_FORBIDDEN' },
        { kind: 'VisitStarted', visitId: 'HZ004-V9', reason: 'AUTHOR_FORBIDDEN' },
      ]);
      expect((await ask('/v1/submissions?fate=rejected', 'HZ004')).submissions).toEqual([]);
    });

    test('its hospital reads what was wrong, also where the message says neither kind nor visit', async () => {
      const bad = reported('ChargePosted', charged('C1', { occurredAt: AT, amountFen: 1 }), {
        institutionId: 'HZ004',
        visitNumber: 'V5',
      });
      const broken = { ...bad, key: 'nothing', headers: { ...bad.headers, ce_type: 'Nonsense' } };
      await write('HZ004', 'hospital/HZ004', bad, broken);
      await until(async () => {
        const { submissions } = await ask('/v1/submissions?fate=rejected', 'HZ004');
        expect(submissions).toEqual(
          expect.arrayContaining([
            expect.objectContaining({
              messageId: 'bus/HZ004/HZ004/V5/ChargePosted',
              visitId: 'HZ004-V5',
              reason: 'AMOUNT_MISMATCH',
              remedy: expect.stringContaining('correct quantity, unitPriceYuan or amountFen'),
            }),
            expect.objectContaining({ kind: null, visitId: null, reason: 'EVENT_TYPE_UNKNOWN' }),
          ]),
        );
      });
    });

    test('a hospital whose key comes later has a topic soon after', async () => {
      believe('HZ003', 'HZ004', 'HZ005');
      await until(() => write('HZ005', 'hospital/HZ005', ...visit('HZ005')));
      await until(() => expect(typesOf('HZ005-V1')).toEqual(WHOLE));
      await until(async () => {
        const backlog = await ask('/gateway/backlog');
        expect(backlog[`lag:${GROUP}`]).toBe(0);
      });
    });
  });
};
