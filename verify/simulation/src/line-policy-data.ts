import { FUND } from '@caretab/contracts';

const OWN = 'own';

/** A line policy with one line for all, in force from a day (YYYY-MM-DD) on. */
export const lowerPolicy = (lineFen: number, effectiveFrom: string): object => {
  const terms = (firstHoldFen: number) => ({
    ...{ firstHoldFen, increaseStepFen: null, fromScore: 0 },
    ...{ visitCapFen: null, dayCapFen: null, source: OWN },
  });
  return {
    ...{ format: 1, policyId: 'simulated-line', region: '330100', effectiveFrom },
    title: { zh: '模拟额度', en: 'Simulated line' },
    sources: [{ sourceId: OWN, title: 'The simulation.', grade: OWN }],
    eligibility: { scoreMin: 0, source: OWN },
    score: {
      ...{ validDays: null, noticeDays: 30, whenExpired: 'keep', source: OWN },
      dimensions: [{ code: 'basicInfo', title: { zh: '基本信息', en: 'Basic information' } }],
    },
    bands: [{ fromScore: 0, toScore: 1000, lineFen, source: OWN }],
    products: {
      outpatient: terms(20_000),
      emergency: terms(50_000),
      inpatient: terms(200_000),
      family: { fromScore: 0, visitCapFen: null, dayCapFen: null, source: OWN },
    },
    exclusions: [],
  };
};

/** What the policy that ships gives a score, by its document of 2023. */
export const shippedLineFen = (score: number): number => {
  if (score <= 500) return 50_000;
  if (score <= 600) return 100_000;
  if (score <= 650) return 300_000;
  return score <= 750 ? 500_000 : 2_000_000;
};

const FUND_LENDS = { kind: 'fund', lenderId: FUND };

const BANDS = [
  [0, 500, 50_000],
  [501, 600, 100_000],
  [601, 650, 300_000],
  [651, 750, 500_000],
  [751, 1_000, 2_000_000],
] as const;

/** The lines of the policy that ships, with a bank that lends for visits of some classes. */
export const bankPolicy = (
  classes: readonly string[],
  lenderId: string,
  effectiveFrom: string,
): { readonly policyId: string; readonly region: string } => {
  const policy = lowerPolicy(0, effectiveFrom) as {
    readonly policyId: string;
    readonly region: string;
    readonly products: Readonly<Record<string, object>>;
  };
  const lender = { kind: 'bank', lenderIds: [lenderId], otherwise: FUND_LENDS };
  const products = Object.entries(policy.products).map(([product, terms]) => [
    product,
    { ...terms, ...(classes.includes(product) && { lender }) },
  ]);
  const bands = BANDS.map(([fromScore, toScore, lineFen]) => ({
    ...{ fromScore, toScore, lineFen, source: OWN },
  }));
  const document = { ...policy, policyId: 'simulated-bank', bands };
  return { ...document, products: Object.fromEntries(products) as object } as typeof policy;
};
