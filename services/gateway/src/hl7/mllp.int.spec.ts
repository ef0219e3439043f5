import { FRAME_BYTES_MAX } from '@caretab/contracts';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type Socket } from 'node:net';
import { systemTimers } from '@caretab/kernel';
import { TypeOrmStore } from '@caretab/store';
import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { eventually } from '@caretab/hospital';
import { Hl7Message } from '@medplum/core';
import { Hl7Client } from '@medplum/hl7';
import { encode } from 'iconv-lite';
import { overloaded } from '../admission/admission';
import { answered, charge, gatewayOn, hl7 } from '../../test/gateway';
import { gateway as definition } from '..';
import { intakeTable } from '../intake/intake.table';
import { UNKNOWN_BYTES_MAX } from '../quarantine/quarantine';
import { quarantineTable, refusalTable } from '../quarantine/quarantine.table';
import { type MllpOptions, MllpServer } from './mllp-server.adapter';

let database: TestDatabase;
let store: TypeOrmStore;
let gateway: ReturnType<typeof gatewayOn>;
let server: MllpServer;
const sockets: Socket[] = [];
const cuts: string[] = [];

const options: MllpOptions = {
  host: '127.0.0.1',
  port: 0,
  idleTimeoutMs: 60_000,
  firstByteTimeoutMs: 60_000,
  frameTimeoutMs: 60_000,
  connectionsMax: 20,
  connectionsPerPeerMax: 20,
  bytesMax: 32 * FRAME_BYTES_MAX,
  timers: systemTimers,
  cut: (why) => void cuts.push(why),
  forbidden: () => undefined,
  traced: (work) => work(),
};
const framed = (message: Buffer | string): Buffer =>
  Buffer.concat([Buffer.from([0x0b]), Buffer.from(message), Buffer.from([0x1c, 0x0d])]);

const start = async (more: Partial<MllpOptions> = {}): Promise<MllpServer> => {
  const started = new MllpServer(gateway.hl7Door, { ...options, ...more });
  await started.onApplicationBootstrap();
  return started;
};

/** A sender that writes given packets and gathers the answers. */
const sender = async (port = server.port) => {
  const socket = connect({ host: '127.0.0.1', port });
  sockets.push(socket);
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  let received = Buffer.alloc(0);
  let closed = false;
  socket.on('data', (chunk: Buffer) => void (received = Buffer.concat([received, chunk])));
  socket.on('error', () => undefined);
  socket.on('close', () => void (closed = true));
  const answers = () =>
    received
      .toString('utf8')
      .split('\u001c\r')
      .slice(0, -1)
      .map((text) => answered(text.slice(1)));
  const until = (condition: () => boolean): Promise<void> =>
    eventually(() => {
      if (!condition())
        throw new Error(`nothing happened; answers so far: ${JSON.stringify(answers())}`);
    }, 20_000);
  return {
    socket,
    answers,
    closed: () => closed,
    until,
    answered: async (count: number) => (await until(() => answers().length >= count), answers()),
  };
};

const reasons = (count: number): Promise<string[]> =>
  eventually(async () => {
    const entries = await gateway.quarantine.list('open');
    expect(entries.length).toBeGreaterThanOrEqual(count);
    return entries.map(({ reason }) => reason).sort();
  }, 5_000);

beforeEach(async () => {
  database = await testDatabase();
  store = await TypeOrmStore.open({
    url: database.url,
    schema: 'gateway',
    tables: definition.tables,
    migrations: definition.migrations,
  });
  gateway = gatewayOn(store);
  server = await start();
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await server.beforeApplicationShutdown();
  await store.close();
  await database.drop();
});

test('a message is durable before its sender hears AA', async () => {
  const { socket, answered: heard } = await sender();
  socket.write(framed(hl7('ADT^A04')));
  expect(await heard(1)).toMatchObject([{ code: 'AA', controlId: 'M0001' }]);
  const other = await TypeOrmStore.open({
    url: database.url,
    schema: 'gateway',
    tables: [intakeTable],
    migrations: [],
  });
  try {
    expect(
      await other.transact((transaction) =>
        transaction.rows(intakeTable).count({ messageId: 'M0001' }),
      ),
    ).toBe(1);
    expect(await other.unpublished(10)).toHaveLength(1);
  } finally {
    await other.close();
  }
});

