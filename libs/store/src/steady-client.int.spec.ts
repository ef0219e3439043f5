import { createServer, type Server, type Socket } from 'node:net';
import { Pool } from 'pg';
import { connectionOptions } from './migrate';

/** One message of PostgreSQL's protocol, version 3. */
const message = (type: string, body: Buffer): Buffer => {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
};
const AUTHENTICATED = message('R', Buffer.alloc(4));
const READY = message('Z', Buffer.from('I'));
const SHUTTING_DOWN = message(
  'E',
  Buffer.from('SFATAL\0C57P01\0Mterminating connection due to administrator command\0\0'),
);

let server: Server;
const sockets = new Set<Socket>();
beforeAll(async () => {
  // It lets in, is ready, and shuts down, all in one packet: as a busy client gets it that reads a
  // little later.
  server = createServer((socket) => {
    sockets.add(socket);
    socket
      .on('error', () => undefined)
      .once('data', () => socket.write(Buffer.concat([AUTHENTICATED, READY, SHUTTING_DOWN])));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

test('a server that shuts down in the same breath as it is ready ends a query, not the process', async () => {
  const url = `postgres://shop@127.0.0.1:${(server.address() as { port: number }).port}/shop`;
  const { extra } = connectionOptions({ url, schema: 'shop' });
  const pool = new Pool({ connectionString: url, ...extra });
  pool.on('error', () => undefined);
  // The settings of a new session are read back before it is used: that is the query that ends.
  await expect(pool.connect()).rejects.toThrow('terminating connection');
  await pool.end();
});
