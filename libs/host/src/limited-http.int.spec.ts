import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type Socket } from 'node:net';
import { DomainError } from '@caretab/kernel';
import { eventually } from '@caretab/hospital';
import { Controller, Get, HttpCode, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Doorkeepers } from './doorkeepers';
import { LimitedHttp } from './limited-http';
import { ProblemFilter } from './problem.filter';

const LARGE = 'x'.repeat(32 * 1024 * 1024);
let hold: Promise<void> | undefined;
let refusal: DomainError | undefined;
const decide = async (): Promise<void> => {
  if (refusal) throw refusal;
};
let bodiesRead = 0;

@Controller()
class ShopController {
  @Post('orders')
  @HttpCode(202)
  async order(): Promise<{ ok: true }> {
    await hold;
    return { ok: true };
  }

  @Get('everything')
  everything(): string {
    return LARGE;
  }

  @Get('health')
  health(): { status: 'up' } {
    return { status: 'up' };
  }
}

@Module({ controllers: [ShopController] })
class ShopModule {}

let app: NestExpressApplication;
let refused = 0;
const sockets: Socket[] = [];

beforeAll(async () => {
  const doorkeepers = new Doorkeepers(
    new ProblemFilter(
      () => undefined,
      () => 0,
    ),
  );
  doorkeepers.add(({ url }) => (url === '/orders' ? decide() : undefined));
  app = await NestFactory.create<NestExpressApplication>(
    ShopModule,
    new LimitedHttp(
      { requestTimeoutMs: 800, connectionsMax: 6, refused: () => void (refused += 1) },
      (inside) => doorkeepers.inFrontOf(inside),
    ),
    { logger: false, bodyParser: false },
  );
  app.use(doorkeepers.answerRefusals);
  app.use((_: unknown, __: unknown, next: () => void) => ((bodiesRead += 1), next()));
  app.useBodyParser('json', { limit: '1mb' });
  await app.listen(0, '127.0.0.1');
});
/** A client that never reads gets no end event: the server's count of connections shows it. */
const allGone = async (): Promise<void> => {
  const connected = (): Promise<number> =>
    new Promise((resolve, reject) =>
      app
        .getHttpServer()
        .getConnections((error: Error | null, count: number) =>
          error ? reject(error) : resolve(count),
        ),
    );
  await eventually(async () => expect(await connected()).toBe(0), 20_000);
};
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await allGone();
});
afterAll(() => app.close());

/** A caller that writes as instructed and reads only if allowed. */
const caller = async (reads = true) => {
  const socket = connect({
    host: '127.0.0.1',
    port: (app.getHttpServer().address() as { port: number }).port,
  });
  sockets.push(socket);
  let heard = '';
  let isClosed = false;
  socket
    .on('error', () => undefined)
    .on('close', () => void (isClosed = true))
    .on('end', () => void (isClosed = true));
  if (reads) socket.on('data', (chunk: Buffer) => void (heard += chunk.toString('latin1')));
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  const until = (condition: () => boolean): Promise<void> =>
    eventually(() => {
      if (!condition()) throw new Error(`nothing happened; heard: ${heard.slice(0, 200)}`);
    }, 20_000);
  return {
    socket,
    until,
    heard: () => heard,
    closed: () => until(() => isClosed),
    isClosed: () => isClosed,
  };
};

const HEAD = 'POST /orders HTTP/1.1\r\nhost: shop\r\ncontent-type: application/json\r\n';

test('a caller that dribbles its head or its body is closed, and was not waited for in between', async () => {
  const [head, body] = [await caller(), await caller()];
  head.socket.write('POST /orders HTTP/1.1\r\nx-a: ');
  body.socket.write(`${HEAD}content-length: 100\r\n\r\n{"a":`);
  const dribble = setInterval(
    () => [head, body].forEach(({ socket }) => socket.writable && socket.write('1')),
    50,
  );
  const other = await caller();
  other.socket.write(`${HEAD}content-length: 2\r\n\r\n{}`);
  await other.until(() => other.heard().includes('{"ok":true}'));
  await Promise.all([head.closed(), body.closed()]).finally(() => clearInterval(dribble));
  expect([head, body].map(({ heard }) => /^HTTP\/1.1 408/.test(heard()))).toEqual([true, true]);
});

test('a caller that does not read its answer is closed', async () => {
  const deaf = await caller(false);
  deaf.socket.write('GET /everything HTTP/1.1\r\nhost: shop\r\n\r\n');
  await allGone();
});

test('a caller that waits for us is not closed, however long we take', async () => {
  let letGo = (): void => undefined;
  hold = new Promise((resolve) => (letGo = resolve));
  const patient = await caller();
  patient.socket.write(`${HEAD}content-length: 2\r\n\r\n{}`);
  await sleep(2_000);
  expect(patient.isClosed()).toBe(false);
  letGo();
  await patient.until(() => patient.heard().includes('{"ok":true}'));
});

test('there are as many connections as may be; one more is closed and noticed', async () => {
  const all = [];
  for (let count = 0; count < 6; count += 1) all.push(await caller());
  const before = refused;
  const one = await caller();
  await one.closed();
  expect(refused).toBe(before + 1);
  expect(all.some(({ isClosed }) => isClosed())).toBe(false);
});

test.each([
  ['OVERLOADED', 'overloaded', 429, 1],
  ['IDENTITY_UNAVAILABLE', 'unavailable', 503, 2],
] as const)(
  'whom the doorkeeper turns away with %s is answered before the body is sent, and nobody else is',
  async (code, kind, status, seconds) => {
    refusal = new DomainError(code, kind, { why: 'a test' });
    const turnedAway = await caller();
    const before = bodiesRead;
    turnedAway.socket.write(`${HEAD}content-length: 1000\r\n\r\n`);
    await turnedAway.until(() => turnedAway.heard().includes('retryAfterSeconds'));
    const heard = turnedAway.heard();
    expect(heard).toContain(`HTTP/1.1 ${status} `);
    expect(heard).toMatch(new RegExp(`\r\nRetry-After: ${seconds}\r\n`));
    expect(heard).toMatch(/\r\nContent-Type: application\/problem\+json; charset=utf-8\r\n/);
    expect(heard).toContain(`"code":"${code}"`);
    expect(bodiesRead).toBe(before);
    const other = await caller();
    other.socket.write('GET /health HTTP/1.1\r\nhost: shop\r\n\r\n');
    await other.until(() => other.heard().includes('{"status":"up"}'));
  },
);
