import {
  createServer as createHttpServer,
  type RequestListener,
  type Server as HttpServer,
} from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { Api } from '@caretab/hospital';
import { backlogOf, untilQuiet } from './quiet';

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
/** A port that was free a moment ago. */
const quietPort = async (): Promise<number> => {
  const server = createServer();
  const port = await listening(server);
  await new Promise<void>((closed) => server.close(() => closed()));
  open.pop();
  return port;
};

describe('a platform is at rest', () => {
  const backlog =
    (lag: number): RequestListener =>
    (_, response) =>
      void response.writeHead(200, { connection: 'close' }).end(JSON.stringify({ outbox: 0, lag }));
  const replicas = async (...lags: readonly number[]): Promise<string[]> =>
    Promise.all(
      lags.map(
        async (lag) => `http://127.0.0.1:${await listening(createHttpServer(backlog(lag)))}`,
      ),
    );

  test('when every replica of every service says so', async () => {
    const urls = await replicas(0, 0);
    await untilQuiet(new Api(() => urls), ['credit']);
    const busy = await replicas(0, 3);
    expect(await backlogOf(new Api(() => busy), ['credit'])).toEqual({ 'credit.lag': 3 });
  });

  test('not while one of them is gone: what it has to do nobody else knows', async () => {
    const urls = [...(await replicas(0)), `http://127.0.0.1:${await quietPort()}`];
    expect(Object.values(await backlogOf(new Api(() => urls), ['credit']))).toEqual([1]);
  });
});
