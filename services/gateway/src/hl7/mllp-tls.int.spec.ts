import { framed } from '@caretab/contracts';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { authority, type Certified } from '@caretab/doubles';
import { systemTimers } from '@caretab/kernel';
import { eventually } from '@caretab/hospital';
import { answered, charge, gatewayOn, hl7 } from '../../test/gateway';
import { MESSAGE_TYPES } from './header';
import { type MllpOptions, MllpServer } from './mllp-server.adapter';
import { MllpTls, type TlsFiles } from './mllp-tls.adapter';

const OURS = authority('City authority');
const own = OURS.certifies('gateway');
const group = OURS.certifies('engine of the hospital group');
const fingerprint = ({ cert }: Certified): string => new X509Certificate(cert).fingerprint256;

let folder: string;
let gateway: ReturnType<typeof gatewayOn>;
let server: MllpServer;
let files: TlsFiles;
let tls: MllpTls;
let cuts: string[];
let cutFrom: string[];
let forbidden: string[];
const sockets: Socket[] = [];

const put = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const list = (...senders: readonly (readonly [Certified, ...string[]])[]): string =>
  put(
    'senders.json',
    JSON.stringify({
      senders: senders.map(([certified, ...institutions], index) => ({
        name: `engine ${index + 1}`,
        fingerprint: fingerprint(certified),
        institutions,
      })),
    }),
  );

const start = async (more: Partial<MllpOptions> = {}): Promise<MllpServer> => {
  tls = new MllpTls(files, gateway.clock);
  const started = new MllpServer(gateway.hl7Door, {
    host: '127.0.0.1',
    port: 0,
    tls,
    idleTimeoutMs: 60_000,
    firstByteTimeoutMs: 20_000,
    frameTimeoutMs: 20_000,
    connectionsMax: 20,
    connectionsPerPeerMax: 20,
    bytesMax: 4_000_000,
    timers: systemTimers,
    traced: (work) => work(),
    cut: (why, from) => void (cuts.push(why), cutFrom.push(from)),
    forbidden: (from, institutionId) => void forbidden.push(`${from} ${institutionId}`),
    ...more,
  });
  await started.onApplicationBootstrap();
  return started;
};

/** What a connection receives, and whether it ended. */
const listening = (socket: Socket) => {
  sockets.push(socket);
  let received = '';
  let closed = false;
  socket.on('data', (chunk: Buffer) => void (received += chunk.toString('utf8')));
  socket.on('error', () => undefined).on('close', () => void (closed = true));
  const answers = () =>
    received
      .split('\u001c\r')
      .slice(0, -1)
      .map((text) => answered(text.slice(1)));
  return {
    socket,
    ended: () => eventually(() => expect(closed).toBe(true), 20_000),
    says: async (text: string) => {
      const before = answers().length;
      socket.write(framed(text));
      await eventually(() => expect(answers()).toHaveLength(before + 1), 20_000);
      const { code, errors } = answers()[before]!;
      return [code, ...errors].join(' ');
    },
  };
};
const engine = (certified?: Certified, at = server) =>
  listening(connectTls({ host: '127.0.0.1', port: at.port, ca: OURS.ca, ...certified }));
const stranger = (at = server) => listening(connect({ host: '127.0.0.1', port: at.port }));

const visit = (facility: string, controlId: string): string =>
  hl7('ADT^A04', { facility, controlId, pv1: { 19: controlId } });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mllp-'));
  gateway = gatewayOn();
  gateway.partners.facilities.set('HZ555', 'HZ555');
  cuts = [];
  cutFrom = [];
  forbidden = [];
  files = {
    certificate: put('cert.pem', own.cert),
    key: put('key.pem', own.key),
    authorities: put('ca.pem', OURS.ca),
    senders: list([group, 'HZ001', 'HZ002']),
  };
  server = await start();
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await server.beforeApplicationShutdown();
  rmSync(folder, { recursive: true });
});

