import { claimFrom, fundOf, inScope, planOf, verdictOf } from '../test';
import { usedAfter } from './verdict';
import { catalogueOf, claimOf } from './claim';
import { readCoordination } from './coordination';
import { FACTS } from './facts';
import type { ClaimFile } from './claim-file';

const layer = (changes: object) => [{ id: 'pool', ...changes }];
const nth = {
  name: { zh: '第几次住院', en: 'which admission' },
  cases: [
    { is: 'first', when: { admissionNumber: { below: 2 } } },
    { is: 'second', when: { admissionNumber: { below: 3 } } },
    { is: 'later' },
  ],
};

test('five layers pay one after the other, each on what is left', () => {
  const plans = [
    planOf({ plan: 'basic', layers: layer({ rate: '70%', deductible: { amount: '800' } }) }),
    planOf({
      ...{ plan: 'major-illness', lines: undefined, kind: 'supplementary' },
      layers: layer({ rate: '60%', deductible: { amount: '10000' } }),
    }),
    planOf({ plan: 'aid', lines: undefined, kind: 'aid', layers: layer({ rate: '70%' }) }),
    planOf({
      ...{ plan: 'tilt-aid', lines: undefined, kind: 'aid' },
      layers: layer({ rate: '60%', deductible: { amount: '3000' } }),
    }),
    planOf({
      ...{ plan: 'commercial', lines: undefined, kind: 'commercial' },
      layers: layer({ rate: '80%' }),
    }),
  ];
  const verdict = verdictOf(plans, inScope('50000'));
  expect(verdict.plans.map(({ fundFen }) => fundFen)).toEqual([
    3_444_000, 333_600, 855_680, 40_032, 261_350,
  ]);
  expect(verdict.patientFen).toBe(65_338);
});

test('the second admission of a year has a reduced deductible, counted from the history', () => {
  const plan = planOf({
    words: { nth },
    layers: layer({
      rate: '82%',
      deductible: {
        amount: '800',
        times: { by: ['nth'], rows: { first: '100%', second: '75%', later: '50%' } },
      },
    }),
  });
  const first = verdictOf([plan], inScope('10000', { claim: 'one', discharged: '2026-02-01' }));
  const used = usedAfter(new Map(), first);
  const second = inScope('10000', { claim: 'two', discharged: '2026-05-01' });
  expect(fundOf(first)).toBe(754_400);
  expect(fundOf(verdictOf([plan], second, { used }))).toBe(770_800);
  const nextYear = inScope('10000', { claim: 'three', discharged: '2027-01-02' });
  expect(fundOf(verdictOf([plan], nextYear, { used }))).toBe(754_400);
});

test('a policy year begins on its own day: the deductible is not taken again in January', () => {
  const plan = planOf({
    ...{ year: { starts: '07-01', by: 'discharge' } },
    counters: { deductible: { counts: 'deductible', within: 'year' } },
    layers: layer({ rate: '70%', deductible: { amount: '1000', counter: 'deductible' } }),
  });
  const first = verdictOf(
    [plan],
    inScope('2000', { claim: 'a', facts: { careDate: '2026-12-20' } }),
  );
  const used = usedAfter(new Map(), first);
  const january = inScope('2000', { claim: 'b', facts: { careDate: '2027-01-05' } });
  const july = inScope('2000', { claim: 'c', facts: { careDate: '2027-07-01' } });
  expect(fundOf(first)).toBe(70_000);
  expect(fundOf(verdictOf([plan], january, { used }))).toBe(140_000);
  expect(fundOf(verdictOf([plan], july, { used }))).toBe(70_000);
});

