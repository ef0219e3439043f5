import type { Coverage, ClaimLine } from '@caretab/contracts';
import { adjudicate } from './adjudicate';
import { findPlan, planTerms, unused } from './plans';

const circumstances = {
  date: '2026-03-02',
  psnType: '11',
  visitClass: 'inpatient' as const,
  hospitalLevel: 'level-3' as const,
};
const terms = (planId: string, used = unused) => planTerms(findPlan(planId)!, circumstances, used);
const coverage = (...plans: Coverage['plans']): Coverage => ({
  coverageId: 'v',
  catalogueDate: '2026-03-02',
  hospitalLevel: 'level-3',
  plans,
});
const line = (
  chargeId: string,
  itemCode: string,
  amountFen: number,
  quantity = '1',
): ClaimLine => ({ chargeId, itemCode, quantity, amountFen, occurredAt: '2026-03-02T01:00:00Z' });

const visit = [
  line('surgery', '331006002', 228_000),
  line('mesh', 'C0501-MESH', 148_000),
  line('bed', '110900001-1', 26_000),
  line('escort', '121800001', 22_000),
];

test('an employee’s operation is settled line by line, each with its reasons', () => {
  const { payers, patientDueFen, lines, totals } = adjudicate(
    coverage(terms('employee-basic')),
    visit,
  );
  // In scope 228 000 + 133 200 + 4 000 = 365 200; less the deductible of 80 000, at 82 %: 233 864.
  expect(totals).toEqual({
    grossFen: 424_000,
    ownExpenseFen: 22_000,
    overLimitFen: 22_000,
    firstSelfPayFen: 14_800,
    inScopeFen: 365_200,
  });
  expect(payers).toEqual([
    {
      planId: 'employee-basic',
      payerId: 'city-employee',
      amountFen: 233_864,
      fundFen: 233_864,
      personalAccountFen: 0,
    },
  ]);
  expect(patientDueFen).toBe(190_136);
  expect(
    lines.map(({ chargeId, payersFen, patientFen, reasons }) => ({
      chargeId,
      payersFen,
      patientFen,
      reasons,
    })),
  ).toEqual([
    {
      chargeId: 'surgery',
      payersFen: 146_005,
      patientFen: 81_995,
      reasons: ['DEDUCTIBLE', 'CO_PAYMENT'],
    },
    {
      chargeId: 'mesh',
      payersFen: 85_298,
      patientFen: 62_702,
      reasons: ['FIRST_SELF_PAY', 'DEDUCTIBLE', 'CO_PAYMENT'],
    },
    {
      chargeId: 'bed',
      payersFen: 2561,
      patientFen: 23_439,
      reasons: ['OVER_PRICE_LIMIT', 'DEDUCTIBLE', 'CO_PAYMENT'],
    },
    { chargeId: 'escort', payersFen: 0, patientFen: 22_000, reasons: ['OWN_EXPENSE'] },
  ]);
});

test(
  'a supplementary plan pays on what the basic plan left, first self-pay ' +
    'included; each insurer sees its own part only',
  () => {
    const { payers, plans, patientDueFen } = adjudicate(
      coverage(terms('employee-basic'), terms('evergreen-supplement')),
      visit,
    );
    // Left in scope 131 336 + first self-pay 14 800 = 146 136; less 100 000, at 70 %: 32 295.
    expect(payers.map(({ payerId, amountFen }) => ({ payerId, amountFen }))).toEqual([
      { payerId: 'city-employee', amountFen: 233_864 },
      { payerId: 'evergreen-health', amountFen: 32_295 },
    ]);
    expect(patientDueFen).toBe(157_841);
    const sums = plans.map(({ lines }) =>
      lines.reduce((total, { payersFen }) => total + payersFen, 0),
    );
    expect(sums).toEqual([233_864, 32_295]);
  },
);

test(
  'a personal account pays what the catalogue lists before cash, never own ' +
    'expense, and is part of the basic payer’s amount',
  () => {
    const account = { ...unused, personalAccountFen: 10_000_000 };
    const { payers, patientDueFen, lines } = adjudicate(
      coverage(terms('employee-basic', account)),
      visit,
    );
    expect(payers).toEqual([
      {
        planId: 'employee-basic',
        payerId: 'city-employee',
        amountFen: 402_000,
        fundFen: 233_864,
        personalAccountFen: 168_136,
      },
    ]);
    expect(patientDueFen).toBe(22_000);
    expect(lines[3]).toMatchObject({ payersFen: 0, patientFen: 22_000, reasons: ['OWN_EXPENSE'] });
  },
);

test('without any plan the patient owes the whole amount', () => {
  const { payers, patientDueFen, lines } = adjudicate(coverage(), visit);
  expect(payers).toEqual([]);
  expect(patientDueFen).toBe(424_000);
  expect(
    lines.every(({ payersFen, reasons }) => payersFen === 0 && reasons.includes('NO_COVERAGE')),
  ).toBe(true);
});

test('beyond the fund’s cap the patient owes, and is told so', () => {
  const plan = { ...terms('employee-basic'), fundCapFen: 100_000, fundUsedFen: 40_000 };
  const { payers, lines } = adjudicate(coverage(plan), visit);
  expect(payers[0]!.amountFen).toBe(60_000);
  expect(lines[0]!.reasons).toContain('ABOVE_CAP');
});

test('a visit without lines settles to nothing', () =>
  expect(adjudicate(coverage(terms('employee-basic')), [])).toMatchObject({
    payers: [],
    patientDueFen: 0,
    lines: [],
  }));
