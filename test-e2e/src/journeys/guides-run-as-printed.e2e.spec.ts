import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { approvalIdOf, eventually, pause } from '@caretab/hospital';
import { caretabSettings } from '../caretab';
import type { Citizen } from '../citizen';
import { deskOf } from '../desk';
import {
  commandsOf,
  curled,
  differences,
  guide,
  type PrintedCommand,
  type Said,
  valueOf,
} from '../guide';
import { ROOT } from '../launcher';
import { World } from '../world';

const world = new World('guides-run-as-printed');
const overHttp = guide('integration-http.md');
const INSTITUTION = 'GUIDEHTTP1';
/** Longer than the edge keeps a profile. */
const PROFILE_IS_READ_MS = 1_500;
/** Without it the ledger closes a visit as fast as it can: an end could be taken back by luck alone. */
const GRACE_MS = 600_000;
/** What the reader keeps of an answer, or is given: `KEY=ctk_…`. */
const KEPT = /^([A-Z]+)=.*…/;

let citizen: Citizen;
/** Who stands at the kiosk. */
let newcomer: Citizen;
/** The variables of the reader's shell. */
const shell: Record<string, string> = {};

/** What a reader changes: the address, the institution, and whose number it is. */
const own = (text: string): string => {
  const { url, host } = world.address;
  const hooks = `http://${host}:${Number(new URL(url).port) + 2}`;
  return text
    .replaceAll('http://127.0.0.1:8080', url)
    .replaceAll('http://127.0.0.1:8082', hooks)
    .replaceAll('DEMO01', INSTITUTION)
    .replaceAll('330106199411060026', citizen.idNumber)
    .replaceAll('林晓', newcomer.name)
    .replaceAll('33010619920817022X', newcomer.idNumber)
    .replaceAll('13800000007', newcomer.mobile);
};
const asPrinted = ({ answer }: PrintedCommand, { status, body }: Said): readonly string[] => {
  if (status >= 400) return [`it answers ${status} ${body?.code}`];
  return answer === undefined ? [] : differences(JSON.parse(own(JSON.stringify(answer))), body);
};
/** What was written arrives a moment later, so a read is repeated until it is as printed. */
const run = async (command: PrintedCommand): Promise<Said> => {
  const text = own(command.text);
  const once = (): Said => {
    const said = curled(text, shell);
    expect([command.text, asPrinted(command, said)]).toEqual([command.text, []]);
    return said;
  };
  return / -(X|d) /.test(text) ? once() : eventually(once, 30_000);
};

/** One of the desk asks without an approval, the other one gives it. */
const approve = async ({ text }: PrintedCommand): Promise<void> => {
  const [first, second] = await deskOf(world.api, INSTITUTION);
  shell['DESK'] = first!.authorization.slice('Bearer '.length);
  const { status, body } = curled(own(text.replace(' -H "Approval: $APPROVAL"', '')), shell);
  const approval = approvalIdOf({ status, body, text: '' } as never)!;
  await world.api.askAs(second!, 'POST', `/gateway/approvals/${approval}`, { decision: 'give' });
  shell['APPROVAL'] = approval;
};

/**
 * The operator says in the profile that the hospital forwards what the centre answered, and that a visit
 * closes some time after its end.
 */
const forwards = async (): Promise<void> => {
  const { url, host } = world.address;
  const webhookUrl = `http://${host}:${Number(new URL(url).port) + 2}/hooks/${INSTITUTION}`;
  await world.api.doneByTwo('PUT', `/identity/institutions/${INSTITUTION}`, {
    ...{ name: 'Demo Hospital', level: 'level-2', webhookUrl },
    interface: { entitlement: 'forwarded', graceMs: GRACE_MS },
  });
  await pause(PROFILE_IS_READ_MS);
};

/** By the name under which the reader keeps it; `said`: the answer before. */
const kept: Readonly<Record<string, (said: Said['body']) => string | Promise<string>>> = {
  KEY: ({ apiKey }) => apiKey,
  KIOSK: async () => {
    const path = `/identity/institutions/${INSTITUTION}/keys`;
    return (await world.api.doneByTwo('POST', path, { scopes: ['activate'] })).apiKey;
  },
  ACTIVATION: ({ activationId }) => activationId,
  CODE: () => world.codesTo(newcomer.mobile).at(-1)!,
  CONSENTS: ({ awaits }) =>
    JSON.stringify(awaits.map(({ purpose, hash }: Record<string, string>) => ({ purpose, hash }))),
};

const commands = commandsOf(overHttp);
const commandTo = (path: string): PrintedCommand =>
  commands.find(({ text }) => text.includes(`:8080${path} `))!;
const withNumber = (text: string, number: string): string =>
  text.replaceAll('V0001', number).replace(/demo-(\d+)/, `demo-$1-${number}`);

beforeAll(async () => {
  citizen = await world.citizen();
  newcomer = await world.citizen({ enrolled: false });
  await world.registers(newcomer.idNumber, { mobile: newcomer.mobile });
  Object.assign(shell, caretabSettings(world));
});