test('nothing that is stored shows who the patient is', async () => {
  const { socket, answered: heard } = await sender();
  socket.write(framed(hl7('ADT^A04')));
  socket.write(framed(hl7('ADT^A04', { controlId: 'M2', pv1: { 19: '' } })));
  await heard(2);
  const stored = await store.transact(async (transaction) => [
    ...(await transaction.rows(intakeTable).find({})),
    ...(await transaction.rows(quarantineTable).find({})),
  ]);
  const text = stored.map((row) => JSON.stringify(row) + row.sealed!.toString('utf8')).join();
  expect(text).not.toMatch(/11010519491231002X|测试/);
});

test('an engine built on Medplum’s own client is served', async () => {
  const client = new Hl7Client({ host: '127.0.0.1', port: server.port });
  const answer = await client.sendAndWait(Hl7Message.parse(hl7('ADT^A04')));
  expect(answer.getSegment('MSA')!.getComponent(1, 1)).toBe('AA');
  await client.close();
});

test('packets may end anywhere: two messages in one, one in many, an end mark cut in two', async () => {
  const { socket, answered: heard } = await sender();
  socket.setNoDelay(true);
  socket.write(
    Buffer.concat([
      framed(hl7('ADT^A04')),
      framed(hl7('DFT^P03', { controlId: 'M2', ft1: [charge('T1')] })),
    ]),
  );
  const third = framed(hl7('DFT^P03', { controlId: 'M3', ft1: [charge('T2')] }));
  for (const part of [
    third.subarray(0, 5),
    third.subarray(5, third.length - 1),
    third.subarray(third.length - 1),
  ]) {
    await sleep(20);
    socket.write(part);
  }
  expect((await heard(3)).map(({ code, controlId }) => [code, controlId])).toEqual([
    ['AA', 'M0001'],
    ['AA', 'M2'],
    ['AA', 'M3'],
  ]);
});

test('a sender that gives its bytes one by one is answered as any other, and holds nobody up', async () => {
  const [slow, quick] = [await sender(), await sender()];
  const bytes = Buffer.concat([
    framed(hl7('ADT^A04', { controlId: 'SLOW1' })),
    Buffer.from('\r\nnoise'),
    framed(hl7('ADT^A04', { controlId: 'SLOW2' })),
  ]);
  slow.socket.setNoDelay(true);
  for (const [index, byte] of bytes.entries()) {
    slow.socket.write(Buffer.from([byte]));
    await new Promise((resolve) => setImmediate(resolve));
    if (index === Math.floor(bytes.length / 2)) {
      quick.socket.write(framed(hl7('ADT^A04', { controlId: 'QUICK' })));
      expect(await quick.answered(1)).toMatchObject([{ controlId: 'QUICK' }]);
    }
  }
  const answers = await slow.answered(2);
  expect(answers.map(({ controlId }) => controlId)).toEqual(['SLOW1', 'SLOW2']);
  expect(await reasons(1)).toContain('FRAME_START_MISSING');
});

test('of a hundred messages sent without waiting those with a control id are answered, in their order', async () => {
  const { socket, answered: heard } = await sender();
  const ids = Array.from({ length: 100 }, (_, index) => `M${index}`);
  socket.write(
    Buffer.concat(
      ids.map((controlId, index) =>
        framed(
          index % 10 === 9 ? `bad ${index}` : hl7('ADT^A04', { controlId, pv1: { 19: controlId } }),
        ),
      ),
    ),
  );
  const answers = await heard(90);
  expect(answers.map(({ code, controlId }) => `${code} ${controlId}`)).toEqual(
    ids.filter((_, index) => index % 10 !== 9).map((id) => `AA ${id}`),
  );
});

test('a Big5 message is read, and its bytes come back from the quarantine as they were', async () => {
  const { socket, answered: heard } = await sender();
  const text = hl7('ADT^A04', { charset: 'BIG5', name: '功^四', pv1: { 7: '' } });
  socket.write(framed(encode(text, 'big5')));
  const broken = encode(text.replace('M0001', 'M2').replace('|V0001|', '||'), 'big5');
  socket.write(framed(broken));
  expect(await heard(2)).toMatchObject([{ code: 'AA' }, { code: 'AE', errors: ['FIELD_MISSING'] }]);
  const [entry] = await gateway.quarantine.list('open');
  expect((await gateway.quarantine.show(entry!.id)).raw).toEqual(broken);
});