test('an item with its own ratio is paid directly: no deductible, no second co-payment', () => {
  const plan = planOf({
    layers: [
      { id: 'direct', base: ['direct'], rate: '100%' },
      { id: 'pool', rate: '80%', deductible: { amount: '500' } },
    ],
  });
  const verdict = verdictOf(
    [plan],
    claimFrom({
      lines: [
        { id: '1', category: 'B', amount: '1000', direct: '70%', facts: { ratioType: '20' } },
        { id: '2', category: 'A', amount: '1000' },
      ],
    }),
  );
  expect(verdict.plans[0]!.steps.map(({ fundFen }) => fundFen)).toEqual([70_000, 40_000]);
  expect(verdict.lines!.map(({ patientFen }) => patientFen)).toEqual([30_000, 60_000]);
});

test('amounts are exact to the fen, not whole yuan', () => {
  const plan = planOf({ layers: layer({ rate: '83%', deductible: { amount: '404.20' } }) });
  expect(fundOf(verdictOf([plan], inScope('30000')))).toBe(2_456_451);
});

test('each line is sorted by the catalogue of the day of its service', () => {
  const item = { code: 'STENT', category: 'B' as const };
  const catalogue = catalogueOf(
    {
      schema: 'caretab-catalogue/1',
      items: [
        { ...item, from: '2020-01-01', to: '2020-12-31', firstSelfPay: '30%', limit: '10000' },
        { ...item, from: '2021-01-01', to: null, firstSelfPay: '5%', limit: '798' },
      ],
    },
    'catalogue.json',
  );
  const form: ClaimFile = {
    ...{ facts: { care: 'inpatient' }, admitted: '2020-12-30', discharged: '2021-01-06' },
    lines: [
      { id: 'before', item: 'STENT', amount: '13000.00', day: '2020-12-31' },
      { id: 'after', item: 'STENT', amount: '13000.00', day: '2021-01-05' },
      { id: 'unlisted', item: 'OTHER', amount: '1.00', day: '2021-01-05' },
    ],
  };
  const claim = claimOf(form, FACTS, { name: 'claim.json', catalogue });
  const plan = planOf({ from: '2020-01-01' });
  expect(verdictOf([plan], claim).lines!.map(({ scopes }) => scopes)).toEqual([
    [700_000, 0, 300_000, 300_000, 0],
    [75_810, 0, 3_990, 1_220_200, 0],
    [0, 0, 0, 0, 100],
  ]);
});

test('one yuan less of an earlier stay changes that stay alone', () => {
  const plan = planOf({
    counters: { costs: { counts: 'base', within: 'year' } },
    layers: layer({
      ...{ deductible: { amount: '300' }, over: 'costs' },
      bands: [
        ['250000', '80%'],
        [null, '70%'],
      ],
    }),
  });
  const first = inScope('9999', { claim: 'A', discharged: '2026-02-01' });
  expect(verdictOf([plan], first)).toMatchObject({ patientFen: 223_980 });
});

test('what a plan says of a restricted drug depends on the hospital’s approval', () => {
  const drug = (restricted: boolean, approval: string) => ({
    ...{ id: `${String(restricted)} ${approval}`, category: 'A', amount: '1' },
    facts: { restricted, approval },
  });
  const all = [true, false].flatMap((restricted) =>
    ['0', '1', '2'].map((approval) => drug(restricted, approval)),
  );
  const { lines } = verdictOf([planOf()], claimFrom({ lines: all }));
  expect(lines!.map(({ patientFen }) => patientFen)).toEqual([100, 0, 100, 0, 0, 100]);
});

test('a commercial plan: a sum for each day after the third, for 90 days a year', () => {
  const plan = planOf({
    ...{ kind: 'commercial', lines: undefined, waitingDays: 30 },
    counters: { paidDays: { counts: 'days', within: 'year' } },
    layers: layer({
      ...{ base: ['inScope', 'ownExpense'], perDay: { amount: '200', afterDays: 3 } },
      caps: [{ count: 90, on: 'days', counter: 'paidDays' }],
    }),
  });
  const membership = { memberships: [{ plan: 'test-plan', from: '2026-01-01' }] };
  const stay = (admitted: string, discharged: string, more: object = {}) =>
    inScope('50000', { claim: admitted, admitted, discharged, ...membership, ...more });
  const first = verdictOf([plan], stay('2026-03-01', '2026-03-11'));
  expect(fundOf(first)).toBe(7 * 20_000);
  const used = usedAfter(new Map(), first);
  expect(fundOf(verdictOf([plan], stay('2026-05-01', '2026-09-01'), { used }))).toBe(83 * 20_000);
  expect(verdictOf([plan], stay('2026-01-10', '2026-01-20')).absent).toEqual([
    { plan: 'test-plan', why: 'waiting' },
  ]);
});

