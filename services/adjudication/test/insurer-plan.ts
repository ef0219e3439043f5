import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import type { Owner } from '../src/document/owner';
import { PlanDesk } from '../src/document/plan-desk';
import { ShadowRuns } from '../src/document/shadow-runs';

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

/** Runs a document over the claims that there are, to its end, and approves it. */
export const approveTried = async (
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  owner: Owner,
  version: string,
  by = 'second',
) => {
  const runs = new ShadowRuns(store, clock);
  await runs.begin(owner, version, 'actuary');
  while ((await runs.runOnce()) > 0);
  return new PlanDesk(store, clock).approve(owner, version, by);
};
