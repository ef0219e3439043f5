import {
  createServer,
  type IncomingHttpHeaders,
  type RequestListener,
  type Server,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { derivedId } from '@caretab/kernel';
import { MemoryBus, type Message } from '@caretab/bus';
import { seededRandom, TestTimers } from '@caretab/doubles';
import { Hl7Sender, HttpSender, Producer } from './hospitals-doors';
import { Unavailable } from '@caretab/hospital';
import { citizensOf, INSTITUTIONS } from './hospitals-people';
import { type ChaosReport, type ChaosVisit, planVisit } from './hospitals-visit';

const random = seededRandom(3);
const citizens = citizensOf(random);
const visitAt = (institution: (typeof INSTITUTIONS)[number]): ChaosVisit =>
  planVisit(random, {
    visitNumber: 'S3.1',
    institution,
    citizen: citizens[0]!,
    others: citizens,
    now: new Date('2026-03-02T04:00:00Z'),
  });
const of = <Kind extends ChaosReport['kind']>(
  { actions }: ChaosVisit,
  kind: Kind,
): ChaosReport & { readonly kind: Kind } =>
  actions.find((action): action is ChaosReport & { readonly kind: Kind } => action.kind === kind)!;

describe('a hospital at the HTTP door', () => {
  let server: Server | undefined;
  afterEach(
    async () =>
      void (await new Promise<void>((closed) =>
        server ? server.close(() => closed()) : closed(),
      )),
  );
  const asked: { url: string; headers: IncomingHttpHeaders }[] = [];
  const sender = async (
    status: number,
    { headers = {}, body = '{}' } = {},
  ): Promise<HttpSender> => {
    asked.splice(0);
    const answer: RequestListener = (request, response) => {
      asked.push({ url: request.url!, headers: request.headers });
      response.writeHead(status, { connection: 'close', ...headers }).end(body);
    };
    server = createServer(answer);
    await new Promise<void>((listening) => server!.listen(0, '127.0.0.1', listening));
    return new HttpSender({
      gatewayUrls: [`http://127.0.0.1:${(server.address() as AddressInfo).port}`],
      keyOf: (institutionId) => `key of ${institutionId}`,
    });
  };
  const visit = visitAt(INSTITUTIONS[1]);

  test('knows the ids that its charges have on the bus, whatever repetition was taken', async () => {
    const door = await sender(202);
    const action = of(visit, 'charges');
    await expect(door.send(visit, action)).resolves.toEqual({
      ids: action.charges.map((_, index) =>
        derivedId(`http/CH002/${action.key}`, String(index + 1)),
      ),
    });
    expect(asked).toEqual([
      {
        url: '/v1/visits/CH002-S3.1/charges',
        headers: expect.objectContaining({
          authorization: 'Bearer key of CH002',
          'idempotency-key': action.key,
        }),
      },
    ]);
  });

  test.each([429, 500, 502, 503, 504])('takes %i for no answer', async (status) => {
    const door = await sender(status, { headers: { 'retry-after': '3' } });
    await expect(door.send(visit, of(visit, 'start'))).rejects.toMatchObject({
      name: 'Unavailable',
      waitMs: 3000,
    });
  });

  test('takes a refusal for an answer, with its code', async () => {
    const door = await sender(409, { body: '{"code":"PERSON_DIFFERS"}' });
    await expect(door.send(visit, of(visit, 'start'))).resolves.toEqual({
      refused: '409 PERSON_DIFFERS',
    });
  });

  test('takes a line that breaks for no answer', async () => {
    const door = new HttpSender({ gatewayUrls: ['http://127.0.0.1:1'], keyOf: () => '' });
    await expect(door.send(visit, of(visit, 'start'))).rejects.toBeInstanceOf(Unavailable);
  });
});

describe('a hospital with a producer of its own', () => {
  const NO_GATEWAY = { gatewayUrls: ['http://127.0.0.1:1'], keyOf: () => '' };
  const visit = visitAt(INSTITUTIONS[2]);

  test('sends the same event ids whenever it says the same, keyed by the visit', async () => {
    const sent: Message[][] = [];
    const topics: string[] = [];
    const bus = Object.assign(new MemoryBus(new TestTimers()), {
      send: async (topic: string, messages: readonly Message[]) => {
        topics.push(topic);
        sent.push([...messages]);
      },
    });
    const door = new Producer({ ...NO_GATEWAY, producerOf: () => bus });
    const answers = [
      await door.send(visit, of(visit, 'charges')),
      await door.send(visit, of(visit, 'charges')),
    ];
    expect(answers[0]).toEqual(answers[1]);
    expect(sent[0]).toEqual(sent[1]);
    expect(sent[0]!.every(({ key }) => key === visit.visitId)).toBe(true);
    expect(answers[0]).toEqual({
      ids: sent[0]!.map(({ headers }) => derivedId(`bus/CH003/${headers['ce_id']}`, '1')),
    });
    expect(topics).toEqual(['hospital.reports.CH003', 'hospital.reports.CH003']);
  });

  test('takes a bus that takes nothing for no answer', async () => {
    const bus = Object.assign(new MemoryBus(new TestTimers()), {
      send: () => Promise.reject(new Error('no broker')),
    });
    await expect(
      new Producer({ ...NO_GATEWAY, producerOf: () => bus }).send(visit, of(visit, 'charges')),
    ).rejects.toBeInstanceOf(Unavailable);
  });
});

test('a hospital at the HL7 door closes its connection when it is done', () => {
  new Hl7Sender({ mllp: [{ host: '127.0.0.1', port: 1 }] }, 0).close();
});
