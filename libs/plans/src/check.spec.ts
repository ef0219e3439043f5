import { faultsOf, planJson, planOf } from '../test';
import { readPlan } from './compile';

const level = {
  name: { zh: '等级', en: 'level' },
  cases: [{ is: 'high', when: { hospitalLevel: ['01', '02'] } }, { is: 'low' }],
};
const layer = (changes: object) => [{ id: 'pool', ...changes }];

test('a sound plan is taken', () =>
  expect(
    faultsOf({
      words: { level },
      layers: layer({ rate: { by: ['level'], rows: { high: '80%', low: '90%' } } }),
    }),
  ).toEqual([]));

test.each<[string, object, string]>([
  [
    'bands that fall',
    {
      layers: layer({
        bands: [
          ['40000', '30%'],
          ['20000', '40%'],
          [null, '50%'],
        ],
      }),
    },
    '/layers/0/bands/1: This band ends at or before the one before it',
  ],
  [
    'a last band with an end',
    { layers: layer({ bands: [['40000', '30%']] }) },
    '/layers/0/bands/0: The last band has an end',
  ],
  [
    'a percentage above 100',
    { layers: layer({ rate: '101%' }) },
    '/layers/0/rate: Here stands no percentage',
  ],
  [
    'a rate as a number',
    { layers: layer({ rate: 0.8 }) },
    '/layers/0/rate: A number stands here: 0.8.',
  ],
  [
    'an amount of three decimals',
    { layers: layer({ rate: '80%', deductible: { amount: '100.001' } }) },
    '/layers/0/deductible/amount: “100.001” stands here.',
  ],
  [
    'a table without a row for a value',
    { words: { level }, layers: layer({ rate: { by: ['level'], rows: { high: '80%' } } }) },
    '/layers/0/rate/rows: The table has no row for “level” “low”',
  ],
  [
    'a row for a value that there is not',
    {
      words: { level },
      layers: layer({ rate: { by: ['level'], rows: { high: '80%', low: '9%', mid: '1%' } } }),
    },
    '/layers/0/rate/rows/mid: “level” is never “mid”',
  ],
  [
    'a row for all others where there are none',
    {
      words: { level },
      layers: layer({ rate: { by: ['level'], rows: { high: '80%', low: '9%', '*': '1%' } } }),
    },
    '/layers/0/rate/rows/*: The row “*” is never reached',
  ],
  [
    'a table by a fact without a closed list',
    { layers: layer({ rate: { by: ['personType'], rows: { '11': '80%' } } }) },
    '/layers/0/rate/rows: “personType” has no closed list of values',
  ],
  [
    'a condition on what nobody knows',
    { layers: layer({ rate: '80%', when: { hospitalClass: '01' } }) },
    '/layers/0/when/hospitalClass: Nothing is called “hospitalClass”',
  ],
  [
    'a code that never comes',
    { layers: layer({ rate: '80%', when: { care: 'daycare' } }) },
    '/layers/0/when/care: “care” is never “daycare”',
  ],
  [
    'a condition of another type',
    { layers: layer({ rate: '80%', when: { age: '60' } }) },
    '/layers/0/when/age: “age” is a number',
  ],
  [
    'a range without a number',
    { layers: layer({ rate: '80%', when: { age: { from: 60, below: 60 } } }) },
    '/layers/0/when/age: No number is in this range',
  ],
  [
    'a condition on lines where the claim is looked at',
    { layers: layer({ rate: '80%', when: { itemCategory: 'B' } }) },
    '/layers/0/when/itemCategory: “itemCategory” is said of a line',
  ],
  [
    'a case that is never reached',
    {
      words: { level: { ...level, cases: [{ is: 'low' }, ...level.cases] } },
      layers: layer({ rate: '80%', when: { level: 'high' } }),
    },
    '/words/level/cases/1: This case is never reached',
  ],
  [
    'a cap that is never reached',
    {
      layers: layer({
        rate: '80%',
        caps: [
          { amount: '100000', on: 'base' },
          { amount: '90000', on: 'fund' },
        ],
      }),
    },
    '/layers/0/caps: The cap on the fund is never reached',
  ],
  [
    'a cap above what the bands can pay',
    {
      layers: layer({
        bands: [
          ['10000', '80%'],
          [null, '0%'],
        ],
        caps: [{ amount: '9000', on: 'fund' }],
      }),
    },
    '/layers/0/caps: The cap on the fund is never reached',
  ],
  ['a day that there is not', { from: '2026-02-30' }, '/from: There is no such day'],
  [
    'a year that begins on no day',
    { year: { by: 'discharge', starts: '02-31' } },
    '/year/starts: There is no such day',
  ],
  [
    'a counter of another kind',
    {
      counters: { fund: { counts: 'fund', within: 'year' } },
      layers: layer({ rate: '80%', over: 'fund' }),
    },
    '/layers/0/over: The counter “fund” counts fund, and here base is counted',
  ],
  [
    'a counter that there is not',
    { layers: layer({ rate: '80%', over: 'costs' }) },
    '/layers/0/over: No counter is called “costs”',
  ],
  [
    'a counter that nothing looks at',
    { counters: { costs: { counts: 'base', within: 'year' } } },
    '/counters/costs: Nothing looks at this counter',
  ],
  ['a layer that pays nothing', { layers: layer({}) }, '/layers/0: The layer pays nothing'],
  [
    'a layer that pays in two ways',
    { layers: layer({ rate: '80%', fixed: '100' }) },
    '/layers/0: The layer pays by rate and by fixed',
  ],
  [
    'points on a fixed sum',
    { layers: layer({ fixed: '100', plus: '5%' }) },
    '/layers/0/plus: “plus” changes percentages',
  ],
  [
    'a product of more than four decimals',
    { layers: layer({ rate: '0.0001%', of: 'patient', patientTimes: '33%' }) },
    '/layers/0/patientTimes: The patient’s percentage times this has more',
  ],
  [
    'two layers of one name',
    { layers: [...layer({ rate: '80%' }), ...layer({ rate: '90%' })] },
    '/layers/1: The layer “pool” stands twice',
  ],
  ['an end before the beginning', { to: '2025-12-31' }, '/to: The plan ends before it begins'],
  ['a source that there is not', { source: 'law' }, '/source: No source is called “law”'],
  [
    'a table that nobody asks for',
    { tables: { rates: '80%' } },
    '/tables/rates: No rule asks for this table',
  ],
  ['a field that nobody reads', { deductable: '100' }, '/deductable: Nothing reads “deductable”'],
  [
    'a rule for lines that does two things',
    { lines: [{ id: 'both', limit: 'item', firstSelfPay: 'item' }] },
    '/lines/0: A rule does one thing',
  ],
  [
    'a fact that there is already',
    { facts: { age: { type: 'number', of: 'claim', name: { zh: '年龄', en: 'age' } } } },
    '/facts/age: “age” is a fact already',
  ],
])('%s is named with its place', (_, changes, fault) =>
  expect(faultsOf(changes as Record<string, unknown>)).toContainEqual(
    expect.stringContaining(fault),
  ),
);

test('every field that is missing is named', () => {
  const { layers: _, ...rest } = planJson();
  expect(() => readPlan(JSON.stringify(rest), 'p.json')).toThrow('/layers: “layers” is missing.');
});

test('the version is that of the content: spaces and the order of members change nothing', () => {
  const json = planJson();
  const turned = Object.fromEntries(Object.entries(json).reverse());
  const version = planOf().version;
  expect(readPlan(JSON.stringify(turned, null, 4), 'p.json').version).toBe(version);
  expect(planOf({ to: '2027-01-01' }).version).not.toBe(version);
});