test('one engine speaks for its two campuses, and for no other hospital', async () => {
  const { says } = engine(group);
  expect(await says(visit('HZ001', 'M1'))).toBe('AA');
  expect(await says(visit('HZ002', 'M2'))).toBe('AA');
  const theft = hl7('DFT^P03', { facility: 'HZ555', controlId: 'M3', ft1: [charge('T1')] });
  expect(await says(theft)).toBe('AR SENDER_FORBIDDEN');
  expect((await gateway.published()).map(({ source }) => source)).toEqual([
    'hospital/HZ001',
    'hospital/HZ002',
  ]);
  expect(forbidden).toEqual(['127.0.0.1 engine 1 HZ555']);
  // It counts as a stranger's: the hospital's own share of the quarantine is not touched.
  expect(await gateway.quarantine.list('open')).toMatchObject([
    { institutionId: null, reason: 'SENDER_FORBIDDEN' },
  ]);
});

test('every message of HL7 is its own institutions’ alone, as the printed matrix says', async () => {
  const printed = readFileSync(join(__dirname, '../../../../docs/access.md'), 'utf8');
  const table = printed.slice(printed.indexOf('## HL7'), printed.indexOf('## Topics'));
  const { says } = engine(group);
  for (const [index, type] of MESSAGE_TYPES.entries()) {
    const trigger = type.split('^')[1]!;
    expect(table).toMatch(new RegExp(`\\b${trigger}\\b.*\\| yes +\\| no +\\|`));
    const said = (facility: string): Promise<string> =>
      says(hl7(type, { facility, controlId: `${facility}-${index}`, ft1: [charge(`T${index}`)] }));
    expect([type, await said('HZ001')]).not.toEqual([type, 'AR SENDER_FORBIDDEN']);
    expect([type, await said('HZ555')]).toEqual([type, 'AR SENDER_FORBIDDEN']);
  }
  expect((await gateway.published()).filter(({ source }) => source !== 'hospital/HZ001')).toEqual(
    [],
  );
  expect(forbidden).toHaveLength(MESSAGE_TYPES.length);
});

test('in a batch each message is judged by its own facility', async () => {
  const messages = [visit('HZ001', 'M1'), visit('HZ555', 'M2')];
  const socket = engine(group);
  socket.socket.write(framed(['BHS|^~\\&|HIS|HZ001', ...messages, 'BTS|2'].join('\r')));
  await eventually(async () => expect(await gateway.published()).toHaveLength(1), 20_000);
  await eventually(() => expect(forbidden).toEqual(['127.0.0.1 engine 1 HZ555']), 20_000);
});

test('without a valid certificate of the authority no message is read, and the log says why', async () => {
  const impostor = authority('City authority');
  const foreign = impostor.certifies('engine of the hospital group');
  const expired = OURS.certifies('engine', new Date(Date.now() - 60_000));
  const selfSigned = { cert: impostor.ca, key: impostor.key };
  list([group, 'HZ001'], [foreign, 'HZ001'], [expired, 'HZ001'], [selfSigned, 'HZ001']);
  server.refresh();
  const lines = [engine(), ...[foreign, expired, selfSigned].map((one) => engine(one)), stranger()];
  for (const { socket } of lines) socket.write(framed(visit('HZ001', 'M1')));
  for (const { ended } of lines) await ended();
  expect(await gateway.published()).toEqual([]);
  expect(await gateway.quarantine.list('open')).toEqual([]);
  await eventually(() => expect(cuts).toHaveLength(5), 5_000);
  expect([...cuts].sort()).toEqual([...Array<string>(4).fill('certificate'), 'handshake']);
  expect([...cutFrom].sort()).toEqual([
    '127.0.0.1 CERT_HAS_EXPIRED',
    '127.0.0.1 CERT_SIGNATURE_FAILURE',
    '127.0.0.1 DEPTH_ZERO_SELF_SIGNED_CERT',
    '127.0.0.1 ERR_SSL_WRONG_VERSION_NUMBER',
    '127.0.0.1 UNABLE_TO_GET_ISSUER_CERT',
  ]);
});

