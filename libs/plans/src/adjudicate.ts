import { assert, DomainError } from '@caretab/kernel';
import { Bill, indexOfScope, nothing, type Scoped, total } from './bill';
import type { Claim } from './claim';
import type { Payer } from './coordination';
import { Usage, type Used, yearOf } from './counters';
import type { LayerStep, Run } from './layers';
import type { PricedLine } from './lines';
import { classifyAll, ofLine, sorter } from './sorting';
import { absence, addTo, countVisit, inForce, usedBy, type Work, workOf } from './work';
import type { AccountPart, Absence, LineVerdict, PlanPart, Rules, Verdict } from './verdict';

/** What runs while one part of a claim is settled. */
interface Settling {
  readonly claim: Claim;
  readonly usage: Usage;
  readonly bill: Bill;
  /** The lines of the part. */
  readonly lines: readonly PricedLine[] | undefined;
  /** Where a stay is split at the year's end: the last day of the part. */
  readonly day: string | undefined;
  /** A visit counts once, also where it is settled in two parts. */
  readonly isFirst: boolean;
}

const runPlan = (work: Work, on: 'residue' | 'gross', settling: Settling): PlanPart => {
  const { plan, circumstances, moment } = work;
  const { bill, lines, claim } = settling;
  if (plan.looksAtLines && !lines)
    throw new DomainError('FACT_MISSING', 'unprocessable', { fact: 'lines', plan: plan.file.plan });
  const run: Run = {
    bill,
    on,
    circumstances,
    lines: plan.looksAtLines
      ? lines!.map(({ circumstances: { line } }) => ofLine(circumstances, line))
      : undefined,
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
  bill.take(scopes, paidFen);
  return { account, balanceFen, paidFen };
};

/** The lines of a stay by the year of their service, where the plan splits it; else all together. */
const partsOf = (
  rules: Rules,
  claim: Claim,
): readonly { readonly indexes: readonly number[]; readonly day: string | undefined }[] => {
  const lines = claim.lines!;
  const all = [...lines.keys()];
  const plan = sorter(rules, claim);
  if (!plan?.file.year?.split) return [{ indexes: all, day: undefined }];
  const dayOf = (index: number): string => {
    const { isDated, circumstances } = lines[index]!;
    const day = circumstances.line?.['day'];
    if (day === undefined || !isDated)
      throw new DomainError('FACT_MISSING', 'unprocessable', { fact: 'day', plan: plan.file.plan });
    return day as string;
  };
  const years = new Map<string, number[]>();
  for (const index of all) {
    const year = yearOf(dayOf(index), plan.file.year.starts);
    years.set(year, [...(years.get(year) ?? []), index]);
  }
  return [...years.keys()]
    .sort()
    .map((year) => years.get(year)!)
    .map((indexes) => ({ indexes, day: indexes.map(dayOf).sort().at(-1)! }));
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

const sums = (rows: readonly (readonly number[])[]): Scoped => {
  const sum = nothing();
  for (const row of rows)
    for (let scope = 0; scope < sum.length; scope++) sum[scope]! += row[scope]!;
  return sum;
};

/**
 * Who bears what of a claim: lines are sorted into scopes by the first plan that has rules for
 * them, then every payer of the coordination takes its part, and what is left is the patient's.
 * Pure: what was used before is given, what this claim uses is returned. Throws FACT_MISSING
 * (unprocessable) where the claim does not say what a plan asks for.
 */
export const adjudicate = (rules: Rules, claim: Claim, used: Used = new Map()): Verdict => {
  const usage = new Usage(used);
  const absent: Absence[] = rules.plans
    .filter(
      ({ file }, index) =>
        rules.plans.findIndex((other) => other.file.plan === file.plan) === index &&
        !rules.coordination.order.some((payer) => 'plan' in payer && payer.plan === file.plan),
    )
    .map(({ file }) => ({ plan: file.plan, why: 'not-in-coordination' }));
  const balances = new Map(claim.accounts);
  const plans: PlanPart[] = [];
  const accounts: AccountPart[] = [];
  const settle = (settling: Settling): void => {
    const parts = settleAll(rules, settling, balances, absent);
    plans.push(...parts.plans);
    accounts.push(...parts.accounts);
  };
  const bills: Bill[] = [];
  const lines = claim.lines && classifyAll(rules, claim, claim.lines, usage);
  const unpaid = claim.lines?.map(() => 0);
  if (lines) {
    for (const { indexes, day } of partsOf(rules, claim)) {
      const rows = indexes.map((index) => lines[index]!.scopes);
      const bill = new Bill(sums(rows), rows);
      const part = indexes.map((index) => claim.lines![index]!);
      settle({ claim, usage, bill, lines: part, day, isFirst: bills.length === 0 });
      bills.push(bill);
      for (const [at, index] of indexes.entries()) unpaid![index] = total(bill.unpaid![at]!);
    }
  } else {
    assertOneYear(rules, claim);
    const bill = new Bill(claim.totals!);
    settle({ claim, usage, bill, lines: undefined, day: undefined, isFirst: true });
    bills.push(bill);
  }
  const scopes = sums(bills.map(({ original }) => original));
  const patient = sums(bills.map(({ left }) => left));
  const [grossFen, patientFen] = [total(scopes), total(patient)];
  const paid =
    total(plans.flatMap(({ fundFen, hospitalFen }) => [fundFen, hospitalFen])) +
    total(accounts.map(({ paidFen }) => paidFen));
  assert(grossFen === paid + patientFen, 'gross = payers + patient');
  return {
    ...{ claim: claim.id, grossFen, scopes, plans, accounts, patientFen, patient },
    absent: absent.filter(
      ({ plan }, index) => absent.findIndex((each) => each.plan === plan) === index,
    ),
    lines: lines?.map((line, index): LineVerdict => ({
      id: claim.lines![index]!.id,
      amountFen: claim.lines![index]!.amountFen,
      scopes: line.scopes,
      steps: line.steps,
      patientFen: unpaid![index]!,
    })),
    moves: usage.moves,
  };
};

/** What was used after a verdict. */
export const usedAfter = (used: Used, { moves }: Pick<Verdict, 'moves'>): Used => {
  const after = new Map(used);
  for (const { key, after: stands } of moves) after.set(key, stands);
  return after;
};