test('the commands of the guide over HTTP run as printed, and answer as printed', async () => {
  let last: Said | undefined;
  for (const command of commands) {
    const { text } = command;
    const [, name] = /^([A-Z]+)=/.exec(text) ?? [];
    const [, keeps] = KEPT.exec(text) ?? [];
    if (keeps !== undefined) shell[keeps] = await kept[keeps]!(last!.body);
    else if (name !== undefined) shell[name] = valueOf(text, name, shell);
    else {
      if (text.includes('"entitlement"')) await forwards();
      if (text.includes('$APPROVAL')) await approve(command);
      last = await run(command);
    }
  }
  expect(commands.filter(({ text }) => text.startsWith('curl')).length).toBeGreaterThan(10);
  await world.becomes(`${INSTITUTION}-V0001`, { chargesDeferred: 1 });
});

test('the guide in Chinese prints no command that the other does not', () => {
  const texts = new Set(commands.map(({ text }) => text));
  const inChinese = commandsOf(guide('integration-http.zh.md')).map(({ text }) => text);
  expect(inChinese.filter((text) => !texts.has(text))).toEqual([]);
});

test('what became of the reports is listed with the fields that are printed', async () => {
  const { answer } = commands.find(({ text }) => text.includes('fate=rejected'))!;
  const [printed] = (answer as { readonly submissions: readonly object[] }).submissions;
  const { body } = await run(commands.find(({ text }) => text.includes('?visit=V0001'))!);
  expect(body.submissions.length).toBeGreaterThan(0);
  for (const entry of body.submissions)
    expect(Object.keys(entry)).toEqual(expect.arrayContaining(Object.keys(printed!)));
});

test('the decision of a charge is waited for, as the guide says', async () => {
  const text = withNumber(commandTo('/v1/visits').text, 'V0801');
  await run({ text });
  const charges = withNumber(commandTo('/v1/visits/DEMO01-V0001/charges').text, 'V0801');
  const waiting = { text: charges.replace('curl ', "curl -H 'Prefer: wait=2' ") };
  await eventually(async () => {
    const { status, body } = await run(waiting);
    expect([status, body.decision]).toEqual([200, 'deferred']);
  }, 30_000);
});

const rows = [
  ...overHttp.matchAll(/^\| (.+?) +\| `POST (\/v1\/visits\/DEMO01-V0001\/(\w+))` `(\{.*?\})`/gm),
].map(([, what, path, verb, json]) => ({ what: what!, path: path!, verb: verb!, json: json! }));

test('the table has what is corrected, changed and ended', () =>
  expect(rows.map(({ verb }) => verb)).toEqual([
    ...['returns', 'update', 'update', 'cancel', 'reopen', 'end'],
  ]));

const visitIdOf = (number: string): string => `${INSTITUTION}-${number}`;
const END = rows.find(({ verb }) => verb === 'end')!;

test.each(rows)('to $what, the request of the table is taken', async (row) => {
  const number = `V07${rows.indexOf(row)}1`;
  const asked = ({ path, json }: typeof row): Promise<Said> =>
    run({
      text: withNumber(
        `curl -X POST http://127.0.0.1:8080${path} -H "Authorization: Bearer $KEY" ` +
          `-H 'Idempotency-Key: demo-0${path.length}' -H 'content-type: application/json' ` +
          `-d '${json.replace('"…"', '"2026-03-03T10:00:00+08:00"')}'`,
        number,
      ),
    });
  for (const before of ['/v1/visits', '/v1/visits/DEMO01-V0001/charges'])
    await run({ text: withNumber(commandTo(before).text, number) });
  if (row.verb === 'reopen') {
    await asked(END);
    await world.becomes(visitIdOf(number), { graceUntil: expect.any(String) });
  }
  expect((await asked(row)).status).toBe(202);
  if (row.verb === 'reopen') await world.becomes(visitIdOf(number), { graceUntil: null });
});

test('the options with which the guide on events runs the examples are theirs', () => {
  const printed = commandsOf(guide('integration-events.md'))
    .map(({ text }) => /^node (contracts\/examples\/\S+\.mjs) (.*)$/.exec(text))
    .filter((found) => found !== null);
  expect(printed.length).toBe(2);
  for (const [, program, given] of printed) {
    const { stdout } = spawnSync(process.execPath, [join(ROOT, program!), '--help'], {
      encoding: 'utf8',
    });
    for (const [option] of given!.matchAll(/--[a-z-]+/g)) expect(stdout).toContain(option);
  }
});

test.each<[string, unknown, unknown]>([
  ['a field that is missing', { visitId: 'V1' }, {}],
  ['another value', { fate: 'rejected' }, { fate: 'applied' }],
  ['a text that begins otherwise', { apiKey: 'ctk_…' }, { apiKey: 'key' }],
  ['an entry without a field', { events: [{ id: '…' }] }, { events: [{ id: '1' }, {}] }],
])('in an answer, %s is found', (_what, printed, said) =>
  expect(differences(printed, said)).toHaveLength(1),
);

test('a request that is refused is found', () =>
  expect(run({ text: 'curl -X POST http://127.0.0.1:8080/v1/nowhere' })).rejects.toThrow('401'));