test.each(['TLSv1.2', 'TLSv1.3'] as const)(
  'an engine that resumes its session of %s is known by its certificate',
  async (version) => {
    let session: Buffer | undefined;
    const connected = () => {
      const at = { host: '127.0.0.1', port: server.port, ca: OURS.ca, ...group, session };
      const socket = connectTls({ ...at, minVersion: version, maxVersion: version });
      socket.on('session', (one) => void (session = one));
      return { isResumed: () => socket.isSessionReused(), ...listening(socket) };
    };
    const first = connected();
    expect(await first.says(visit('HZ001', 'M1'))).toBe('AA');
    first.socket.destroy();
    const again = connected();
    expect(await again.says(visit('HZ002', 'M2'))).toBe('AA');
    expect(again.isResumed()).toBe(true);
    expect(await again.says(visit('HZ555', 'M3'))).toBe('AR SENDER_FORBIDDEN');
  },
);

test('who opens a connection and goes away was not refused', async () => {
  const probe = stranger();
  await eventually(() => expect(server.seats.counts.connections).toBe(1), 5_000);
  probe.socket.destroy();
  await eventually(() => expect(server.seats.counts.connections).toBe(0), 5_000);
  expect(cuts).toEqual([]);
});

test('what came by a certificate is not replayed for an institution that it may not speak for', async () => {
  const village = OURS.certifies('engine of a village');
  const { socket, says } = engine(village);
  expect(await says(visit('HZ001', 'M1'))).toBe('AR SENDER_FORBIDDEN');
  // A frame that breaks off is not judged by its institution; its sender is remembered all the same.
  socket.write(framed(visit('HZ001', 'M2')).subarray(1));
  const kept = () => gateway.quarantine.list('open');
  await eventually(async () => expect(await kept()).toHaveLength(2), 20_000);
  for (const { id, certificate } of await kept()) {
    expect(certificate).toBe(fingerprint(village));
    const { entry, raw } = await gateway.quarantine.show(id);
    const replayed = () => gateway.hl7Door.replay(entry, raw, undefined);
    await expect(replayed()).rejects.toMatchObject({ code: 'SENDER_FORBIDDEN' });
    gateway.listed.add(`${certificate} HZ001`);
    expect(await replayed()).toMatchObject({ repeated: false });
    gateway.listed.clear();
  }
});

test('connections of a certificate that was deleted from the file give way', async () => {
  const small = await start({ connectionsMax: 2 });
  try {
    const leaked = [engine(group, small), engine(group, small)];
    for (const [index, { says }] of leaked.entries())
      expect(await says(visit('HZ001', `M${index}`))).toBe('AA');
    const village = OURS.certifies('engine of a village');
    list([village, 'HZ002']);
    await engine(village, small).ended();
    small.refresh();
    expect(await engine(village, small).says(visit('HZ002', 'M3'))).toBe('AA');
  } finally {
    for (const socket of sockets.splice(0)) socket.destroy();
    await small.beforeApplicationShutdown();
  }
});

test('a key that is not the certificate’s is said until it is right, and the old pair stays', async () => {
  const renewed = OURS.certifies('gateway, renewed');
  put('cert.pem', renewed.cert);
  for (const _ of [1, 2]) expect(() => server.refresh()).toThrow(/GATEWAY_MLLP_TLS_KEY_FILE: /);
  const socket = connectTls({ host: '127.0.0.1', port: server.port, ca: OURS.ca, ...group });
  expect(await listening(socket).says(visit('HZ001', 'M1'))).toBe('AA');
  expect(socket.getPeerX509Certificate()!.fingerprint256).toBe(fingerprint(own));
});

