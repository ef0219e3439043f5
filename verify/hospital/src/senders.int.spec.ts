import { setTimeout as sleep } from 'node:timers/promises';
import {
  createServer as createHttpServer,
  type RequestListener,
  type Server as HttpServer,
} from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { Api, ApiError } from './api';
import { MllpSender } from './mllp-sender';
import { retryAfterMs } from './patience';

const open: { close(done: () => void): unknown }[] = [];
afterEach(async () => {
  for (const server of open.splice(0))
    await new Promise<void>((closed) => void server.close(closed));
});

const listening = async <S extends HttpServer | Server>(server: S, port = 0): Promise<number> => {
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  open.push(server);
  return (server.address() as AddressInfo).port;
};
/**
 * Answers with each of the statuses in turn, then with 200; a body says which number of request it
 * was.
 */
const answering = (...statuses: readonly number[]): RequestListener => {
  let count = 0;
  return (_, response) => {
    response
      .writeHead(statuses[count++] ?? 200, { connection: 'close' })
      .end(JSON.stringify({ count, code: 'SAID_NO' }));
  };
};
/** A port that was free a moment ago. */
const quietPort = async (): Promise<number> => {
  const server = createServer();
  const port = await listening(server);
  await new Promise<void>((closed) => server.close(() => closed()));
  open.pop();
  return port;
};

describe('a player who asks a service', () => {
  test('asks again while it is unavailable', async () => {
    const port = await listening(createHttpServer(answering(503, 503)));
    await expect(
      new Api(() => [`http://127.0.0.1:${port}`]).post('/credit/enrolments', {}),
    ).resolves.toMatchObject({ count: 3 });
  });

  test('comes again no sooner than it is told to when it is sent away', async () => {
    const times: number[] = [];
    const port = await listening(
      createHttpServer((_, response) => {
        times.push(performance.now());
        response
          .writeHead(times.length === 1 ? 429 : 200, { connection: 'close', 'retry-after': '1' })
          .end('{"code":"OVERLOADED"}');
      }),
    );
    await new Api(() => [`http://127.0.0.1:${port}`]).post('/v1/visits', {});
    expect(times).toHaveLength(2);
    expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(990);
  });

  test.each([
    ['3', 3000],
    ['0', 0],
    ['86400', 60_000],
    ['Wed, 21 Oct 2026 07:28:00 GMT', 0],
    ['-1', 0],
    [null, 0],
  ])('reads %s as %i ms', (header, waitMs) => expect(retryAfterMs(header)).toBe(waitMs));

  test('waits for one that is not there yet', async () => {
    const port = await quietPort();
    const asked = new Api(() => [`http://127.0.0.1:${port}`]).get('/credit/summary');
    await sleep(250);
    await listening(createHttpServer(answering()), port);
    await expect(asked).resolves.toMatchObject({ count: 1 });
  });

  test('goes to the other replica when one is gone', async () => {
    const [gone, there] = [await quietPort(), await listening(createHttpServer(answering()))];
    const api = new Api(() => [gone, there].map((port) => `http://127.0.0.1:${port}`));
    for (let count = 1; count <= 3; count += 1)
      await expect(api.get('/credit/summary')).resolves.toMatchObject({ count });
  });

  test('takes a refusal for an answer', async () => {
    const port = await listening(createHttpServer(answering(409)));
    await expect(
      new Api(() => [`http://127.0.0.1:${port}`]).put('/credit/persons/p-1/score', {}),
    ).rejects.toEqual(new ApiError(409, 'SAID_NO', 'PUT /credit/persons/:personId/score'));
  });
});

describe('a hospital that sends HL7', () => {
  const frame = (text: string): Buffer =>
    Buffer.concat([Buffer.from([0x0b]), Buffer.from(text), Buffer.from([0x1c, 0x0d])]);
  const acknowledgement = (code: string, error = ''): Buffer =>
    frame(`MSH|^~\\&|\rMSA|${code}|1|\r${error}`);
  const receiver = (
    ...answers: readonly ((socket: Socket) => void)[]
  ): { readonly server: Server; readonly received: string[] } => {
    const received: string[] = [];
    const server = createServer((socket) =>
      socket
        .on('error', () => undefined)
        .on('data', (bytes) => {
          received.push(bytes.subarray(1, -2).toString());
          answers[Math.min(received.length, answers.length) - 1]!(socket);
        }),
    );
    return { server, received };
  };

  test('sends the message again over a new connection when the answer does not come, or asks for it', async () => {
    const { server, received } = receiver(
      (socket) => socket.destroy(),
      (socket) =>
        socket.write(
          acknowledgement(
            'AR',
            'ERR|||207^Application internal error^HL70357|E|IDENTITY_UNAVAILABLE\r',
          ),
        ),
      (socket) => socket.write(acknowledgement('AA')),
    );
    const sender = new MllpSender([{ host: '127.0.0.1', port: await listening(server) }], 0);
    expect(await sender.send(Buffer.from('a charge'))).toBe('AA');
    expect(received).toEqual(['a charge', 'a charge', 'a charge']);
    sender.close();
  });

  test('what has no control id goes ahead of the next message, whose answer stands for both', async () => {
    const { server, received } = receiver((socket) => socket.write(acknowledgement('AA')));
    const sender = new MllpSender([{ host: '127.0.0.1', port: await listening(server) }], 0);
    expect(await sender.send(Buffer.from('a charge'), [Buffer.from('noise')])).toBe('AA');
    expect(received.join('\u001c\r\u000b')).toBe('noise\u001c\r\u000ba charge');
    sender.close();
  });

  test('takes an error in the message for an answer', async () => {
    const { server, received } = receiver((socket) =>
      socket.write(
        acknowledgement('AE', 'ERR||FT1^1^6|101^Required field missing^HL70357|E|FIELD_MISSING\r'),
      ),
    );
    const sender = new MllpSender([{ host: '127.0.0.1', port: await listening(server) }], 0);
    expect(await sender.send(Buffer.from('a charge'))).toBe('AE');
    expect(received).toHaveLength(1);
    sender.close();
  });
});
