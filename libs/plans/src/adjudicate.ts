import { assert, DomainError } from '@caretab/kernel';
import { Bill, indexOfScope, type Scoped, sums, total } from './bill';
import type { Claim } from './claim';
import type { Plan } from './compile';
import type { Payer } from './coordination';
import { Usage, type Used, yearOf } from './counters';
import type { LayerStep, Run } from './layers';
import type { PricedLine } from './lines';
import { LineSorter, layerKey, sorter } from './sorting';
import { type Group, groupOf, GrowingTally, type SortedLine, type Tally } from './tally';
import { absence, addTo, countVisit, inForce, usedBy, type Work, workOf } from './work';
import type { AccountPart, Absence, LineVerdict, PlanPart, Rules, Verdict } from './verdict';

/** What runs while one part of a claim is settled. */
interface Settling {
  readonly claim: Claim;
  readonly usage: Usage;
  readonly bill: Bill;
  /** The bill's groups of lines; undefined: the claim gives totals. */
  readonly groups: readonly Group[] | undefined;
  /** The claim's lines that are in the bill, where they are wanted. */
  readonly lines: readonly number[] | undefined;
  /** Where a stay is split at the year's end: the last day of the part. */
  readonly day: string | undefined;
  /** A visit counts once, also where it is settled in two parts. */
  readonly isFirst: boolean;
}

const groupsOf = (groups: readonly Group[], plan: Plan, layer: string): readonly number[] => {
  const key = layerKey(plan, layer);
  return [...groups.keys()].filter((index) => groups[index]!.layers.has(key));
};

const runPlan = (work: Work, on: 'residue' | 'gross', settling: Settling): PlanPart => {
  const { plan, circumstances, moment } = work;
  const { bill, groups, lines, claim } = settling;
  if (plan.looksAtLines && !groups)
    throw new DomainError('FACT_MISSING', 'unprocessable', { fact: 'lines', plan: plan.file.plan });
  const run: Run = {
    bill,
    on,
    circumstances,
    groupsOf: (layer) => groupsOf(groups!, plan, layer),
    days: claim.days,
    used: (counter) => usedBy(work, counter),
    add: (counter, amount) => addTo(work, counter, amount),
  };
  const steps: LayerStep[] = [];
  const paid = lines?.map(() => 0);
  let [fundFen, hospitalFen] = [0, 0];
  for (const layer of plan.layers) {
    const result = layer.run(run);
    if (!result) continue;
    const { step, paidLines } = result;
    steps.push(step);
    if (step.borneBy === 'payer') fundFen += step.fundFen;
    else hospitalFen += step.fundFen;
    if (paid && paidLines) for (let at = 0; at < paid.length; at++) paid[at]! += paidLines[at]!;
  }
  if (settling.isFirst) countVisit(work, claim.days);
  return {
    plan: plan.file.plan,
    version: plan.version,
    payer: plan.file.payer,
    on,
    steps,
    year: yearOf(moment.day, plan.file.year?.starts),
    words: plan.words(circumstances),
    fundFen,
    hospitalFen,
    lines: paid,
  };
};

const payAccount = (
  { account, pays }: Extract<Payer, { account: string }>,
  { bill }: Settling,
  balanceFen: number,
): AccountPart => {
  const scopes = pays.map(indexOfScope);
  const paidFen = Math.min(balanceFen, bill.amountOf(scopes));
  const paid = bill.take(scopes, paidFen);
  return { account, balanceFen, paidFen, paid: paid.scopes, lines: paid.lines };
};

/** Groups of lines that are settled together, and the last day of their service. */
interface Part {
  readonly keys: readonly string[];
  readonly day: string | undefined;
}

/** The groups of a stay by the year of their service, where the plan splits it; else all together. */
const partsOf = (rules: Rules, claim: Claim, tally: Tally): readonly Part[] => {
  const keys = [...tally.groups.keys()].sort();
  const year = sorter(rules, claim)?.file.year;
  if (!year?.split) return [{ keys, day: undefined }];
  const parts = new Map<string, { keys: string[]; day: string }>();
  for (const key of keys) {
    const day = groupOf(key).day!;
    const part = parts.get(yearOf(day, year.starts)) ?? { keys: [], day };
    part.keys.push(key);
    parts.set(yearOf(day, year.starts), { ...part, day: part.day > day ? part.day : day });
  }
  return [...parts.keys()].sort().map((each) => parts.get(each)!);
};

