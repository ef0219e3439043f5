import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { MailGateway, smtpTransport } from './mail.gateway';
import type { SendOutcome } from './outlets';

/** A mail server as far as a mail needs one; `hangsUpAt` ends a connection at a command. */
const server = { connections: 0, mails: 0, hangsUpAt: '' };
const sockets = new Set<Socket>();
let listening: Server;
let url: string;

const talk = (socket: Socket): void => {
  server.connections += 1;
  sockets.add(socket);
  socket.on('error', () => undefined).write('220 ready\r\n');
  let [inData, said] = [false, ''];
  socket.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    for (let end = said.indexOf('\r\n'); end >= 0; end = said.indexOf('\r\n')) {
      const line = said.slice(0, end);
      said = said.slice(end + 2);
      if (inData && line !== '.') continue;
      if (server.hangsUpAt !== '' && line.startsWith(server.hangsUpAt)) return socket.destroy();
      if (inData) server.mails += 1;
      inData = line === 'DATA';
      if (line.includes('reject@')) socket.write('550 no\r\n');
      else socket.write(inData ? '354 go\r\n' : '250 ok\r\n');
    }
    return undefined;
  });
};

beforeEach(async () => {
  Object.assign(server, { connections: 0, mails: 0, hangsUpAt: '' });
  listening = createServer(talk);
  await new Promise<void>((resolve) => void listening.listen(0, '127.0.0.1', resolve));
  url = `smtp://127.0.0.1:${(listening.address() as AddressInfo).port}`;
});
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  listening.close();
});

const outlet = () => {
  const mails = new MailGateway(url, 'no-reply@caretab.example', smtpTransport(url, 1000));
  return (to = 'a@mail.example'): Promise<SendOutcome> =>
    mails.send({ noticeId: 'n', to, subject: '退款', text: '¥5.00' });
};

test('mails one after the other go over one connection', async () => {
  const send = outlet();
  for (let count = 0; count < 5; count += 1) expect(await send()).toBe('sent');
  expect(server).toMatchObject({ connections: 1, mails: 5 });
});

test('mails side by side have a connection each, and later ones use them again', async () => {
  const send = outlet();
  const both = () => Promise.all([send(), send()]);
  expect([...(await both()), ...(await both())]).toEqual(['sent', 'sent', 'sent', 'sent']);
  expect(server).toMatchObject({ connections: 2, mails: 4 });
});

test('a server that ended a kept connection gets the next mail once, over another', async () => {
  const send = outlet();
  await send();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await send()).toBe('sent');
  expect(server).toMatchObject({ connections: 2, mails: 2 });
});

test('a kept connection that breaks when it is asked has taken no mail: it goes over another', async () => {
  const send = outlet();
  await send();
  server.hangsUpAt = 'RSET';
  expect(await send()).toBe('sent');
  expect(server).toMatchObject({ connections: 2, mails: 2 });
});

test('a line that breaks within a mail leaves it unknown, and it is not sent again', async () => {
  const send = outlet();
  await send();
  server.hangsUpAt = '.';
  expect(await send()).toBe('unknown');
  server.hangsUpAt = '';
  expect(server).toMatchObject({ connections: 1, mails: 1 });
  expect(await send()).toBe('sent');
  expect(server).toMatchObject({ connections: 2, mails: 2 });
});

test('a refused mail ends its connection, and the next one is sent', async () => {
  const send = outlet();
  expect(await send('reject@mail.example')).toBe('refused');
  expect(await send()).toBe('sent');
  expect(server).toMatchObject({ connections: 2, mails: 1 });
});
