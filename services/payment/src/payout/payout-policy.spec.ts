import { payoutPolicyOf, pooledOn } from './payout-policy';

const account = { holderName: '结算专户', bankCode: '102331000015', account: '622200010001' };
const rule = { institutionId: '*', party: 'channel', partyId: '*', from: '2026-03-01' };
const read = (document: object) => payoutPolicyOf('payouts.json', JSON.stringify(document));

test('a rule holds from its first day until its last', () => {
  const policy = read({ settlementAccount: account, pooled: [{ ...rule, until: '2026-03-31' }] });
  const days = ['2026-02-28', '2026-03-01', '2026-03-31', '2026-04-01'];
  expect(days.map((day) => pooledOn(policy, day).length)).toEqual([0, 1, 1, 0]);
});

test.each([
  ['that pools an insurer’s money', { pooled: [{ ...rule, party: 'insurer' }] }],
  ['without a day', { pooled: [{ ...rule, from: undefined }] }],
  ['that pools without an account', { settlementAccount: null, pooled: [rule] }],
  ['with a bank code that is none', { settlementAccount: { ...account, bankCode: '1' } }],
  ['with a field that is not known', { net: true }],
])('a file %s is refused', (_what, changes) => {
  expect(() => read({ settlementAccount: account, pooled: [], ...changes })).toThrow(
    'payouts.json',
  );
});
