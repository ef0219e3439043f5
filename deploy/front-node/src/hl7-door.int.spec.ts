import { MllpFake, Hl7Sender, hl7, msaOf } from '../test/mllp-fake';
import { folderOf, nodeOn, until } from '../test/node';
import { PlatformFake } from '../test/platform-fake';

let platform: PlatformFake;
let port: MllpFake;
const open: { stop(): Promise<void> }[] = [];
beforeEach(async () => {
  [platform, port] = [new PlatformFake(), new MllpFake()];
  await Promise.all([platform.start(), port.start()]);
});
afterEach(async () => {
  for (const one of open.splice(0)) await one.stop();
  await Promise.all([platform.stop(), port.stop()]);
});

const start = async (folder = folderOf(), more: Parameters<typeof nodeOn>[2] = {}) => {
  const node = await nodeOn(platform.url, folder, { hl7Port: port.port, ...more });
  const sender = await Hl7Sender.open(node.hl7Port!);
  const own = {
    ...{ ...node, folder, sender },
    stop: async () => {
      sender.close();
      await node.stop();
    },
  };
  open.push(own);
  return own;
};

test('while the platform is there its own answer comes back, and a repetition has the same', async () => {
  const { sender } = await start();
  expect(msaOf(await sender.send(hl7('M1')))).toEqual(['AA', 'M1', 'accepted as 1 event']);
  expect(msaOf(await sender.send(hl7('M1')))).toEqual(['AA', 'M1', 'accepted as 1 event']);
  expect(port.attempts).toEqual(['M1']);
  expect(msaOf(await sender.send(hl7('M1', { text: 'other' })))).toEqual([
    ...['AE', 'M1', 'MESSAGE_ID_REUSED'],
  ]);
});

test('over an outage messages are kept, through a restart, and go out in the order of the feed', async () => {
  const node = await start(undefined, { waitMs: 500 });
  port.goAway();
  const ids = Array.from({ length: 30 }, (_, at) => `M${String(at).padStart(3, '0')}`);
  for (const id of ids)
    expect(msaOf(await node.sender.send(hl7(id, { text: '门诊' })))).toEqual([
      ...['AA', id, 'kept by the front node, which sends it'],
    ]);
  expect(node.status()).toMatchObject({ status: 'degraded', messages: { waiting: 30, held: 1 } });
  expect(node.status().faults.join()).toContain('HL7: ');
  open.splice(0);
  await node.stop();
  const again = await start(node.folder);
  expect(again.status().messages.waiting).toBe(30);
  port.isAway = false;
  await until(() => again.status().messages.waiting === 0, 40_000);
  expect(port.attempts).toEqual(ids);
  expect(port.took.get('M000')).toBe(hl7('M000', { text: '门诊' }));
});

test('an answer that was lost is asked for again, and what was said of it is what its sender gets', async () => {
  const { sender } = await start(undefined, { waitMs: 8_000 });
  port.cuts = 1;
  expect(msaOf(await sender.send(hl7('M1')))[0]).toBe('AA');
  expect(port.attempts).toEqual(['M1', 'M1']);
});

test('what the platform refuses ends that message alone; what it cannot take now holds the feed', async () => {
  const node = await start(undefined, { waitMs: 300 });
  port.answers.set('M1', 'MSA|AE|M1|VISIT_CONFLICT\rERR|||102^Data type error|E|VISIT_CONFLICT');
  expect(msaOf(await node.sender.send(hl7('M1')))).toEqual(['AE', 'M1', 'VISIT_CONFLICT']);
  const later =
    'MSA|AR|M2|INTERNAL try again later\rERR|||207^Application internal error|E|INTERNAL';
  port.answers.set('M2', later);
  for (const id of ['M2', 'M3'])
    expect(msaOf(await node.sender.send(hl7(id))).slice(0, 2)).toEqual(['AA', id]);
  expect(port.attempts).toEqual(['M1']);
  expect(node.status().messages).toMatchObject({ waiting: 2, refused: 1, held: 1 });
  port.answers.clear();
  await until(() => node.status().messages.waiting === 0);
  expect(port.attempts).toEqual(['M1', 'M2', 'M3']);
});

test('what was refused after it was kept is a notice, without what the message says', async () => {
  const node = await start(undefined, { waitMs: 50 });
  port.goAway();
  await node.sender.send(hl7('M1', { text: '机密' }));
  port.answers.set(
    'M1',
    'MSA|AE|M1|PERSON_UNKNOWN\rERR|||204^Unknown key identifier|E|PERSON_UNKNOWN',
  );
  port.isAway = false;
  await until(() => node.status().messages.refused === 1);
  await node.look();
  expect(platform.notices).toMatchObject([{ path: 'mllp ADT^A04', code: 'PERSON_UNKNOWN' }]);
  expect(JSON.stringify(platform.notices)).not.toContain('机密');
});

test('a full node says so in a way that engines send again, and what is no message is not kept', async () => {
  const { sender, status } = await start(undefined, { messagesMax: 1, waitMs: 50 });
  port.goAway();
  await sender.send(hl7('M1'));
  const full = await sender.send(hl7('M2'));
  expect(msaOf(full)).toEqual(['AR', 'M2', 'FRONT_NODE_FULL']);
  expect(full).toContain('|207^Application internal error');
  expect(msaOf(await sender.send(hl7('M3', { msh15: 'ER' })))[2]).toBe('ACKNOWLEDGEMENT_NEEDED');
  for (const silent of [hl7(''), 'PID|1', hl7('A1').replace('ADT^A04^ADT_A01', 'ACK')])
    expect(await sender.send(silent, 200)).toBeUndefined();
  const long = Buffer.concat([Buffer.from('\u000b'), Buffer.alloc(1_100_000, 'x')]);
  expect(await sender.sendRaw(long, 1_000)).toBeUndefined();
  expect(status().messages.waiting).toBe(1);
});

test('in enhanced mode the first answer comes back, and a second one is not taken for the next’s', async () => {
  const { sender, status } = await start(undefined, { waitMs: 500 });
  const send = async (id: string) => msaOf(await sender.send(hl7(id, { msh15: 'AL' })));
  for (const id of ['M1', 'M2', 'M3']) {
    port.answers.set(id, `MSA|CA|${id}`);
    port.second = `MSA|AA|${id}`;
    expect(await send(id)).toEqual(['CA', id]);
  }
  port.goAway();
  expect((await send('M4')).slice(0, 2)).toEqual(['CA', 'M4']);
  port.isAway = false;
  await until(() => status().messages.waiting === 0);
  expect(port.attempts).toEqual(['M1', 'M2', 'M3', 'M4']);
});