/** Totals of a stay over the year's end do not say what belongs to which year. */
const assertOneYear = (rules: Rules, claim: Claim): void => {
  const plan = sorter(rules, claim);
  const { admitted, discharged } = claim;
  if (!plan?.file.year?.split || admitted === undefined || discharged === undefined) return;
  const { starts } = plan.file.year;
  if (yearOf(admitted, starts) !== yearOf(discharged, starts))
    throw new DomainError('FACT_MISSING', 'unprocessable', { fact: 'lines', plan: plan.file.plan });
};

const settleAll = (
  rules: Rules,
  settling: Settling,
  balances: Map<string, number>,
  absent: Absence[],
): { plans: PlanPart[]; accounts: AccountPart[] } => {
  const { claim, usage } = settling;
  const plans: PlanPart[] = [];
  const accounts: AccountPart[] = [];
  for (const payer of rules.coordination.order) {
    if (!payer.test({ facts: claim.facts, used: () => 0 })) continue;
    if ('account' in payer) {
      // acct_used_flag: whose account it is decides.
      if (claim.facts['accountUse'] === false) continue;
      const part = payAccount(payer, settling, balances.get(payer.account) ?? 0);
      balances.set(payer.account, part.balanceFen - part.paidFen);
      if (part.balanceFen > 0) accounts.push(part);
      continue;
    }
    const plan = inForce(rules.plans, payer.plan, claim);
    const why = absence(plan, claim);
    const work = plan && !why ? workOf(plan, claim, usage, settling.day) : undefined;
    if (work && plan!.applies(work.circumstances)) plans.push(runPlan(work, payer.on, settling));
    else absent.push({ plan: payer.plan, why: why ?? 'does-not-apply' });
  }
  return { plans, accounts };
};

/** What the payers of the order take of an open bill, in one part or one a year. */
interface Settled {
  readonly bills: readonly Bill[];
  readonly plans: readonly PlanPart[];
  readonly accounts: readonly AccountPart[];
  readonly absent: readonly Absence[];
  readonly lines: readonly LineVerdict[] | undefined;
  readonly usage: Usage;
}

/** Plans without a place in the order. */
const unnamed = ({ plans, coordination: { order } }: Rules): Absence[] =>
  plans
    .filter(
      ({ file }, index) =>
        plans.findIndex((other) => other.file.plan === file.plan) === index &&
        !order.some((payer) => 'plan' in payer && payer.plan === file.plan),
    )
    .map(({ file }) => ({ plan: file.plan, why: 'not-in-coordination' }));

const settle = (
  rules: Rules,
  claim: Claim,
  usage: Usage,
  { tally, lines }: { tally: Tally | undefined; lines?: readonly SortedLine[] | undefined },
): Settled => {
  const absent = unnamed(rules);
  const balances = new Map(claim.accounts);
  const plans: PlanPart[] = [];
  const accounts: AccountPart[] = [];
  const bills: Bill[] = [];
  const unpaid = lines?.map(() => 0);
  const parts: readonly Part[] = tally ? partsOf(rules, claim, tally) : [];
  if (!tally) assertOneYear(rules, claim);
  const run = (part: Pick<Settling, 'bill' | 'groups' | 'lines' | 'day'>): void => {
    const { bill, groups, lines: ownLines, day } = part;
    const isFirst = bills.length === 0;
    const settling: Settling = { claim, usage, bill, groups, lines: ownLines, day, isFirst };
    const found = settleAll(rules, settling, balances, absent);
    plans.push(...found.plans);
    accounts.push(...found.accounts);
    bills.push(part.bill);
  };
  if (!tally)
    run({ bill: new Bill([claim.totals!]), groups: undefined, lines: undefined, day: undefined });
  for (const { keys, day } of parts) {
    const place = new Map(keys.map((key, index) => [key, index]));
    const own = lines && [...lines.keys()].filter((index) => place.has(lines[index]!.group));
    const bill = new Bill(
      keys.map((key) => tally!.groups.get(key)!.scopes),
      own?.map((index) => {
        const { group, scopes } = lines![index]!;
        return { group: place.get(group)!, scopes };
      }),
    );
    run({ bill, groups: keys.map(groupOf), lines: own, day });
    for (const [at, index] of own?.entries() ?? []) unpaid![index] = total(bill.unpaid![at]!);
  }
  const ofLines = lines?.map(({ scopes, steps }, index): LineVerdict => {
    const { id, amountFen } = claim.lines![index]!;
    return { id, amountFen, scopes, steps, patientFen: unpaid![index]! };
  });
  return { bills, plans, accounts, absent, lines: ofLines, usage };
};

