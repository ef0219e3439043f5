import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { TcpLine } from './tcp-proxy';

const HOST = '127.0.0.1';
const until = async (condition: () => boolean): Promise<void> => {
  for (const from = Date.now(); !condition(); await wait(5))
    if (Date.now() - from > 20_000) throw new Error('what the test waits for did not come');
};

/** Echoes each line, and remembers what it received. */
class Echo {
  readonly heard: string[] = [];
  readonly sockets = new Set<Socket>();
  isReading = true;
  private readonly server: Server = createServer((socket) => {
    this.sockets.add(socket);
    socket
      .setEncoding('utf8')
      .on('error', () => undefined)
      .once('close', () => this.sockets.delete(socket));
    if (this.isReading)
      socket.on('data', (text: string) => (this.heard.push(text), socket.write(text)));
    else socket.pause();
  });

  get port(): number {
    return (this.server.address() as { port: number }).port;
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.server.listen(0, HOST, resolve));
  }

  close(): Promise<unknown> {
    for (const socket of this.sockets) socket.destroy();
    return new Promise((resolve) => this.server.close(resolve));
  }
}

class Client {
  readonly got: string[] = [];
  error: string | undefined;
  isClosed = false;
  isConnected = false;
  readonly socket: Socket;

  constructor(port: number) {
    this.socket = connect({ host: HOST, port }, () => (this.isConnected = true)).setEncoding(
      'utf8',
    );
    this.socket
      .on('data', (text: unknown) => this.got.push(text as string))
      .on('error', ({ code }: NodeJS.ErrnoException) => (this.error = code))
      .once('close', () => (this.isClosed = true));
  }

  say(text: string): void {
    this.socket.write(text);
  }
}

let echo: Echo;
let line: TcpLine;
let port: number;
const clients: Client[] = [];
const call = (): Client => {
  const client = new Client(port);
  clients.push(client);
  return client;
};
/** A client that has had one answer. */
const talking = async (): Promise<Client> => {
  const client = call();
  client.say('hello');
  await until(() => client.got.length === 1);
  return client;
};

beforeEach(async () => {
  echo = new Echo();
  await echo.listen();
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, HOST, resolve));
  ({ port } = probe.address() as { port: number });
  await new Promise((resolve) => probe.close(resolve));
  line = await TcpLine.open({ host: HOST, port, serverPort: echo.port });
});
afterEach(async () => {
  for (const { socket } of clients.splice(0)) socket.destroy();
  await line.close();
  await echo.close();
});

test('a sound line passes everything on, both ways, and the end of it', async () => {
  const client = await talking();
  expect([echo.heard, client.got, line.state]).toEqual([['hello'], ['hello'], 'normal']);
  client.socket.end();
  await until(() => client.isClosed && echo.sockets.size === 0);
});

test('a cut closes what is open, on both sides, and whoever calls again gets through', async () => {
  const client = await talking();
  await line.break('cut');
  await until(() => client.isClosed && echo.sockets.size === 0);
  expect(line.state).toBe('normal');
  await talking();
});

test('on a deaf line what is asked arrives, no answer does, and its end cuts it', async () => {
  const before = await talking();
  await line.break('deaf');
  const during = call();
  before.say('pay');
  during.say('post');
  await until(() => echo.heard.length === 3);
  await wait(50);
  expect([before.got, during.got]).toEqual([['hello'], []]);
  await line.heal();
  await until(() => before.isClosed && during.isClosed);
  expect([before.got, during.got]).toEqual([['hello'], []]);
  await talking();
});

test('a silent line takes calls and passes nothing, and afterwards all of it, in order', async () => {
  const before = await talking();
  await line.break('silent');
  const during = call();
  before.say('one');
  during.say('two');
  await until(() => during.isConnected);
  await wait(50);
  expect([echo.heard, before.isClosed, during.isClosed]).toEqual([['hello'], false, false]);
  await line.heal();
  await until(() => before.got.length === 2 && during.got.length === 1);
  expect([before.got, during.got]).toEqual([['hello', 'one'], ['two']]);
});

test('a dead call stays dead when the line is healed, on both sides, until its owner gives it up', async () => {
  const before = await talking();
  await line.break('dead');
  const during = call();
  before.say('one');
  during.say('two');
  await until(() => during.isConnected);
  await line.heal();
  await talking();
  before.say('three');
  await wait(50);
  expect([echo.heard, before.got, during.got, before.isClosed, during.isClosed]).toEqual([
    ['hello', 'hello'],
    ['hello'],
    [],
    false,
    false,
  ]);
  expect(echo.sockets.size).toBe(2);
  before.socket.end();
  await until(() => before.isClosed);
  expect(echo.sockets.size).toBe(2);
});

test('a refused line has nobody at it, and has again when it is healed', async () => {
  const before = await talking();
  await line.break('refused');
  await until(() => before.isClosed);
  const during = call();
  await until(() => during.isClosed);
  expect(during.error).toBe('ECONNREFUSED');
  await line.heal();
  await talking();
});

test('a further fault takes the place of the one before', async () => {
  await line.break('refused');
  await line.break('silent');
  const client = call();
  client.say('hello');
  await until(() => client.isConnected);
  await line.heal();
  await until(() => client.got.length === 1);
});

test('whoever sends more than the other side reads has to wait: the line keeps nothing', async () => {
  echo.isReading = false;
  const client = call();
  await until(() => echo.sockets.size === 1);
  const before = process.memoryUsage().external + process.memoryUsage().arrayBuffers;
  const chunk = Buffer.alloc(1024 * 1024, 'a');
  let flushed = 0;
  for (let sent = 0; sent < 200; sent += 1) client.socket.write(chunk, () => (flushed += 1));
  await wait(300);
  // What the sockets of one loopback connection hold, twice, and no more.
  expect(flushed).toBeLessThan(60);
  expect(process.memoryUsage().external + process.memoryUsage().arrayBuffers - before).toBeLessThan(
    50 * 1024 * 1024,
  );
});
