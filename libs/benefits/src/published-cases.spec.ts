import type { Coverage, PlanTerms } from '@caretab/contracts';
import { parseYuan } from '@caretab/kernel';
import { emptyTotals, type ScopeTotals } from './classify';
import { settle, type Settlement } from './settle';

/**
 * Worked cases as published. Grade A: an authority's own text; B: relayed by a newspaper or
 * hospital; C: unofficial, consistent with the rules.
 */
const plan = (terms: Partial<PlanTerms>): PlanTerms => ({
  planId: 'published',
  payerId: 'published-payer',
  kind: 'basic',
  deductibleFen: 0,
  deductibleUsedFen: 0,
  bands: [{ upToFen: null, rateBps: 0 }],
  inScopeUsedFen: 0,
  fundCapFen: null,
  fundUsedFen: 0,
  personalAccountFen: 0,
  ...terms,
});
const totals = (yuan: {
  inScope: string;
  ownExpense?: string;
  firstSelfPay?: string;
}): ScopeTotals => {
  const parts = {
    ownExpenseFen: parseYuan(yuan.ownExpense ?? '0'),
    firstSelfPayFen: parseYuan(yuan.firstSelfPay ?? '0'),
    inScopeFen: parseYuan(yuan.inScope),
  };
  return {
    ...emptyTotals,
    ...parts,
    grossFen: parts.ownExpenseFen + parts.firstSelfPayFen + parts.inScopeFen,
  };
};
const settled = (terms: Partial<PlanTerms>, amounts: ScopeTotals): Settlement =>
  settle({ plans: [plan(terms)] } satisfies Pick<Coverage, 'plans'>, amounts);
const bands = (
  ...rows: readonly [upToYuan: string | null, rateBps: number][]
): PlanTerms['bands'] =>
  rows.map(([upTo, rateBps]) => ({ upToFen: upTo === null ? null : parseYuan(upTo), rateBps }));

test('a Ningbo resident with 22 000 yuan of inpatient care pays 8 840 (grade B)', () => {
  const { payers, patientFen, steps } = settled(
    { deductibleFen: parseYuan('1200'), bands: bands([null, 7000]) },
    totals({ ownExpense: '1500', firstSelfPay: '500', inScope: '20000' }),
  );
  expect(payers).toEqual([
    {
      planId: 'published',
      payerId: 'published-payer',
      amountFen: parseYuan('13160'),
      fundFen: parseYuan('13160'),
      personalAccountFen: 0,
    },
  ]);
  expect(steps[0]).toMatchObject({
    deductibleFen: parseYuan('1200'),
    coPaymentFen: parseYuan('5640'),
    aboveCapFen: 0,
  });
  expect(patientFen).toBe(parseYuan('8840'));
});

test(
  'major-illness bands are counted from 0 and the deductible comes out of the ' +
    'first: 150 000 yuan are paid 93 800 (grade B)',
  () => {
    const terms = {
      kind: 'supplementary' as const,
      deductibleFen: parseYuan('12000'),
      bands: bands(['30000', 6000], ['100000', 6500], [null, 7500]),
    };
    expect(settled(terms, totals({ inScope: '150000' })).steps[0]!.fundFen).toBe(
      parseYuan('93800'),
    );
  },
);

test.each([
  ['10000', '7680.00'],
  ['30000', '24680.00'],
  ['100000', '60000.00'],
])('bands with a fund cap of 60 000: %s yuan are paid %s (grade C)', (inScope, pay) => {
  const terms = {
    deductibleFen: parseYuan('400'),
    bands: bands(['10000', 8000], ['30000', 8500], [null, 9000]),
    fundCapFen: parseYuan('60000'),
  };
  expect(settled(terms, totals({ inScope })).steps[0]!.fundFen).toBe(parseYuan(pay));
});

test(
  'of 4 500 yuan with 4 200 in scope and 3 600 from the fund, 600 are self-pay ' +
    'and 300 own expense (grade B)',
  () => {
    // The source states the fund's part, not its rule: a cap of 3 600 on a full rate gives that part.
    const amounts = totals({ inScope: '4200', ownExpense: '300' });
    const { steps, patientFen } = settled(
      { bands: bands([null, 10_000]), fundCapFen: parseYuan('3600') },
      amounts,
    );
    const [step] = steps;
    expect(step!.baseFen - step!.fundFen).toBe(parseYuan('600'));
    expect(amounts.ownExpenseFen).toBe(parseYuan('300'));
    expect(patientFen).toBe(parseYuan('900'));
  },
);

test('a single band of 80 % above 800 yuan pays 3 360 of 5 000 (grade C)', () => {
  expect(
    settled(
      { deductibleFen: parseYuan('800'), bands: bands([null, 8000]) },
      totals({ inScope: '5000' }),
    ).steps[0]!.fundFen,
  ).toBe(parseYuan('3360'));
});

/**
 * Published parameter sets; what they pay at a point is worked out by hand from their own numbers.
 */
describe('published parameter sets', () => {
  const sets: readonly {
    name: string;
    terms: Partial<PlanTerms>;
    points: readonly [inScope: string, fund: string][];
  }[] = [
    {
      // Hangzhou main urban area 2020, employed, level 3 (grade B).
      name: 'Hangzhou employee inpatient',
      terms: {
        deductibleFen: parseYuan('800'),
        bands: bands(['40000', 8200], ['360000', 8800], [null, 9000]),
      },
      points: [
        ['800', '0'],
        ['40000', '32144'],
        ['50000', '40944'],
        ['400000', '349744'],
      ],
    },
    {
      // Hangzhou 2020, children and residents, community (grade B).
      name: 'Hangzhou resident inpatient, community',
      terms: { deductibleFen: parseYuan('300'), bands: bands(['250000', 8000], [null, 7000]) },
      points: [
        ['300', '0'],
        ['10300', '8000'],
        ['260000', '206760'],
      ],
    },
    {
      // Mouding county, resident major illness 2025 (grade A): 10 000 deductible, cap 150 000.
      name: 'Mouding resident major illness',
      terms: {
        deductibleFen: parseYuan('10000'),
        bands: bands(['20000', 6000], ['40000', 7000], ['60000', 8000], [null, 9000]),
        fundCapFen: parseYuan('150000'),
      },
      points: [
        ['9999.99', '0'],
        ['20000', '6000'],
        ['40000', '20000'],
        ['60000', '36000'],
        ['200000', '150000'],
      ],
    },
    {
      // Lianyungang resident, level 1 (grade A).
      name: 'Lianyungang resident, level 1',
      terms: {
        deductibleFen: parseYuan('200'),
        bands: bands(['10000', 8000], ['100000', 8500], [null, 9000]),
      },
      points: [
        ['10000', '7840'],
        ['100000', '84340'],
        ['110000', '93340'],
      ],
    },
    {
      // Beijing employee inpatient, level 3 (grade C).
      name: 'Beijing employee inpatient',
      terms: {
        deductibleFen: parseYuan('1300'),
        bands: bands(['30000', 8500], ['40000', 9000], ['100000', 9500], ['500000', 8500]),
      },
      points: [
        ['30000', '24395'],
        ['40000', '33395'],
        ['100000', '90395'],
        ['600000', '430395'],
      ],
    },
  ];
  test.each(
    sets.flatMap(({ name, terms, points }) =>
      points.map(([inScope, fund]) => ({ name, terms, inScope, fund })),
    ),
  )('$name: $inScope yuan in scope are paid $fund', ({ terms, inScope, fund }) => {
    expect(settled(terms, totals({ inScope })).steps[0]!.fundFen).toBe(parseYuan(fund));
  });
});
