import { CentreClient } from './centre-client';
import type { CentreRegion } from './envelope';
import { functions } from './functions';
import { isLetIn, isSealed, sealOf } from './seal';

const SECRET = 'known to both of them';
const region: CentreRegion = {
  ...{ mdtrtarea_admvs: '330100', recer_sys_code: 'CARETAB', accessKey: 'us', infver: 'V1.0' },
  operator: { type: '1', no: 'op', name: 'Operator', ip: '10.0.0.1' },
  answersSigned: true,
  institutions: { HZ001: { code: 'H33010000001', name: '一院' } },
};

const answer = (output: object, head = '"infcode":0'): string => {
  const text = JSON.stringify(output);
  return `{${head},"cainfo":"${sealOf(SECRET, text)}","output":${text}}`;
};
const signedIn = answer({ signinoutb: { sign_time: '', sign_no: 'S1' } });

const clientOf = (...answers: readonly (string | Error | Response)[]) => {
  const left = [...answers];
  const sent: { readonly body: string; readonly headers: any }[] = [];
  let now = new Date('2026-03-02T16:30:00Z');
  const fetch = async (_: unknown, init: RequestInit = {}): Promise<Response> => {
    sent.push({ body: init.body as string, headers: init.headers });
    const next = left.shift() ?? 'nothing more';
    if (next instanceof Error) throw next;
    return typeof next === 'string' ? new Response(next) : next;
  };
  const client = new CentreClient({
    ...{ url: 'http://centre', secret: SECRET, region, timeoutMs: 100 },
    ...{ clock: { now: () => now }, fetch: fetch as typeof globalThis.fetch },
  });
  const undo = { data: { psn_no: '33a', omsgid: 'm1', oinfno: '2207' } };
  return {
    client,
    sent,
    bodies: () => sent.map(({ body }) => JSON.parse(body)),
    passes: (ms: number) => (now = new Date(now.getTime() + ms)),
    ask: () =>
      client.ask(functions.reverse, {
        institutionId: 'HZ001',
        input: undo,
        insuplcAdmdvs: '330500',
      }),
  };
};

test('signs in, and then sends the whole envelope, signed', async () => {
  const { ask, sent, bodies } = clientOf(signedIn, answer({}));
  expect(await ask()).toMatchObject({
    status: 'answered',
    msgid: 'H33010000001202603030030000000',
  });
  expect(bodies()[0]).toMatchObject({ infno: '9001', sign_no: '', input: { signIn: {} } });
  const { cainfo, input, ...head } = bodies()[1];
  expect(head).toEqual({
    ...{ infno: '2601', msgid: 'H33010000001202603030030000000', mdtrtarea_admvs: '330100' },
    ...{ insuplc_admdvs: '330500', recer_sys_code: 'CARETAB', dev_no: '', dev_safe_info: '' },
    ...{ signtype: 'SM3', infver: 'V1.0', opter_type: '1', opter: 'op', opter_name: 'Operator' },
    ...{ inf_time: '2026-03-03 00:30:00', fixmedins_code: 'H33010000001', fixmedins_name: '一院' },
    sign_no: 'S1',
  });
  expect(isSealed(SECRET, JSON.stringify(input), cainfo)).toBe(true);
  const key = { accessKey: 'us', secret: SECRET };
  expect(isLetIn(sent[1]!.headers, key)).toBe(true);
  expect(isLetIn({ ...sent[1]!.headers, _api_timestamp: '1' }, key)).toBe(false);
});

test('one sign-in serves all; a refusal makes a new one, unless it is young', async () => {
  const refused = '{"infcode":-1,"err_msg":"未签到"}';
  const { ask, bodies, passes } = clientOf(signedIn, answer({}), refused, refused, signedIn);
  await Promise.all([ask(), ask()]);
  passes(61_000);
  expect(await ask()).toMatchObject({ status: 'refused', reason: '未签到' });
  await ask();
  expect(bodies().map(({ infno }) => infno)).toEqual([
    ...['9001', '2601', '2601', '2601', '9001', '2601'],
  ]);
});

test('a new day has its own sign-in', async () => {
  const { ask, bodies, passes } = clientOf(signedIn, answer({}), signedIn, answer({}));
  await ask();
  passes(86_400_000);
  await ask();
  expect(bodies().map(({ infno }) => infno)).toEqual(['9001', '2601', '9001', '2601']);
});

test('signs out wherever it signed in', async () => {
  const { client, ask, bodies } = clientOf(signedIn, answer({}), answer({}));
  await ask();
  await client.stop();
  expect(bodies()[2]).toMatchObject({ infno: '9002', input: { signOut: { sign_no: 'S1' } } });
});

test.each<[string, string | Error | Response, object]>([
  ['a lost answer', new TypeError('cut'), { status: 'unknown', why: 'TypeError' }],
  ['HTTP 500', new Response('', { status: 500 }), { status: 'unknown', why: 'HTTP_500' }],
  ['no JSON', 'busy', { status: 'unknown', why: 'NO_JSON' }],
  ['an answer without an end', 'x'.repeat(300_000), { status: 'unknown' }],
  ['a refusal by the gateway', new Response('{}', { status: 401 }), { status: 'refused' }],
  ['infcode -1', '{"infcode":"-1","err_msg":"no"}', { status: 'refused', infcode: '-1' }],
  ['no envelope', '[]', { status: 'not-believed', doubts: [{ code: 'MALFORMED' }] }],
  [
    'a signature that is none',
    '{"infcode":0,"output":{}}',
    { status: 'not-believed', doubts: [{ code: 'SIGNATURE_WRONG', field: '/cainfo' }] },
  ],
])('%s', async (_, said, expected) => {
  expect(await clientOf(signedIn, said).ask()).toMatchObject(expected);
});

test('without a sign-in, or with a wrong input, nothing is sent', async () => {
  const { ask } = clientOf('{"infcode":-1}');
  expect(await ask()).toMatchObject({ status: 'not-sent', doubts: [{ field: '/sign_no' }] });
  const { client, sent } = clientOf();
  const input = { data: { psn_no: '', omsgid: 'm1', oinfno: '2207' } };
  expect(await client.ask(functions.reverse, { institutionId: 'HZ001', input })).toMatchObject({
    ...{ status: 'not-sent', doubts: [{ field: '/data/psn_no' }] },
  });
  expect(sent).toEqual([]);
});
