import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CentreClient, sealOf } from '@caretab/centre';
import { dataOf } from '@caretab/contracts';
import { fixedClock } from '@caretab/doubles';
import { Type } from '@sinclair/typebox';
import { Centre } from './centre';

const FILE = join(__dirname, '../../data/centre.json');
const SECRET = 'known to both of them';
const ID_NUMBER = '11010519491231002X';
const question = {
  ...{ visitId: 'HZ001-V1', institutionId: 'HZ001', careDate: '2026-03-02' },
  ...{ visitClass: 'outpatient' as const, idNumber: ID_NUMBER, name: '林清和' },
};
const insured = (more: object = {}) => ({
  baseinfo: { psn_no: '3301', certno: ID_NUMBER },
  insuinfo: [
    { insutype: '510', psn_insu_stas: '1', insuplc_admdvs: '330100' },
    { insutype: '390', psn_insu_stas: '1', insuplc_admdvs: '330100', ...more },
  ],
});
const entitled = (more: object = {}) => ({
  trtinfo: [
    { psn_no: '3301', trt_enjymnt_flag: '1', begndate: '2026-01-01', enddate: '', ...more },
  ],
});

const REGION = dataOf('centre.json', readFileSync(FILE, 'utf8'), Type.Object({})) as any;

/** The gateway before a centre that answers this. */
const answered = (to1101: unknown, to2001: unknown = entitled(), status = 200) => {
  const asked: any[] = [];
  const fetch = async (_url: unknown, init: RequestInit = {}): Promise<Response> => {
    const body = JSON.parse(init.body as string);
    const said = (output: object) => {
      const text = JSON.stringify(output);
      return `{"infcode":0,"cainfo":"${sealOf(SECRET, text)}","output":${text}}`;
    };
    if (body.infno === '9001')
      return new Response(
        said({ signinoutb: { sign_time: '2026-03-02 09:00:00', sign_no: 'S-1' } }),
      );
    expect(body).toMatchObject({ sign_no: 'S-1', cainfo: expect.any(String), signtype: 'SM3' });
    asked.push(body);
    const output = body.infno === '1101' ? to1101 : to2001;
    const text = typeof output === 'string' ? output : said(output as object);
    return new Response(text, { status });
  };
  const clock = fixedClock('2026-03-02T01:00:00Z');
  const client = new CentreClient({
    ...{ url: 'http://centre', secret: SECRET, timeoutMs: 100, clock, region: REGION.region },
    fetch: fetch as typeof globalThis.fetch,
  });
  const gateway = new Centre({ client, clock, rules: REGION });
  return { asked, answer: () => gateway.ask(question) };
};

test('1101 says who is insured, and 2001 of that insurance who is entitled', async () => {
  const { asked, answer } = answered(insured());
  expect(await answer()).toEqual({
    status: 'answered',
    entitlement: {
      ...{ insuranceType: '390', insuredStatus: '1', insuredPlace: '330100', entitled: true },
      ...{ from: '2026-01-01', msgid: asked[1].msgid, answeredAt: '2026-03-02T01:00:00.000Z' },
    },
  });
  expect(asked.map(({ infno, fixmedins_code: at }) => [infno, at])).toEqual([
    ['1101', 'HZ001'],
    ['2001', 'HZ001'],
  ]);
  expect(asked[1].input.data).toMatchObject({ psn_no: '3301', insutype: '390', med_type: '11' });
});

test('who is not entitled, and why in the words of the centre; never with a number of a person', async () => {
  const no = (reason: string) => entitled({ trt_enjymnt_flag: '0', trt_chk_rslt: reason });
  expect(await answered(insured(), no('待遇等待期')).answer()).toMatchObject({
    entitlement: { entitled: false, reason: '待遇等待期' },
  });
  const { entitlement } = (await answered(insured(), no(`${ID_NUMBER} 停保`)).answer()) as any;
  expect(entitlement).not.toHaveProperty('reason');
  expect(entitlement.entitled).toBe(false);
});

test.each<[string, unknown, unknown, string]>([
  [
    'of another person',
    { ...insured(), baseinfo: { psn_no: '1', certno: 'x' } },
    {},
    'PERSON_DIFFERS',
  ],
  ['of another psn_no', insured(), entitled({ psn_no: '9999' }), 'PERSON_DIFFERS'],
  ['of no insurance', { ...insured(), insuinfo: [] }, {}, 'INSURANCE_UNKNOWN'],
  ['of no treatment', insured(), { trtinfo: [] }, 'TREATMENT_UNKNOWN'],
  ['of a place that is none', insured({ insuplc_admdvs: 'there' }), entitled(), 'ANSWER_MALFORMED'],
  ['of a day that is none', insured(), entitled({ begndate: '2026-02-30' }), 'ANSWER_MALFORMED'],
])('what it says %s is a contradiction', async (_, to1101, to2001, reason) => {
  expect(await answered(to1101, to2001).answer()).toEqual({ status: 'contradiction', reason });
});

test.each<[string, unknown, number]>([
  ['an error', {}, 500],
  ['no JSON', 'busy', 200],
  ['an answer without an end', 'x'.repeat(100_000), 200],
  ['infcode -1', JSON.stringify({ infcode: -1, err_msg: 'no' }), 200],
  ['HTTP 401', { code: 401 }, 401],
])('%s is no answer', async (_, body, status) => {
  expect(await answered(body, undefined, status).answer()).toEqual({ status: 'no-answer' });
});

test('an answer that the centre did not sign is a contradiction', async () => {
  const forged = JSON.stringify({ infcode: 0, cainfo: 'ab', output: insured() });
  expect(await answered(forged).answer()).toEqual({
    ...{ status: 'contradiction', reason: 'SIGNATURE_WRONG' },
  });
});
