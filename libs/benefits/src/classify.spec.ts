import { findItem, itemsOn } from './catalogue';
import { addTotals, classify, emptyTotals, subtractTotals } from './classify';

const coverage = { catalogueDate: '2026-03-02', hospitalLevel: 'level-3' as const };

test('a category A item within its limit is in scope whole', () =>
  expect(classify(coverage, { itemCode: '250101015', quantity: '1', amountFen: 2000 })).toEqual({
    ...emptyTotals,
    grossFen: 2000,
    inScopeFen: 2000,
    category: 'A',
    reasons: [],
  }));

test('a category B item leaves its first share to the patient', () =>
  expect(
    classify(coverage, { itemCode: 'XJ05AH02', quantity: '1', amountFen: 3980 }),
  ).toMatchObject({ firstSelfPayFen: 199, inScopeFen: 3781, reasons: ['FIRST_SELF_PAY'] }));

test('the first share is taken of the part within the price limit', () =>
  expect(
    classify(coverage, { itemCode: 'C0402-IOL-M', quantity: '1', amountFen: 680_000 }),
  ).toMatchObject({
    overLimitFen: 500_000,
    firstSelfPayFen: 36_000,
    inScopeFen: 144_000,
    reasons: ['OVER_PRICE_LIMIT', 'FIRST_SELF_PAY'],
  }));

test('a price limit counts per unit and by the level of the hospital', () => {
  const line = { itemCode: '110900001-1', quantity: '2.5', amountFen: 65_000 };
  expect(classify(coverage, line)).toMatchObject({ overLimitFen: 55_000, inScopeFen: 10_000 });
  expect(classify({ ...coverage, hospitalLevel: 'community' }, line)).toMatchObject({
    overLimitFen: 58_750,
    inScopeFen: 6250,
  });
});

test('category C and what the catalogue does not list are own expense, each with its reason', () => {
  expect(
    classify(coverage, { itemCode: '230400001', quantity: '1', amountFen: 700_000 }),
  ).toMatchObject({ category: 'C', ownExpenseFen: 700_000, reasons: ['OWN_EXPENSE'] });
  expect(
    classify(coverage, { itemCode: 'NO-SUCH-ITEM', quantity: '1', amountFen: 100 }),
  ).toMatchObject({ category: 'C', ownExpenseFen: 100, reasons: ['NOT_IN_CATALOGUE'] });
});

test('an item is the one in force on the day, its last day included', () => {
  expect(findItem('C0201-STENT', '2020-12-31')?.firstSelfPayBps).toBe(3000);
  expect(findItem('C0201-STENT', '2021-01-01')?.firstSelfPayBps).toBe(500);
  expect(findItem('C0301-HIP', '2022-03-31')).toBeUndefined();
});

test(
  'the catalogue is well formed: no two items of one code on one day, a share ' +
    'exactly where the category is B',
  () => {
    const items = itemsOn('2026-03-02');
    expect(new Set(items.map(({ code }) => code)).size).toBe(items.length);
    expect(
      items.filter((item) => (item.category === 'B') !== (item.firstSelfPayBps !== undefined)),
    ).toEqual([]);
    expect(
      items.every(
        (item) =>
          /^[A-Za-z0-9._-]{1,40}$/.test(item.code) &&
          /^\d{1,9}(\.\d{1,6})?$/.test(item.priceYuan) &&
          /^(0[1-9]|1[0-4])$/.test(item.chargeType),
      ),
    ).toBe(true);
  },
);

test('what was added to totals can be taken out again, and nothing else', () => {
  const line = classify(coverage, { itemCode: '210200001', quantity: '1', amountFen: 50_000 });
  const totals = addTotals(emptyTotals, line);
  expect(totals).toEqual({
    grossFen: 50_000,
    ownExpenseFen: 0,
    overLimitFen: 2000,
    firstSelfPayFen: 4800,
    inScopeFen: 43_200,
  });
  expect(subtractTotals(totals, line)).toEqual(emptyTotals);
  expect(() => subtractTotals(emptyTotals, line)).toThrow('Invariant broken');
});