test('what has no control id is kept and not answered: the next answer is that of the next message', async () => {
  const { socket, answered: heard } = await sender();
  socket.write(framed('<charge/>'));
  socket.write(framed(''));
  socket.write(Buffer.from('x'));
  socket.write(framed(hl7('ADT^A04')));
  socket.write(framed(hl7('ADT^A04', { controlId: 'M2', pv1: { 19: '' } })));
  expect(await heard(2)).toMatchObject([
    { code: 'AA', controlId: 'M0001' },
    { code: 'AE', controlId: 'M2' },
  ]);
  expect((await reasons(3)).sort()).toEqual(['FIELD_MISSING', 'FRAME_START_MISSING', 'NOT_HL7']);
});

test('the bytes of what has no control id are in the quarantine as they came', async () => {
  const { socket, answered: heard } = await sender();
  socket.write(framed('<charge/>'));
  socket.write(framed(hl7('ADT^A04')));
  await heard(1);
  const [entry] = await gateway.quarantine.list('open');
  expect((await gateway.quarantine.show(entry!.id)).raw.toString()).toBe('<charge/>');
});

test('a message without a frame is kept and answered', async () => {
  const { socket, answered: heard } = await sender();
  socket.write(Buffer.concat([Buffer.from(hl7('ADT^A04')), Buffer.from([0x1c, 0x0d])]));
  expect(await heard(1)).toMatchObject([
    { code: 'AR', controlId: 'M0001', errors: ['FRAME_START_MISSING'] },
  ]);
});

test('a frame that another begins inside is kept as cut off', async () => {
  const { socket, answered: heard } = await sender();
  socket.write(
    Buffer.concat([
      framed(hl7('ADT^A04')).subarray(0, 100),
      framed(hl7('ADT^A04', { controlId: 'M2' })),
    ]),
  );
  expect(await heard(2)).toMatchObject([
    { code: 'AR', errors: ['FRAME_TRUNCATED'] },
    { code: 'AA', controlId: 'M2' },
  ]);
});

test('a frame that breaks off with its connection is kept', async () => {
  const { socket } = await sender();
  socket.end(framed(hl7('ADT^A04')).subarray(0, 100));
  expect(await reasons(1)).toEqual(['FRAME_TRUNCATED']);
});

test('a reset connection leaves the others alone, and what it had sent whole is in', async () => {
  const { socket } = await sender();
  const other = await sender();
  socket.write(framed(hl7('ADT^A04')));
  await sleep(50);
  socket.resetAndDestroy();
  other.socket.write(framed(hl7('ADT^A04')));
  expect(await other.answered(1)).toMatchObject([{ code: 'AA', text: 'accepted before' }]);
});

test('a frame that never ends is kept by its beginning, answered, and its connection closed', async () => {
  const { socket, answered: heard, until, closed } = await sender();
  socket.write(
    Buffer.concat([
      Buffer.from([0x0b]),
      Buffer.from(hl7('ADT^A04')),
      Buffer.alloc(FRAME_BYTES_MAX, 0x41),
    ]),
  );
  expect(await heard(1)).toMatchObject([{ code: 'AR', errors: ['FRAME_TOO_LONG'] }]);
  await until(closed);
  const { raw } = await gateway.quarantine.show((await gateway.quarantine.list('open'))[0]!.id);
  expect(raw.length).toBe(UNKNOWN_BYTES_MAX);
});

test('a silent connection is closed, and its unfinished frame kept', async () => {
  const impatient = await start({ idleTimeoutMs: 150 });
  try {
    const { socket, until, closed } = await sender(impatient.port);
    socket.write(framed(hl7('ADT^A04')).subarray(0, 60));
    await until(closed);
    expect(await reasons(1)).toEqual(['FRAME_TRUNCATED']);
  } finally {
    await impatient.beforeApplicationShutdown();
  }
});

test('a sender that half-closes still gets its answers', async () => {
  const { socket, answered: heard } = await sender();
  socket.end(framed(hl7('ADT^A04')));
  expect(await heard(1)).toMatchObject([{ code: 'AA' }]);
});

test('shutting down answers what has come', async () => {
  const { socket, answered: heard, until, closed } = await sender();
  socket.write(framed(hl7('ADT^A04')));
  await sleep(20);
  await server.beforeApplicationShutdown();
  expect(await heard(1)).toMatchObject([{ code: 'AA' }]);
  await until(closed);
});

test('the same message on many connections at once is accepted once', async () => {
  const senders = await Promise.all(Array.from({ length: 8 }, () => sender()));
  for (const { socket } of senders)
    socket.write(framed(hl7('DFT^P03', { ft1: [charge('T1'), charge('T2')] })));
  const answers = (await Promise.all(senders.map(({ answered: heard }) => heard(1)))).flat();
  expect(answers.map(({ text }) => text).sort()).toEqual(
    ['accepted as 2 events', ...Array.from({ length: 7 }, () => 'accepted before')].sort(),
  );
  expect(await gateway.published()).toHaveLength(2);
});

