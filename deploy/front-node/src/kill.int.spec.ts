import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { freePorts } from '@caretab/doubles';
import { INSTITUTION_KEY, PlatformFake } from '../test/platform-fake';
import { Hl7Sender, hl7, MllpFake, msaOf } from '../test/mllp-fake';
import { askerOf, DATA_KEY, folderOf, NODE_KEY, until } from '../test/node';

const MAIN = join(__dirname, '../dist/main.js');
const ROUNDS = 4;
const SENDERS = 8;

const startProcess = async (
  platformUrl: string,
  folder: string,
  hl7Platform: number,
): Promise<{ readonly child: ChildProcess; readonly url: string; readonly hl7Port: number }> => {
  const port = await freePorts(2);
  const child = spawn(
    process.execPath,
    [
      MAIN,
      '--institution',
      'HZ001',
      '--platform',
      platformUrl,
      '--data',
      folder,
      '--wait',
      '20',
      '--port',
      String(port),
      '--hl7-platform',
      `127.0.0.1:${hl7Platform}`,
      '--hl7-port',
      String(port + 1),
    ],
    {
      env: {
        ...{ PATH: process.env['PATH'], FRONT_NODE_KEY: NODE_KEY },
        ...{ FRONT_NODE_INSTITUTION_KEY: INSTITUTION_KEY, FRONT_NODE_DATA_KEY: DATA_KEY },
      },
    },
  );
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (part: Buffer) => (said += part.toString('utf8')));
  const ended = once(child, 'exit').then(() => {
    throw new Error(`the node ended: ${said}`);
  });
  ended.catch(() => undefined);
  await Promise.race([until(() => said.includes('front node of HZ001 at'), 120_000), ended]);
  return { child, url: `http://127.0.0.1:${port}`, hl7Port: port + 1 };
};

test('killed at any moment, a node loses and doubles nothing that it acknowledged', async () => {
  const platform = new PlatformFake();
  await platform.start();
  const line = new MllpFake();
  await line.start();
  const hl7Acknowledged: string[] = [];
  const folder = folderOf();
  const acknowledged = new Map<string, number>();
  const codes: string[] = [];
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const { child, url, hl7Port } = await startProcess(platform.url, folder, line.port);
      platform.isAway = round % 2 === 0;
      line.isAway = platform.isAway;
      const ask = askerOf(url);
      let isOver = false;
      const send = async (sender: number): Promise<void> => {
        for (let number = 0; !isOver; number++) {
          const key = `kill-${round}-${sender}-${String(number).padStart(5, '0')}`;
          const visit = `/v1/visits/HZ001-V${sender}/charges`;
          // What breaks off says nothing: only an answer is an acknowledgement.
          const answer = await ask('POST', visit, { key, body: { key } }).catch(() => undefined);
          if (answer?.status === 202) acknowledged.set(key, sender);
          if (!answer) return;
        }
      };
      const read = async (): Promise<void> => {
        const code = platform.code();
        const asked = { body: { type: 'qr', value: code } };
        const answer = await ask('POST', '/front-node/codes/read', asked).catch(() => undefined);
        if (answer?.status === 200) codes.push(code);
      };
      const feed = async (): Promise<void> => {
        const sender = await Hl7Sender.open(hl7Port);
        for (let number = 0; !isOver; number++) {
          const id = `K${round}-${String(number).padStart(5, '0')}`;
          const answer = await sender.send(hl7(id));
          if (answer === undefined) break;
          if (msaOf(answer)[0] === 'AA') hl7Acknowledged.push(id);
        }
        sender.close();
      };
      const senders = [
        read(),
        feed(),
        ...Array.from({ length: SENDERS }, (_, sender) => send(sender)),
      ];
      await new Promise((resolve) => setTimeout(resolve, 300 + round * 250));
      child.kill('SIGKILL');
      await once(child, 'exit');
      isOver = true;
      await Promise.all(senders);
    }
    platform.isAway = false;
    line.isAway = false;
    const { child, url } = await startProcess(platform.url, folder, line.port);
    const ask = askerOf(url);
    await until(
      async () => (await ask('GET', '/front-node/status')).body.messages.waiting === 0,
      60_000,
    );
    for (const code of codes) {
      const { body } = await ask('POST', '/front-node/codes/read', {
        body: { type: 'qr', value: code },
      });
      expect(body.code).toBe('CODE_USED');
    }
    child.kill('SIGTERM');
    await once(child, 'exit');
    expect(acknowledged.size).toBeGreaterThan(ROUNDS);
    expect(codes.length).toBeGreaterThan(0);
    for (const key of acknowledged.keys()) expect(platform.took.has(key)).toBe(true);
    expect(hl7Acknowledged.length).toBeGreaterThan(ROUNDS);
    for (const id of hl7Acknowledged) expect(line.took.has(id)).toBe(true);
    expect([...line.took.keys()]).toEqual([...line.took.keys()].sort());
    // In the order of their visit: the first time that each was taken.
    for (let sender = 0; sender < SENDERS; sender++) {
      const keys = [...platform.took.values()]
        .filter(({ path }) => path === `/v1/visits/HZ001-V${sender}/charges`)
        .map(({ key }) => key);
      expect(keys).toEqual([...keys].sort());
    }
  } finally {
    await platform.stop();
    await line.stop();
  }
}, 600_000);