test('a family shares a cap, and a package has so many uses in a lifetime', () => {
  const family = planOf({
    counters: { fund: { counts: 'fund', within: 'year', per: 'family' } },
    layers: layer({ rate: '100%', caps: [{ amount: '1000', on: 'fund', counter: 'fund' }] }),
  });
  const of = (person: string) => inScope('800', { claim: person, person, family: 'f' });
  const used = usedAfter(new Map(), verdictOf([family], of('mother')));
  expect(fundOf(verdictOf([family], of('child'), { used }))).toBe(20_000);
  const voucher = planOf({
    ...{ kind: 'voucher', lines: 'standard' },
    counters: { uses: { counts: 'visits', within: 'lifetime' } },
    layers: layer({
      ...{ lines: { item: 'CHECKUP' }, base: ['inScope', 'ownExpense'], rate: '100%' },
      caps: [{ count: 2, on: 'visits', counter: 'uses' }],
    }),
  });
  const visit = (claim: string) =>
    claimFrom({
      claim,
      lines: [
        { id: '1', item: 'CHECKUP', category: 'C', amount: '300' },
        { id: '2', item: 'DRUG', category: 'A', amount: '50' },
      ],
    });
  let seen: ReadonlyMap<string, number> = new Map();
  const paid = ['one', 'two', 'three'].map((claim) => {
    const verdict = verdictOf([voucher], visit(claim), { used: seen });
    seen = usedAfter(seen, verdict);
    return fundOf(verdict);
  });
  expect(paid).toEqual([30_000, 30_000, 0]);
});

test('so many units of an item a year are recognised, the rest is own expense', () => {
  const plan = planOf({
    counters: { scans: { counts: 'quantity', within: 'year' } },
    lines: [
      {
        ...{ id: 'scans', when: { item: 'CT' }, to: 'ownExpense' },
        units: { max: 3, counter: 'scans' },
      },
    ],
  });
  const claim = claimFrom({ lines: [{ id: '1', item: 'CT', quantity: '4', amount: '400' }] });
  const verdict = verdictOf([plan], claim);
  expect(verdict.patientFen).toBe(10_000);
  expect(
    verdictOf([plan], { ...claim, id: 'b' }, { used: usedAfter(new Map(), verdict) }),
  ).toMatchObject({
    patientFen: 40_000,
  });
});

test('the first self-pay differs by kind of insurance, and by the unit’s price', () => {
  const plan = planOf({
    facts: { insurance: { type: 'code', of: 'claim', name: { zh: '险种', en: 'insurance' } } },
    firstSelfPayBy: 'insurance',
  });
  const claim = claimFrom(
    {
      facts: { care: 'inpatient', insurance: '390' },
      lines: [
        { id: 'type', category: 'B', amount: '100', firstSelfPay: { '310': '5%', '390': '15%' } },
        {
          ...{ id: 'price', category: 'B', amount: '4000', quantity: '2' },
          firstSelfPay: {
            byUnitPrice: [
              ['1000', '10%'],
              [null, '20%'],
            ],
          },
        },
      ],
    },
    plan,
  );
  expect(verdictOf([plan], claim).lines!.map(({ patientFen }) => patientFen)).toEqual([
    1500, 80_000,
  ]);
});

