import type { CentreClient } from '@caretab/centre';
import { CentreCalls } from './centre-calls';

const person = { idNumber: '11010519491231002X', name: '林清和' };
const insured = {
  baseinfo: { psn_no: '3301', certno: person.idNumber },
  insuinfo: [{ insutype: '390', psn_insu_stas: '1', insuplc_admdvs: '330500' }],
};
const call = {
  ...{ institutionId: 'HZ001', infno: '2207' as const, stamp: '202603020900000001' },
  data: { mdtrt_id: 'M1', medfee_sumamt: '10.00' },
};

/** Calls before a client that answers this, first to 1101. */
const callsOf = (to1101: object, reply: object = { status: 'answered', output: {} }) => {
  const asked: any[] = [];
  const client = {
    codeOf: () => 'H33010000001',
    ask: async ({ infno }: { infno: string }, message: any) => {
      asked.push({ infno, ...message });
      return { msgid: 'm', ...(infno === '1101' ? to1101 : reply) };
    },
  };
  return { asked, calls: new CentreCalls(client as unknown as CentreClient, ['310', '390']) };
};
const answered = { status: 'answered', output: insured };

test('who the person is, is filled in, and taken out of the answer', async () => {
  const setlinfo = [{ setl_id: 'S1', medfee_sumamt: '10.00', psn_no: '3301', ...person }];
  const { asked, calls } = callsOf(answered, { status: 'answered', output: { setlinfo } });
  expect(await calls.call(call, person)).toEqual({
    ...{ status: 'answered', msgid: 'm' },
    settlements: [{ setl_id: 'S1', medfee_sumamt: '10.00' }],
  });
  expect(asked[1]).toMatchObject({
    ...{ infno: '2207', insuplcAdmdvs: '330500', msgid: 'H33010000001202603020900000001' },
    input: { data: { mdtrt_id: 'M1', psn_no: '3301', insutype: '390', certno: person.idNumber } },
  });
});

test('what 2601 undoes has the code of the institution before it', async () => {
  const { asked, calls } = callsOf(answered);
  const undoes = '202603020900000001';
  await calls.call({ institutionId: 'HZ001', infno: '2601', undoes, data: {} }, person);
  expect(asked[1].input.data).toEqual({ omsgid: `H33010000001${undoes}`, psn_no: '3301' });
});

test.each<[string, object]>([
  ['does not answer', { status: 'unknown', why: 'TimeoutError' }],
  ['refuses', { status: 'refused', infcode: '-1' }],
  ['speaks of another', { status: 'answered', output: { ...insured, baseinfo: {} } }],
  ['knows no basic insurance', { status: 'answered', output: { ...insured, insuinfo: [] } }],
])('where 1101 %s, nothing was sent', async (_, to1101) => {
  const { asked, calls } = callsOf(to1101);
  expect(await calls.call(call, person)).toMatchObject({ status: 'not-sent' });
  expect(asked.map(({ infno }) => infno)).toEqual(['1101']);
});

test('words of the centre stay here', async () => {
  const { calls } = callsOf(answered, { status: 'refused', infcode: '-1', reason: '林清和 停保' });
  expect(await calls.call(call, person)).toEqual({ status: 'refused', msgid: 'm', infcode: '-1' });
});
