import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { approvalIdOf } from '@caretab/hospital';
import { caretabOn, caretabSettings } from '../caretab';
import { commandsOf, curled, differences, guide, type PrintedCommand, valueOf } from '../guide';
import { idNumberOf, mobileOf } from '../identity-numbers';
import { ROOT } from '../launcher';
import { World } from '../world';

const world = new World('card-guide-runs-as-printed');
const folder = mkdtempSync(join(tmpdir(), 'caretab-cards-'));
const commands = commandsOf(guide('integration-cards.md'));
const shell: Record<string, string> = {};
const FILES = /\b(card-3301\.pem|black\.csv|black-list\.ndjson)\b/g;

/** What a reader changes: the address, whose card it is, and where files are. */
const own = (text: string): string =>
  text
    .replaceAll('http://127.0.0.1:8080', world.address.url)
    .replaceAll('330106199206158243', idNumberOf('card-guide', 1992))
    .replaceAll('13800000041', mobileOf('card-guide'))
    .replaceAll(FILES, (name) => join(folder, name));

const approve = async ({ text }: PrintedCommand): Promise<void> => {
  const { status, body } = curled(own(text.replace(' -H "Approval: $APPROVAL"', '')), shell);
  const approval = approvalIdOf({ status, body, text: '' } as never)!;
  await (await world.api.secondPeople()).give('identity', approval);
  shell['APPROVAL'] = approval;
};

const inShell = (script: string): string => {
  const env = { ...process.env, ...shell };
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script], {
    ...{ cwd: ROOT, env, encoding: 'utf8' },
  });
  // A row of the file is rejected, which the guide shows.
  const expected = script.includes('card-file send') ? 1 : 0;
  if (status !== expected) throw new Error(`${script} ended with ${status}: ${stderr}`);
  return stdout;
};

const run = async (command: PrintedCommand): Promise<void> => {
  const text = own(command.text);
  const [, name] = /^([A-Z]+)=/.exec(text) ?? [];
  if (name !== undefined) shell[name] = valueOf(text, name, shell);
  else if (!text.startsWith('curl')) inShell(text);
  else {
    if (text.includes('$APPROVAL')) await approve(command);
    const { status, body } = curled(text, shell);
    const wrong = command.answer === undefined ? [] : differences(command.answer, body);
    expect([text, status, wrong]).toEqual([text, 200 + (text.includes('-X PUT') ? 1 : 0), []]);
  }
};

beforeAll(() => void Object.assign(shell, caretabSettings(world)));
afterAll(() => rmSync(folder, { recursive: true }));

test('the commands of the guide on cards run as printed, and answer as printed', async () => {
  for (const command of commands) await run(command);
  expect(commands.filter(({ text }) => text.startsWith('curl')).length).toBeGreaterThan(8);
});

test('the guide in Chinese prints the same commands and answers', () =>
  expect(commandsOf(guide('integration-cards.zh.md'))).toEqual(commands));

test('what was not taken stands beside why, and the list ends with what it holds', () => {
  const rejects = readFileSync(join(folder, 'black.csv.rejects.csv'), 'utf8').trim().split('\n');
  expect(rejects).toEqual([
    'number,change,why,_row,_field,_code,_why,_whatToDo',
    expect.stringMatching(/^HC-DEMO-NONE,report-lost,reported,"2","\/number","CARD_UNKNOWN",/),
  ]);
  const lines = readFileSync(join(folder, 'black-list.ndjson'), 'utf8').trim().split('\n');
  expect(JSON.parse(lines.at(-1)!)).toMatchObject({ rows: lines.length - 2 });
});

test('a file goes on where it broke off; its rejects are corrected and sent as they are', async () => {
  const file = join(folder, 'again.ndjson');
  const row = (number: string) => ({ number, change: 'close', why: 'returned' });
  const text = ['HC-DEMO-A', 'HC-DEMO-B'].map((number) => JSON.stringify(row(number))).join('\n');
  writeFileSync(file, text);
  const fileHash = createHash('sha256').update(text).digest('hex');
  // Sent again from its first row, the file would be refused: another one stands there.
  const part = { kind: 'blacklist', firstRow: 1, rows: [row('HC-DEMO-C')] };
  await world.api.done('POST', `/identity/card-files/${fileHash}/rows`, part);
  const send = (name: string) => {
    const { status, out } = caretabOn(world)(
      ...['card-file', 'send', name, '--kind', 'blacklist', '--json'],
    );
    return [status, JSON.parse(out)];
  };
  const result = { rows: 2, taken: 0, rejected: 2, rejects: `${file}.rejects.ndjson` };
  expect(send(file)).toEqual([1, expect.objectContaining(result)]);
  expect(send(file)).toEqual([1, expect.objectContaining(result)]);
  const [, second] = readFileSync(result.rejects, 'utf8').trim().split('\n');
  const corrected = join(folder, 'corrected.ndjson');
  writeFileSync(corrected, second!.replace('HC-DEMO-B', 'HC-DEMO-0002'));
  const done = { rows: 1, taken: 1, rejected: 0 };
  expect(send(corrected)).toEqual([0, expect.objectContaining(done)]);
  expect(send(corrected)).toEqual([0, expect.objectContaining(done)]);
});