test('a certificate that nobody listed is answered so, from the next message on it may, or not', async () => {
  const village = OURS.certifies('engine of a village');
  const { says } = engine(village);
  expect(await says(visit('HZ001', 'M1'))).toBe('AR SENDER_FORBIDDEN');
  list([group, 'HZ002'], [village, 'HZ001']);
  server.refresh();
  expect(await says(visit('HZ001', 'M1'))).toBe('AA');
  list([group, 'HZ002']);
  server.refresh();
  expect(await says(visit('HZ001', 'M2'))).toBe('AR SENDER_FORBIDDEN');
});

test('a broken file of senders is said, and what held before goes on', async () => {
  const { says } = engine(group);
  put('senders.json', '{ "senders": [{ "name": "x" }] }');
  expect(() => server.refresh()).toThrow(/GATEWAY_MLLP_SENDERS_FILE: \/senders\/0/);
  expect(await says(visit('HZ001', 'M1'))).toBe('AA');
});

test('a certificate ends on its connection too, and how long is left can be seen', async () => {
  const short = OURS.certifies('short', new Date('2049-01-01T00:00:00Z'));
  list([short, 'HZ001']);
  server.refresh();
  const { says } = engine(short);
  expect(await says(visit('HZ001', 'M1'))).toBe('AA');
  const left = () => new Map(tls.secondsLeft().map(({ sender, seconds }) => [sender, seconds]));
  expect([...left().keys()]).toEqual(['gateway', 'engine 1']);
  expect(left().get('engine 1')).toBe(
    (Date.UTC(2049, 0, 1) - gateway.clock.now().getTime()) / 1000,
  );
  gateway.clock.advance(Date.UTC(2049, 1, 1) - gateway.clock.now().getTime());
  expect(await says(visit('HZ001', 'M2'))).toBe('AR SENDER_FORBIDDEN');
  expect(left().get('engine 1')).toBeLessThan(0);
});

test('our own certificate is replaced while connections go on', async () => {
  const before = engine(group);
  expect(await before.says(visit('HZ001', 'M1'))).toBe('AA');
  const renewed = OURS.certifies('gateway, renewed');
  put('cert.pem', renewed.cert);
  put('key.pem', renewed.key);
  server.refresh();
  expect(await before.says(visit('HZ001', 'M2'))).toBe('AA');
  const after = connectTls({ host: '127.0.0.1', port: server.port, ca: OURS.ca, ...group });
  const { says } = listening(after);
  expect(await says(visit('HZ001', 'M3'))).toBe('AA');
  expect(after.getPeerX509Certificate()!.fingerprint256).toBe(fingerprint(renewed));
});

test('connections without a handshake keep no engine out, and displace none that is listed', async () => {
  const early = engine(group);
  expect(await early.says(visit('HZ001', 'M1'))).toBe('AA');
  const silent = Array.from({ length: 40 }, () => stranger());
  await eventually(() => expect(cuts.length).toBeGreaterThanOrEqual(20), 20_000);
  expect(await engine(group).says(visit('HZ001', 'M2'))).toBe('AA');
  expect(await early.says(visit('HZ001', 'M3'))).toBe('AA');
  expect(silent.length).toBe(40);
  expect(server.seats.counts.connections).toBeLessThanOrEqual(20);
});

test('of one certificate so many connections are held', async () => {
  const narrow = await start({ connectionsPerPeerMax: 2 });
  try {
    const lines = [engine(group, narrow), engine(group, narrow)];
    for (const [index, { says }] of lines.entries())
      expect(await says(visit('HZ001', `M${index}`))).toBe('AA');
    await engine(group, narrow).ended();
    expect(cuts).toEqual(['peer']);
  } finally {
    for (const socket of sockets.splice(0)) socket.destroy();
    await narrow.beforeApplicationShutdown();
  }
});

test('a handshake that never ends is ended', async () => {
  const impatient = await start({ firstByteTimeoutMs: 200 });
  try {
    await stranger(impatient).ended();
    expect(cuts).toEqual(['handshake']);
    await eventually(() => expect(impatient.seats.counts.connections).toBe(0), 5_000);
  } finally {
    await impatient.beforeApplicationShutdown();
  }
});
