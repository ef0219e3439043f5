import { DomainError } from '@caretab/kernel';
import { indexOfScope, nothing } from './bill';
import type { Claim } from './claim';
import type { Plan } from './compile';
import type { Circumstances, Said, Test } from './conditions';
import { Usage, type Used } from './counters';
import type { ClassifiedLine, PricedLine, Units } from './lines';
import { emptyTally, groupKey, type SortedLine, type Tally } from './tally';
import type { Rules } from './verdict';
import { absence, inForce, usedBy, type Work, workOf } from './work';

/** The plan's circumstances, with the facts of one line. */
const ofLine = ({ facts, used }: Circumstances, line: Said | undefined): Circumstances => ({
  facts,
  line,
  used,
});

/** The plans of the order that the person has on the day. */
const plansOf = (rules: Rules, claim: Claim): Plan[] =>
  rules.coordination.order.flatMap((payer) => {
    const plan = 'plan' in payer ? inForce(rules.plans, payer.plan, claim) : undefined;
    return plan && absence(plan, claim) === undefined ? [plan] : [];
  });

/** A layer that pays for some lines alone, where it may pay for the claim. */
interface Looker {
  readonly key: string;
  readonly test: Test;
  readonly circumstances: Circumstances;
}

/** The first plan of the order that has line rules sorts the lines; the others take the scopes. */
export const sorter = (rules: Rules, claim: Claim): Plan | undefined =>
  plansOf(rules, claim).find(({ lineRules }) => lineRules);

const notDated = (plan: Plan): DomainError =>
  new DomainError('FACT_MISSING', 'unprocessable', { fact: 'day', plan: plan.file.plan });

/** Of plans that count no units. */
const NO_UNITS: Units = { used: () => 0, add: () => undefined };

/** The group of all lines, where no layer pays for some of them alone. */
const ONLY_GROUP = groupKey({ day: undefined, layers: new Set() });

/**
 * Sorts the lines of one claim, one after the other. Where a plan counts units, the earlier lines
 * have used theirs: `isByOrder`, and a line that is taken out means that the others are sorted again.
 */
export class LineSorter {
  readonly isByOrder: boolean;
  private readonly plans: readonly Plan[];
  private readonly plan: Plan | undefined;
  private readonly work: Work | undefined;
  private readonly usage: Usage;
  /** By day, where stays are split. */
  private readonly lookers = new Map<string | undefined, readonly Looker[]>();

  constructor(
    rules: Rules,
    private readonly claim: Claim,
    used: Used,
  ) {
    this.usage = new Usage(used);
    this.plans = plansOf(rules, claim);
    this.plan = this.plans.find(({ lineRules }) => lineRules);
    this.work = this.plan && workOf(this.plan, claim, this.usage, undefined);
    this.isByOrder = this.plan?.lineRules?.countsUnits ?? false;
  }

  /** The next line, after those that are in the tally. */
  sort(line: PricedLine, { units }: Pick<Tally, 'units'> = emptyTally): SortedLine {
    if (!this.isByOrder) {
      const { scopes, steps } = this.classify(line, NO_UNITS);
      return { group: this.groupOf(line), scopes, units: [], steps };
    }
    const used = new Map<string, number>();
    const { scopes, steps } = this.classify(line, {
      used: (key) => (units.get(key) ?? 0) + (used.get(key) ?? 0),
      add: (key, amount) => void used.set(key, (used.get(key) ?? 0) + amount),
    });
    return { group: this.groupOf(line), scopes, units: [...used], steps };
  }

  private classify(line: PricedLine, byKey: Units): ClassifiedLine {
    const { work } = this;
    if (!work) {
      const scopes = nothing();
      // Without rules for lines nothing is known to be in a plan's scope.
      scopes[indexOfScope('ownExpense')] = line.amountFen;
      return { scopes, steps: [] };
    }
    const circumstances = ofLine(work.circumstances, line.circumstances.line);
    const rules = work.plan.lineRules!;
    if (!rules.countsUnits) return rules.classify(line, circumstances, NO_UNITS);
    const keyOf = (name: string): string | undefined => {
      const counter = work.plan.counters.get(name);
      return counter?.test(work.circumstances) ? counter.keyOf(work.moment) : undefined;
    };
    const units: Units = {
      used: (name) => {
        const key = keyOf(name);
        return key === undefined ? 0 : usedBy(work, name) + byKey.used(key);
      },
      add: (name, amount) => {
        const key = keyOf(name);
        if (key !== undefined && amount !== 0) byKey.add(key, amount);
      },
    };
    return rules.classify(line, circumstances, units);
  }

  private groupOf({ circumstances: { line }, isDated }: PricedLine): string {
    const isSplit = this.plan?.file.year?.split ?? false;
    const day = line?.['day'] as string | undefined;
    if (isSplit && (day === undefined || !isDated)) throw notDated(this.plan!);
    const lookers = this.lookersOf(isSplit ? day : undefined);
    if (lookers.length === 0 && !isSplit) return ONLY_GROUP;
    const layers = new Set<string>();
    for (const { key, test, circumstances } of lookers)
      if (test(ofLine(circumstances, line))) layers.add(key);
    return groupKey({ day: isSplit ? day : undefined, layers });
  }

  private lookersOf(day: string | undefined): readonly Looker[] {
    const known = this.lookers.get(day);
    if (known) return known;
    const found = this.plans
      .filter(({ looksAtLines }) => looksAtLines)
      .flatMap((plan) => {
        const { circumstances } = workOf(plan, this.claim, this.usage, day);
        if (!plan.applies(circumstances)) return [];
        return plan.layers.flatMap(({ id, applies, ofLine: test }) =>
          test && applies(circumstances) ? [{ key: layerKey(plan, id), test, circumstances }] : [],
        );
      });
    this.lookers.set(day, found);
    return found;
  }
}

export const layerKey = ({ file }: Plan, layer: string): string => `${file.plan}/${layer}`;
