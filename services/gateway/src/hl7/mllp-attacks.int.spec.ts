import { FRAME_BYTES_MAX, framed } from '@caretab/contracts';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type Socket } from 'node:net';
import { systemTimers } from '@caretab/kernel';
import { eventually } from '@caretab/hospital';
import { gatewayOn, hl7 } from '../../test/gateway';
import { type MllpOptions, MllpServer } from './mllp-server.adapter';

const START = Buffer.from([0x0b]);
let gateway: ReturnType<typeof gatewayOn>;
let server: MllpServer;
let cuts: string[];
const sockets: Socket[] = [];

const start = async (more: Partial<MllpOptions> = {}): Promise<void> => {
  server = new MllpServer(gateway.hl7Door, {
    host: '127.0.0.1',
    port: 0,
    idleTimeoutMs: 60_000,
    firstByteTimeoutMs: 60_000,
    frameTimeoutMs: 60_000,
    connectionsMax: 500,
    connectionsPerPeerMax: 100,
    bytesMax: 4 * FRAME_BYTES_MAX,
    timers: systemTimers,
    traced: (work) => work(),
    cut: (why) => void cuts.push(why),
    forbidden: () => undefined,
    ...more,
  });
  await server.onApplicationBootstrap();
};

const line = async (localAddress = '127.0.0.1') => {
  const socket = connect({ host: '127.0.0.1', port: server.port, localAddress });
  sockets.push(socket);
  let [received, closed] = ['', false];
  socket.on('data', (chunk: Buffer) => void (received += chunk.toString('utf8')));
  socket.on('error', () => undefined).on('close', () => void (closed = true));
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  return {
    socket,
    isClosed: () => closed,
    ended: () => eventually(() => expect(closed).toBe(true), 20_000),
    /** Sends a visit and waits for its answer. */
    isServed: async (controlId: string) => {
      socket.write(framed(hl7('ADT^A04', { controlId, pv1: { 19: controlId } })));
      await eventually(() => expect(received).toContain(`MSA|AA|${controlId}|`), 20_000);
    },
  };
};

beforeEach(() => {
  gateway = gatewayOn();
  cuts = [];
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await server.beforeApplicationShutdown();
});

test('five hundred silent connections from five addresses keep no hospital out', async () => {
  await start();
  const early = await line();
  await early.isServed('EARLY');
  for (const last of [1, 2, 3, 4, 5])
    await Promise.all(Array.from({ length: 100 }, () => line(`127.0.0.${last}`)));
  await (await line()).isServed('LATE');
  await early.isServed('EARLY-2');
  expect(server.seats.counts.connections).toBeLessThanOrEqual(500);
  expect(new Set(cuts)).toEqual(new Set(['gave way']));
});

test('nor do connections that each send a frame of a facility that does not exist', async () => {
  await start({ connectionsMax: 20, connectionsPerPeerMax: 20 });
  const refused = framed(hl7('ADT^A04', { facility: 'NOWHERE' }));
  for (let number = 0; number < 20; number += 1) (await line()).socket.write(refused);
  await eventually(async () => {
    expect(await gateway.quarantine.list('open')).toMatchObject([{ timesSeen: 20 }]);
  }, 20_000);
  await (await line()).isServed('M1');
});

test('a megabyte of an unfinished frame on each of many connections stays within the bound', async () => {
  await start();
  const hospital = await line();
  const most = { bytes: 0 };
  const watch = setInterval(() => {
    most.bytes = Math.max(most.bytes, server.seats.counts.bytes);
  }, 1);
  const unfinished = Buffer.concat([START, Buffer.alloc(FRAME_BYTES_MAX - 10, 0x41)]);
  const many = await Promise.all(Array.from({ length: 40 }, () => line('127.0.0.2')));
  for (const { socket } of many) socket.write(unfinished);
  await eventually(() => expect(cuts.length).toBeGreaterThanOrEqual(36), 20_000);
  await hospital.isServed('M1');
  clearInterval(watch);
  expect(new Set(cuts)).toEqual(new Set(['bytes']));
  expect(most.bytes).toBeLessThanOrEqual(4 * FRAME_BYTES_MAX + many.length * 65_536);
  // Of a flood nothing is kept.
  expect(await gateway.quarantine.list('open')).toEqual([]);
});

test('the connection that holds most is cut off, not the hospital whose long message is under way', async () => {
  await start({ bytesMax: 2 * FRAME_BYTES_MAX });
  const hospital = await line();
  const message = framed(
    `${hl7('ADT^A04', { controlId: 'LONG' })}\rNTE|1||${'x'.repeat(FRAME_BYTES_MAX / 2)}`,
  );
  hospital.socket.write(message.subarray(0, message.length / 2));
  const many = await Promise.all(Array.from({ length: 6 }, () => line('127.0.0.2')));
  for (const { socket } of many)
    socket.write(Buffer.concat([START, Buffer.alloc(FRAME_BYTES_MAX / 2, 0x41)]));
  await eventually(() => expect(cuts.length).toBeGreaterThanOrEqual(2), 20_000);
  expect(hospital.isClosed()).toBe(false);
  hospital.socket.write(message.subarray(message.length / 2));
  await hospital.isServed('M2');
});

test('megabytes of start marks alone are passed over', async () => {
  await start();
  const { socket } = await line();
  socket.write(Buffer.alloc(4 * FRAME_BYTES_MAX, 0x0b));
  await (await line()).isServed('M1');
  await eventually(() => expect(server.seats.counts.bytes).toBe(0), 20_000);
  expect(await gateway.quarantine.list('open')).toEqual([]);
});

test('a web page that sends frames in a request to the port of this machine sends nothing', async () => {
  await start();
  const page = await line();
  const body = framed(hl7('ADT^A04', { controlId: 'PAGE' })).toString('latin1');
  page.socket.write(`POST / HTTP/1.1\r\nHost: 127.0.0.1:2575\r\n\r\n${body}`, 'latin1');
  await page.ended();
  expect(cuts).toEqual(['http']);
  expect(await gateway.published()).toEqual([]);
  expect(await gateway.quarantine.list('open')).toEqual([]);
});

test('who says nothing at all is closed soon, who has spoken is not', async () => {
  await start({ firstByteTimeoutMs: 300 });
  const [spoken, silent] = [await line(), await line()];
  await spoken.isServed('M1');
  await silent.ended();
  await sleep(400);
  await spoken.isServed('M2');
  expect(cuts).toEqual(['first byte']);
});

test('a frame that comes byte by byte has a deadline as a whole; its bytes are quarantined', async () => {
  await start({ frameTimeoutMs: 500 });
  const { socket, isClosed, ended } = await line();
  socket.setNoDelay(true);
  socket.write(START);
  while (!isClosed()) {
    socket.write('x');
    await sleep(20);
  }
  await ended();
  expect(cuts).toEqual(['frame']);
  await eventually(async () => {
    expect(await gateway.quarantine.list('open')).toMatchObject([{ reason: 'FRAME_TRUNCATED' }]);
  }, 5_000);
});

test('plain connections come from the networks that are named, and from nowhere else', async () => {
  await start({ plainFrom: ['127.0.0.1', '127.0.1.0/24'] });
  await (await line('127.0.0.1')).isServed('M1');
  await (await line('127.0.1.77')).isServed('M2');
  await (await line('127.0.0.2')).ended();
  expect(cuts).toEqual(['address']);
});
