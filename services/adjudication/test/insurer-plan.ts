import { readFileSync } from 'node:fs';
import { join } from 'node:path';

type Content = Readonly<Record<string, unknown>>;

const SAMPLE = join(__dirname, '../../../samples/plans/insurer-plan.json');

/** The sample of an insurer's plan, with changes. */
export const insurerPlan = (changes: Content = {}): Content => ({
  ...(JSON.parse(readFileSync(SAMPLE, 'utf8')) as Content),
  ...changes,
});

/** The plan as a basic plan of the bureau. */
export const bureauPlan = (changes: Content = {}): Content =>
  insurerPlan({
    plan: 'city-basic',
    payer: 'city-fund',
    kind: 'basic',
    lines: 'standard',
    ...changes,
  });

export const INSURER = { payerId: 'sunrise-health' } as const;