test('the same broken message on many connections at once is one entry', async () => {
  const senders = await Promise.all(Array.from({ length: 8 }, () => sender()));
  for (const { socket } of senders) socket.write(framed(hl7('DFT^P03')));
  await Promise.all(senders.map(({ answered: heard }) => heard(1)));
  expect(await gateway.quarantine.list('open')).toMatchObject([{ timesSeen: 8 }]);
  expect(await store.transact((transaction) => transaction.rows(refusalTable).find({}))).toEqual([
    { door: 'mllp', reason: 'SEGMENT_MISSING', count: 1 },
  ]);
});

test('a port that is taken is said in one line with what to do', async () => {
  await expect(start({ port: server.port })).rejects.toThrow(
    /^HL7 v2 \(MLLP\): 127\.0\.0\.1:\d+ is taken: stop what listens there, or set GATEWAY_MLLP_PORT/,
  );
});

test(
  'one address has its share of the connections, and there are so many in all; ' +
    'one more than its known senders have is closed and noticed',
  async () => {
    const strict = await start({ connectionsPerPeerMax: 2 });
    const narrow = await start({ connectionsMax: 1 });
    cuts.length = 0;
    const known = async (port: number) => {
      const line = await sender(port);
      line.socket.write(framed(hl7('ADT^A04')));
      expect(await line.answered(1)).toMatchObject([{ code: 'AA' }]);
      return line;
    };
    try {
      const [first] = [await known(strict.port), await known(strict.port)];
      const third = await sender(strict.port);
      await third.until(third.closed);
      first.socket.destroy();
      await first.until(first.closed);
      await known(strict.port); // A place that is free again may be taken again.
      await known(narrow.port);
      const second = await sender(narrow.port);
      await second.until(second.closed);
      expect(cuts).toEqual(['peer', 'full']);
    } finally {
      for (const socket of sockets.splice(0)) socket.destroy();
      await Promise.all([strict.beforeApplicationShutdown(), narrow.beforeApplicationShutdown()]);
    }
  },
);

test('a sender is not read further while its message is in work', async () => {
  let letGo = (): void => undefined;
  const turn = new Promise<void>((resolve) => (letGo = resolve));
  let admitted = 0;
  const slow = gatewayOn(store, async () => ((admitted += 1), await turn, () => undefined));
  const listening = new MllpServer(slow.hl7Door, options);
  await listening.onApplicationBootstrap();
  try {
    const socket = connect({ host: '127.0.0.1', port: listening.port });
    sockets.push(socket);
    socket.on('error', () => undefined);
    const message = framed(hl7('ADT^A04', { pv1: { 3: 'W'.repeat(40) } }));
    const flood = Buffer.concat(Array.from({ length: 200 }, () => message));
    const written = (): number => socket.bytesWritten - socket.writableLength;
    const untilItStands = async (): Promise<number> => {
      for (let before = -1, still = 0; ; await sleep(20)) {
        if (socket.writableLength < flood.length) socket.write(flood);
        still = written() === before ? still + 1 : 0;
        if (still > 25) return written();
        before = written();
      }
    };
    const stoodAt = await untilItStands();
    expect(stoodAt).toBeLessThan(16 * 1024 * 1024);
    expect(admitted).toBe(1);
    letGo();
    await eventually(() => expect(admitted).toBeGreaterThanOrEqual(50), 5_000);
  } finally {
    for (const socket of sockets.splice(0)) socket.destroy();
    await listening.beforeApplicationShutdown();
  }
});

test('a sender that is to come again later hears so, and its message is not kept', async () => {
  const full = gatewayOn(store, () => Promise.reject(overloaded('a test', 1)));
  const listening = new MllpServer(full.hl7Door, options);
  await listening.onApplicationBootstrap();
  try {
    const { socket, answered: heard } = await sender(listening.port);
    socket.write(framed(hl7('ADT^A04')));
    expect(await heard(1)).toMatchObject([
      { code: 'AR', text: 'OVERLOADED try again later', errors: ['OVERLOADED'] },
    ]);
    expect(await full.quarantine.list('open')).toEqual([]);
    expect(await full.published()).toEqual([]);
    expect(full.failures).toEqual([]);
  } finally {
    await listening.beforeApplicationShutdown();
  }
});
