import fc from 'fast-check';
import { yuanOf } from './fields';
import { doubtsOf, identityDoubts } from './identities';

const fen = fc.integer({ min: 0, max: 10_000_000 });
const FUNDS = [
  ...['hifp_pay', 'hifmi_pay', 'hifob_pay', 'hifes_pay'],
  ...['cvlserv_pay', 'maf_pay', 'oth_pay'],
];

/** A settlement of these parts, in fen; what is in policy scope is the rest. */
const settlementOf = (funds: readonly number[], [account, cash, hospital]: readonly number[]) => {
  const fund = funds.reduce((sum, each) => sum + each, 0);
  const total = fund + account! + cash! + hospital!;
  return {
    ...{ mdtrt_id: 'M1', psn_no: '33a', setl_id: 'S1', medfee_sumamt: yuanOf(total) },
    ...Object.fromEntries(FUNDS.map((name, at) => [name, yuanOf(funds[at]!)])),
    ...{ fund_pay_sumamt: yuanOf(fund), psn_part_amt: yuanOf(account! + cash!) },
    ...{ acct_pay: yuanOf(account!), acct_mulaid_pay: '0.00', psn_cash_pay: yuanOf(cash!) },
    ...{ hosp_part_amt: yuanOf(hospital!), fulamt_ownpay_amt: yuanOf(cash!) },
    ...{ overlmt_selfpay: '0', preselfpay_amt: '0.00', inscp_scp_amt: yuanOf(total - cash!) },
  };
};
const parts = fc.tuple(
  fc.array(fen, { minLength: 7, maxLength: 7 }),
  fc.array(fen, { minLength: 3, maxLength: 3 }),
);

test('any parts that sum up are believed, also where the hospital bears some', () =>
  fc.assert(
    fc.property(parts, ([funds, rest]) =>
      expect(identityDoubts(settlementOf(funds, rest))).toEqual([]),
    ),
  ));

test('a fen more or less in any sum or part is found', () =>
  fc.assert(
    fc.property(
      parts,
      fc.constantFrom(
        ...['medfee_sumamt', 'fund_pay_sumamt', 'psn_part_amt', 'acct_pay', 'psn_cash_pay'],
        ...['hosp_part_amt', 'inscp_scp_amt', 'fulamt_ownpay_amt', ...FUNDS],
      ),
      fc.constantFrom(1, -1),
      ([funds, rest], name, by) => {
        const good: Record<string, string> = settlementOf(funds, rest);
        const wrong = { ...good, [name]: yuanOf(Math.round(Number(good[name]) * 100) + by) };
        expect(identityDoubts(wrong)).not.toEqual([]);
      },
    ),
  ));

test('the mutual-aid account is a part of the account', () => {
  const good = settlementOf([1, 0, 0, 0, 0, 0, 0], [500, 0, 0]);
  expect(identityDoubts({ ...good, acct_mulaid_pay: '5.00' })).toEqual([]);
  expect(identityDoubts({ ...good, acct_mulaid_pay: '5.01' })).toMatchObject([
    { code: 'ACCOUNT_DIFFERS' },
  ]);
});

test('a cancelled settlement holds to the sums with the other sign, also as 2208 spells it', () => {
  const { psn_cash_pay: _, ...sums } = settlementOf([-700, 0, 0, 0, 0, 0, 0], [0, -300, 0]);
  const asked = { data: { psn_no: '33a', mdtrt_id: 'M1' } };
  expect(doubtsOf('2208', asked, { setlinfo: { ...sums, pdn_cash_pay: '-3.00' } })).toEqual([]);
  expect(doubtsOf('2208', asked, { setlinfo: { ...sums, pdn_cash_pay: '3.00' } })).toHaveLength(1);
});

test('an answer of another person, visit or amount is not believed', () => {
  const setlinfo = settlementOf([700, 0, 0, 0, 0, 0, 0], [0, 300, 0]);
  const data = { psn_no: '33a', mdtrt_id: 'M1', medfee_sumamt: '10.00' };
  const codes = (more: object) =>
    doubtsOf('2207', { data: { ...data, ...more } }, { setlinfo }).map(({ code }) => code);
  expect(codes({})).toEqual([]);
  expect(codes({ psn_no: '33b' })).toEqual(['OF_ANOTHER']);
  expect(codes({ mdtrt_id: 'M2' })).toEqual(['OF_ANOTHER']);
  expect(codes({ medfee_sumamt: '10.01' })).toEqual(['TOTAL_DIFFERS']);
});

test('each line that was sent is divided once and whole', () => {
  const line = { feedetl_sn: '1', det_item_fee_sumamt: '10.00' };
  const good = { ...line, inscp_scp_amt: '9.00', preselfpay_amt: '1' };
  const codes = (...result: object[]) =>
    doubtsOf('2204', { feedetail: [line] }, { result }).map(({ code }) => code);
  expect(codes(good)).toEqual([]);
  expect(codes()).toEqual(['LINES_MISSING']);
  expect(codes({ ...good, inscp_scp_amt: '9.01' })).toEqual(['LINE_DIFFERS']);
  expect(codes(good, good)).toEqual(['LINE_DIFFERS']);
  expect(codes({ ...good, det_item_fee_sumamt: '9.99' })).toEqual(['LINE_DIFFERS']);
});