const verdictOf = (claim: Claim, settled: Settled): Verdict => {
  const { bills, plans, accounts, absent, lines, usage } = settled;
  const scopes: Scoped = sums(bills.map(({ original }) => original));
  const patient = sums(bills.map(({ left }) => left));
  const [grossFen, patientFen] = [total(scopes), total(patient)];
  let paid = 0;
  for (const { fundFen, hospitalFen } of plans) paid += fundFen + hospitalFen;
  for (const { paidFen } of accounts) paid += paidFen;
  assert(grossFen === paid + patientFen, 'gross = payers + patient');
  return {
    claim: claim.id,
    grossFen,
    scopes,
    plans,
    accounts,
    patientFen,
    patient,
    absent: absent.filter(
      ({ plan }, index) => absent.findIndex((each) => each.plan === plan) === index,
    ),
    lines,
    moves: usage.moves,
  };
};

/**
 * Who bears what of a claim: lines are sorted into scopes by the first plan that has rules for
 * them, then every payer of the coordination takes its part, and what is left is the patient's.
 * Pure: what was used before is given, what this claim uses is returned. Throws FACT_MISSING
 * (unprocessable) where the claim does not say what a plan asks for.
 */
export const adjudicate = (rules: Rules, claim: Claim, used: Used = new Map()): Verdict => {
  const usage = new Usage(used);
  if (!claim.lines) return verdictOf(claim, settle(rules, claim, usage, { tally: undefined }));
  const lineSorter = new LineSorter(rules, claim, used);
  const lines: SortedLine[] = [];
  const tally = new GrowingTally();
  for (const line of claim.lines) {
    const sorted = lineSorter.sort(line, tally);
    lines.push(sorted);
    tally.add(sorted);
  }
  countUnits(rules, claim, tally, usage);
  return verdictOf(claim, settle(rules, claim, usage, { tally, lines }));
};

/** What rules for lines used of counters of quantities. */
const countUnits = (rules: Rules, claim: Claim, { units }: Tally, usage: Usage): void => {
  if (units.size === 0) return;
  const plan = sorter(rules, claim)!;
  const work = workOf(plan, claim, usage, undefined);
  const ids = new Map([...plan.counters.values()].map(({ id, keyOf }) => [keyOf(work.moment), id]));
  for (const [key, amount] of units) usage.add(ids.get(key)!, key, amount);
};

/**
 * A claim that is still growing: each line is sorted once, and what the patient would bear follows
 * from the sums alone. The same as `adjudicate` of all its lines, to the fen.
 */
export class GrowingClaim {
  private readonly lines: LineSorter;

  constructor(
    private readonly rules: Rules,
    private readonly claim: Claim,
    private readonly used: Used = new Map(),
  ) {
    this.lines = new LineSorter(rules, claim, used);
  }

  /** A line that leaves means that all others are sorted again, in their order. */
  get isByOrder(): boolean {
    return this.lines.isByOrder;
  }

  sort(line: PricedLine, after: Tally): SortedLine {
    return this.lines.sort(line, after);
  }

  /** Throws FACT_MISSING (unprocessable), as `adjudicate` does. */
  verdict(tally: Tally): Verdict {
    const { rules, claim } = this;
    const usage = new Usage(this.used);
    countUnits(rules, claim, tally, usage);
    return verdictOf(claim, settle(rules, claim, usage, { tally }));
  }
}
