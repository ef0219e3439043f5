import type { CheckRule } from '@caretab/contracts';
import type { CheckedClaim, CheckedLine } from './checked-claim';
import { findingsOf } from './checks';

const name = { zh: '规则', en: 'a rule' };
const line = (itemCode: string, changes: Partial<CheckedLine> = {}): CheckedLine => ({
  ...{ itemCode, quantity: 10_000, day: '2026-03-02', amountFen: 20_000, overLimitFen: 0 },
  ...changes,
});
const claim = (visitId: string, changes: Partial<CheckedClaim> = {}): CheckedClaim => ({
  ...{ visitId, claimId: `claim-${visitId}`, revision: 1, institutionId: 'HZ01' },
  ...{ isInpatient: false, from: '2026-03-02', to: '2026-03-02' },
  settledAt: new Date('2026-03-03T00:00:00Z'),
  ...{ lines: [], returned: [], creditedFen: 0, borneFen: new Map([['city', 10_000]]) },
  ...changes,
});
const stay = (visitId: string, from: string, to: string, changes: Partial<CheckedClaim> = {}) =>
  claim(visitId, { isInpatient: true, from, to, ...changes });
const elsewhere = { institutionId: 'HZ02' };
const days = (count: number, changes: Partial<CheckedClaim> = {}): CheckedClaim[] =>
  Array.from({ length: count }, (_, at) => claim(`D${at}`, changes));

const scan: CheckRule = {
  ...{ id: 'same-scan', kind: 'same-item-elsewhere', name },
  ...{ items: ['21'], fromFen: 10_000 },
};
const bed: CheckRule = {
  id: 'bed',
  kind: 'item-count',
  name,
  items: ['1109'],
  within: 'day',
  most: 1,
};
const scans: CheckRule = { ...bed, id: 'scans', items: ['21'], within: 'month', most: 2 };
const twoPlaces: CheckRule = { id: 'two-places', kind: 'two-places', name };
const overlap: CheckRule = { id: 'overlap', kind: 'overlapping-stays', name };
const bedDays: CheckRule = { id: 'bed-days', kind: 'bed-days', name, withinDays: 731, most: 400 };
const again: CheckRule = {
  ...{ id: 'again', kind: 'readmission', name, withinDays: 10, sameInstitution: true },
};
const price: CheckRule = { id: 'price', kind: 'above-standard', name, fromFen: 1_000 };
const credited: CheckRule = {
  ...{ id: 'credited', kind: 'credited-later', name, withinDays: 90, fromFen: 5_000, times: 3 },
};
const returned: CheckRule = {
  ...{ id: 'returned', kind: 'bought-and-returned', name, items: ['X'], withinDays: 31, times: 2 },
};
const many: CheckRule = {
  ...{ id: 'many', kind: 'many-institutions', name, items: ['X'], withinDays: 7 },
  ...{ fromFen: 20_000, institutions: 2 },
};

interface Case {
  readonly rule: CheckRule;
  readonly claim: CheckedClaim;
  readonly earlier: readonly CheckedClaim[];
  readonly figures: Readonly<Record<string, number | string>>;
}
const found: readonly (readonly [string, Case])[] = [
  [
    'one examination on one day at two hospitals',
    {
      ...{ rule: scan, claim: claim('B', { lines: [line('210100')] }) },
      earlier: [claim('A', { ...elsewhere, lines: [line('210100')] })],
      figures: { itemCode: '210100', day: '2026-03-02', amountFen: 20_000 },
    },
  ],
  [
    'two beds on one day, in one claim',
    {
      ...{ rule: bed, claim: claim('B', { lines: [line('110900', { quantity: 20_000 })] }) },
      ...{ earlier: [], figures: { itemCode: '110900', when: '2026-03-02', times: 2, most: 1 } },
    },
  ],
  [
    'three examinations in one month, in several claims',
    {
      ...{ rule: scans, claim: claim('B', { lines: [line('210100', { day: '2026-03-30' })] }) },
      earlier: [claim('A', { lines: [line('210100', { quantity: 20_000 })] })],
      figures: { itemCode: '210100', when: '2026-03', times: 3, most: 2 },
    },
  ],
  [
    'a visit elsewhere in the middle of a stay',
    {
      ...{ rule: twoPlaces, claim: stay('B', '2026-03-01', '2026-03-04') },
      ...{ earlier: [claim('A', elsewhere)], figures: { day: '2026-03-02' } },
    },
  ],
  [
    'two stays at a time',
    {
      ...{ rule: overlap, claim: stay('B', '2026-03-01', '2026-03-10') },
      earlier: [stay('A', '2026-03-08', '2026-03-20', elsewhere)],
      figures: { days: 2 },
    },
  ],
  [
    'more than 400 days in hospital in two years',
    {
      ...{ rule: bedDays, claim: stay('B', '2025-12-01', '2026-03-01') },
      earlier: [stay('A', '2024-12-01', '2025-11-01')],
      figures: { days: 425, most: 400, stays: 2 },
    },
  ],
  [
    'a stay soon after another in the same hospital',
    {
      ...{ rule: again, claim: stay('B', '2026-03-11', '2026-03-20') },
      ...{ earlier: [stay('A', '2026-02-20', '2026-03-01')], figures: { days: 10, within: 10 } },
    },
  ],
  [
    'prices above the standard',
    {
      ...{ rule: price, claim: claim('B', { lines: [line('1', { overLimitFen: 1_000 })] }) },
      ...{ earlier: [], figures: { lines: 1, overFen: 1_000 } },
    },
  ],
  [
    'charges credited again and again after settlement',
    {
      ...{ rule: credited, claim: claim('B', { creditedFen: 5_000 }) },
      ...{ earlier: days(2, { creditedFen: 6_000 }), figures: { times: 3, creditedFen: 17_000 } },
    },
  ],
  [
    'drugs bought and returned again and again',
    {
      ...{ rule: returned, claim: claim('B', { returned: ['XA01'] }) },
      ...{ earlier: days(1, { returned: ['XA02'] }), figures: { times: 2 } },
    },
  ],
  [
    'costly drugs at many institutions within days',
    {
      ...{ rule: many, claim: claim('B', { lines: [line('XA01')] }) },
      earlier: days(1, { ...elsewhere, lines: [line('XB02')] }),
      figures: { institutions: 2, withinDays: 7 },
    },
  ],
];

