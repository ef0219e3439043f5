import type { Rules } from './verdict';
import { indexOfScope, nothing, type Scoped } from './bill';
import type { Claim } from './claim';
import type { Plan } from './compile';
import type { Circumstances, Said } from './conditions';
import type { Usage } from './counters';
import type { LineStep, PricedLine, Units } from './lines';
import { absence, addTo, inForce, usedBy, workOf } from './work';

/** The plan's circumstances, with the facts of one line. */
export const ofLine = ({ facts, used }: Circumstances, line: Said | undefined): Circumstances => ({
  facts,
  line,
  used,
});

/** The first plan of the order that has line rules sorts the lines; the others take the scopes. */
export const sorter = (rules: Rules, claim: Claim): Plan | undefined => {
  for (const payer of rules.coordination.order) {
    if (!('plan' in payer)) continue;
    const plan = inForce(rules.plans, payer.plan, claim);
    if (plan?.lineRules && absence(plan, claim) === undefined) return plan;
  }
  return undefined;
};

export const classifyAll = (
  rules: Rules,
  claim: Claim,
  lines: readonly PricedLine[],
  usage: Usage,
): { readonly scopes: Scoped; readonly steps: readonly LineStep[] }[] => {
  const plan = sorter(rules, claim);
  if (!plan?.lineRules)
    return lines.map(({ amountFen }) => {
      const scopes = nothing();
      // Without rules for lines nothing is known to be in a plan's scope.
      scopes[indexOfScope('ownExpense')] = amountFen;
      return { scopes, steps: [] };
    });
  const work = workOf(plan, claim, usage, undefined);
  const units: Units = {
    used: (name) => usedBy(work, name),
    add: (name, amount) => addTo(work, name, amount),
  };
  return lines.map((line) =>
    plan.lineRules!.classify(line, ofLine(work.circumstances, line.circumstances.line), units),
  );
};
