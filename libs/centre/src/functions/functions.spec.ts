import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TSchema } from '@sinclair/typebox';
import { faultOf } from '../envelope';
import { functions } from '.';

const all = Object.values(functions);

test('each function is spoken once, and these alone are undone by 2601', () => {
  expect(new Set(all.map(({ infno }) => infno)).size).toBe(all.length);
  const undoable = all.filter(({ isUndoable }) => isUndoable).map(({ infno }) => infno);
  expect(undoable.toSorted()).toEqual(['2102', '2103', '2207', '2208', '2304', '2305', '2401']);
});

test('every function of the sheet is there', () => {
  const sheet =
    '1101 2001 2101 2102 2103 2201 2202 2203 2204 2205 2206 2207 2208 2301 2302 2303 2304 2305 ' +
    '2401 2402 2403 2404 2405 2501 2503 2505 2507 2601 3201 3202 3203 3204 3301 4101 5203 5206 ' +
    '6201 6202 6203 6301 6302 6401 9001 9002 9101 9102';
  expect(all.map(({ infno }) => infno).toSorted()).toEqual(sheet.split(' '));
});

const totals = {
  ...{ insutype: '310', clr_type: '11', setl_optins: '330100', stmt_begndate: '2026-03-01' },
  ...{ stmt_enddate: '2026-03-31', medfee_sumamt: '10.00', fund_pay_sumamt: '7' },
  ...{ acct_pay: '0.00', fixmedins_setl_cnt: '1' },
};

test.each<[string, object, string | undefined]>([
  ['as the sheet says', {}, undefined],
  ['with what the sheet does not know', { more: { of: 'it' } }, undefined],
  ['with zeros behind', { medfee_sumamt: '10.0000' }, undefined],
  ['with a tenth of a fen', { medfee_sumamt: '10.001' }, '/data/medfee_sumamt'],
  ['with an amount that is none', { medfee_sumamt: 'ten' }, '/data/medfee_sumamt'],
  ['with a count of one and a half', { fixmedins_setl_cnt: '1.5' }, '/data/fixmedins_setl_cnt'],
  ['with an object for a text', { insutype: {} }, '/data/insutype'],
  ['with a day that is none', { stmt_begndate: 'March' }, '/data/stmt_begndate'],
])('input %s', (_, more, field) => {
  const fault = faultOf(functions.totals.input, { data: { ...totals, ...more } });
  expect(fault?.field).toBe(field);
  expect(JSON.stringify(fault ?? '')).not.toMatch(/ten|March|10\.001/);
});

const guide = readFileSync(join(__dirname, '../../../../docs/integration-centre.zh-en.md'), 'utf8');

test.each(all.map((one) => [one.infno, one] as const))('the guide names %s', (infno, one) => {
  const [, entry = ''] = guide.replace(/\s+/g, ' ').split(`- **${infno}** `);
  const { zh, en, fields, isUndoable } = one;
  expect(entry).toMatch(new RegExp(`^${zh} · ${en}${isUndoable ? ' \\(2601' : ':'}`));
  const line = entry.split(' - **')[0]!;
  expect(line.includes('公开资料')).toBe(fields !== 'given');
  const input: Record<string, TSchema> = one.input.properties;
  const data: object = input['data']?.['properties'] ?? {};
  for (const name of Object.keys(data)) expect(line).toContain(`\`${name}\``);
});