test.each(found)('%s is found, with its figures and the other claims', (_what, one) => {
  const others = one.earlier;
  expect(findingsOf(one.rule, one.claim, one.earlier)).toEqual([
    { key: expect.any(String), others, figures: one.figures },
  ]);
});

const notFound: readonly (readonly [string, Omit<Case, 'figures'>])[] = [
  [
    'the same examination on another day',
    {
      ...found[0]![1],
      earlier: [claim('A', { ...elsewhere, lines: [line('210100', { day: '2026-03-03' })] })],
    },
  ],
  [
    'the same examination in one hospital',
    { ...found[0]![1], earlier: [claim('A', { lines: [line('210100')] })] },
  ],
  [
    'another item',
    { ...found[0]![1], earlier: [claim('A', { ...elsewhere, lines: [line('210200')] })] },
  ],
  [
    'one that costs little',
    { ...found[0]![1], claim: claim('B', { lines: [line('210100', { amountFen: 9_999 })] }) },
  ],
  ['one bed on a day', { ...found[1]![1], claim: claim('B', { lines: [line('110900')] }) }],
  [
    'beds of two days',
    {
      ...found[1]![1],
      claim: claim('B', { lines: [line('110900'), line('110900', { day: '2026-03-03' })] }),
    },
  ],
  [
    'examinations of two months',
    { ...found[2]![1], claim: claim('B', { lines: [line('210100', { day: '2026-04-01' })] }) },
  ],
  ['too much before this claim alone', { ...found[2]![1], claim: claim('B', { lines: [] }) }],
  [
    'care elsewhere on the day of admission',
    { ...found[3]![1], claim: stay('B', '2026-03-02', '2026-03-04') },
  ],
  [
    'care elsewhere on the day of discharge',
    { ...found[3]![1], claim: stay('B', '2026-03-01', '2026-03-02') },
  ],
  ['a transfer on one day', { ...found[4]![1], claim: stay('B', '2026-03-01', '2026-03-08') }],
  [
    'exactly 400 days',
    {
      ...found[5]![1],
      claim: stay('B', '2026-01-01', '2026-03-07'),
      earlier: [stay('A', '2025-01-01', '2025-12-02')],
    },
  ],
  [
    'days of more than two years ago',
    { ...found[5]![1], earlier: [stay('A', '2022-01-01', '2024-02-28')] },
  ],
  ['a stay long after another', { ...found[6]![1], claim: stay('B', '2026-03-12', '2026-03-20') }],
  [
    'a stay after one elsewhere',
    { ...found[6]![1], earlier: [stay('A', '2026-02-20', '2026-03-01', elsewhere)] },
  ],
  [
    'a price a little above',
    { ...found[7]![1], claim: claim('B', { lines: [line('1', { overLimitFen: 999 })] }) },
  ],
  ['two credits', { ...found[8]![1], earlier: days(1, { creditedFen: 6_000 }) }],
  [
    'credits of long ago',
    { ...found[8]![1], earlier: days(2, { creditedFen: 6_000, to: '2025-11-01' }) },
  ],
  ['one return', { ...found[9]![1], earlier: [] }],
  ['returned consumables', { ...found[9]![1], claim: claim('B', { returned: ['C01'] }) }],
  [
    'costly drugs at one institution',
    { ...found[10]![1], earlier: days(3, { lines: [line('XB02')] }) },
  ],
  [
    'cheap drugs elsewhere',
    {
      ...found[10]![1],
      earlier: days(3, { ...elsewhere, lines: [line('XB02', { amountFen: 19_999 })] }),
    },
  ],
];

test.each(notFound)('%s is not', (_what, one) =>
  expect(findingsOf(one.rule, one.claim, one.earlier)).toEqual([]),
);