test('the account’s place is the region’s: before the deductible for a pensioner’s outpatient care', () => {
  const plan = planOf({ layers: layer({ rate: '75%', deductible: { amount: '300' } }) });
  const coordination = readCoordination(
    JSON.stringify({
      ...{ schema: 'caretab-coordination/1', region: '330200', from: '2026-01-01', to: null },
      name: { zh: '宁波', en: 'Ningbo' },
      source: { title: 'A page', url: null, grade: 'B' },
      order: [
        { account: 'personal', pays: ['inScope'], when: { care: 'outpatient' } },
        { plan: 'test-plan' },
        { account: 'personal', pays: ['inScope', 'firstSelfPay'], when: { care: 'inpatient' } },
      ],
    }),
    'coordination.json',
  );
  const claim = (care: string) =>
    inScope('1500', { facts: { care }, accounts: { personal: '200' } });
  const outpatient = verdictOf([plan], claim('outpatient'), { coordination });
  expect([fundOf(outpatient), outpatient.patientFen]).toEqual([75_000, 55_000]);
  const inpatient = verdictOf([plan], claim('inpatient'), { coordination });
  expect([fundOf(inpatient), inpatient.patientFen]).toEqual([90_000, 40_000]);
});

test('a stay over New Year is split where the plan says so', () => {
  const changes = {
    counters: { deductible: { counts: 'deductible', within: 'year' } },
    layers: layer({ rate: '50%', deductible: { amount: '100', counter: 'deductible' } }),
  };
  const claim = claimFrom({
    ...{ admitted: '2026-12-30', discharged: '2027-01-02' },
    lines: [
      { id: '1', category: 'A', amount: '1000', day: '2026-12-31' },
      { id: '2', category: 'A', amount: '1000', day: '2027-01-01' },
    ],
  });
  const whole = verdictOf([planOf({ ...changes, year: { by: 'discharge' } })], claim);
  expect(whole.plans.map(({ year, fundFen }) => [year, fundFen])).toEqual([['2027', 95_000]]);
  const split = verdictOf([planOf({ ...changes, year: { by: 'discharge', split: true } })], claim);
  expect(split.plans.map(({ year, fundFen }) => [year, fundFen])).toEqual([
    ['2026', 45_000],
    ['2027', 45_000],
  ]);
});

test('a third party’s liability, and a maternity sum', () => {
  const plan = planOf({
    when: { thirdParty: false },
    layers: [
      { id: 'maternity', when: { medType: ['51', '52'] }, fixed: '3000' },
      { id: 'pool', when: { medType: { not: ['51', '52'] } }, rate: '80%' },
    ],
  });
  const of = (facts: object) => inScope('5000', { facts: { care: 'inpatient', ...facts } });
  expect(fundOf(verdictOf([plan], of({ medType: '52' })))).toBe(300_000);
  expect(fundOf(verdictOf([plan], of({ medType: '21' })))).toBe(400_000);
  expect(verdictOf([plan], of({ medType: '21', thirdParty: true })).absent).toEqual([
    { plan: 'test-plan', why: 'does-not-apply' },
  ]);
});

test('a claim that does not say what a plan looks at is refused, with the fact', () => {
  const plan = planOf({ layers: layer({ rate: '80%', when: { medType: '21' } }) });
  expect(() => verdictOf([plan], inScope('1'))).toThrow(/FACT_MISSING.*medType/);
});

test('a fact that nobody knows is refused, with those that there are', () =>
  expect(() => inScope('1', { facts: { hospitalClass: '01' } })).toThrow(
    /\/facts\/hospitalClass: No fact of a claim is called “hospitalClass”. There are: care, /,
  ));

test('the range of a unit’s price goes by the exact price, not by one cut to the fen', () => {
  const line = (amount: string, quantity: string) => ({
    ...{ id: amount, category: 'B', amount, quantity },
    firstSelfPay: {
      byUnitPrice: [
        ['2000', '10%'],
        [null, '20%'],
      ],
    },
  });
  const claim = claimFrom({ lines: [line('6000.02', '3'), line('6000.00', '3')] });
  expect(verdictOf([planOf()], claim).lines!.map(({ patientFen }) => patientFen)).toEqual([
    120_000, 60_000,
  ]);
});

const split = (changes: object = {}) =>
  planOf({
    year: { by: 'discharge', split: true },
    layers: layer({ rate: '50%', deductible: { amount: '1000' } }),
    ...changes,
  });
const overNewYear = {
  ...{ admitted: '2026-12-30', discharged: '2027-01-02' },
  lines: [
    { id: '1', category: 'A', amount: '6700', day: '2026-12-31' },
    { id: '2', category: 'A', amount: '3000', day: '2027-01-01' },
  ],
};

test('a deductible of an admission is taken once, also where its stay is split', () => {
  const verdict = verdictOf([split()], claimFrom(overNewYear));
  expect(fundOf(verdict)).toBe(435_000);
  const admissions = verdict.moves.filter(({ counter }) => counter === 'test-plan/admissions');
  expect(admissions).toMatchObject([{ before: 0, after: 1 }]);
});

test('a stay that is split asks each line for its day', () => {
  const [first, { day: _, ...undated }] = overNewYear.lines as [object, { day: string }];
  const claim = claimFrom({ ...overNewYear, lines: [first, { ...undated }] });
  expect(() => verdictOf([split()], claim)).toThrow(/FACT_MISSING.*day/);
  const { lines: _lines, ...stay } = overNewYear;
  expect(() => verdictOf([split()], inScope('1', stay))).toThrow(/FACT_MISSING.*lines/);
});

test('who has waited long enough is asked when the care begins', () => {
  const plan = planOf({ waitingDays: 30 });
  const claim = inScope('1', {
    ...{ admitted: '2026-03-01', discharged: '2026-03-09' },
    memberships: [{ plan: 'test-plan', from: '2026-02-05' }],
  });
  expect(verdictOf([plan], claim).absent).toEqual([{ plan: 'test-plan', why: 'waiting' }]);
});

test('who does not use the account keeps it, whatever the order of payers', () => {
  const claim = inScope('100', {
    facts: { care: 'inpatient', accountUse: false },
    accounts: { personal: '50' },
  });
  const plan = planOf({ layers: layer({ rate: '0%' }) });
  expect(verdictOf([plan], claim).patientFen).toBe(10_000);
});

test('an item of category B says its first self-pay, and a word has a case for the claim', () => {
  const unsaid = claimFrom({ lines: [{ id: '1', category: 'B', amount: '1' }] });
  expect(() => verdictOf([planOf()], unsaid)).toThrow(/FACT_MISSING.*firstSelfPay/);
  const old = {
    name: { zh: '年龄段', en: 'age' },
    cases: [{ is: 'old', when: { age: { from: 70 } } }],
  };
  const plan = planOf({
    words: { old },
    layers: layer({ rate: { by: ['old'], rows: { old: '90%' } } }),
  });
  const claim = inScope('1', { facts: { care: 'inpatient', age: 65 } });
  expect(() => verdictOf([plan], claim)).toThrow(/no case of this word holds/);
});

test.each([
  ['a day that there is not', { admitted: '2026-02-30' }, '/admitted: There is no such day'],
  ['a birth after the care', { birth: '2027-01-01', admitted: '2026-01-01' }, '/birth'],
  [
    'a line outside of its stay',
    {
      admitted: '2026-01-01',
      discharged: '2026-01-02',
      lines: [{ id: '1', amount: '1', day: '2026-01-03' }],
    },
    '/lines/0/day: The day is outside of the stay',
  ],
  [
    'two lines of one id',
    {
      lines: [
        { id: '1', amount: '1' },
        { id: '1', amount: '1' },
      ],
    },
    '/lines/1/id',
  ],
])('%s is refused', (_, claim, fault) => expect(() => claimFrom(claim)).toThrow(fault));
