import { shareOf, WHOLE } from './amounts';
import { type BandStep, byBands, fundRate, type Rounding, roundingOf, stepsOf } from './bands';
import { type Bill, indexOfScope } from './bill';
import { type Circumstances, conditionOf, type Names, type Test } from './conditions';
import { type Counter, ofVisit } from './counters';
import { type Figures, figuresOf } from './layer-figures';
import type { LayerFile, PlanFile } from './plan-file';
import { pointer } from './strict-json';
import type { Band, Tables } from './values';

export type { BandStep } from './bands';

/** What a cap took away. */
export interface CapStep {
  readonly on: 'fund' | 'base' | 'visits' | 'days';
  /** Fen, or how many visits or days. */
  readonly amount: number;
  readonly used: number;
  readonly lostFen: number;
}

/** How one layer came to its amount: base = deductible + what the fund and the patient bear. */
export interface LayerStep {
  readonly layer: string;
  /** Where in the plan the rule stands. */
  readonly path: string;
  readonly baseFen: number;
  readonly deductibleFen: number;
  /** What the deductible was altogether, and how much of it was used before. */
  readonly deductible: { readonly amountFen: number; readonly usedFen: number } | undefined;
  /** Where the bands began. */
  readonly overFen: number;
  readonly bands: readonly BandStep[];
  /** Of a fixed sum, or so much a day. */
  readonly fixedFen: number | undefined;
  readonly days: number | undefined;
  readonly caps: readonly CapStep[];
  readonly fundFen: number;
  /** That by scope. */
  readonly paid: readonly number[];
  readonly borneBy: 'payer' | 'hospital';
}

/** What a layer is run with. */
export interface Run {
  readonly bill: Bill;
  readonly on: 'residue' | 'gross';
  readonly circumstances: Circumstances;
  /** The groups of lines that a layer pays for, where it looks at lines. */
  groupsOf(layer: string): readonly number[];
  used(counter: string): number;
  add(counter: string, amount: number): void;
  readonly days: number;
}

export interface LayerResult {
  readonly step: LayerStep;
  readonly paidLines: readonly number[] | undefined;
}

/** A layer, ready to run; undefined: it does not apply. */
export interface Layer {
  readonly id: string;
  readonly applies: Test;
  /** The lines that it pays for, where it does not pay for all. */
  readonly ofLine: Test | undefined;
  run(run: Run): LayerResult | undefined;
}

/** Everything of a layer that does not change from claim to claim. */
interface Compiled {
  readonly file: LayerFile;
  readonly figures: Figures;
  readonly rounding: Rounding;
  readonly path: string;
  readonly scopes: readonly number[];
  readonly applies: Test;
  readonly ofLine: Test | undefined;
}

/** What the caps on the base, on visits and on days leave of the base. */
const capBase = (
  { file, figures }: Compiled,
  baseFen: number,
  { circumstances, used, days }: Run,
  caps: CapStep[],
): number => {
  let left = baseFen;
  for (const [index, { on, count, counter }] of (file.caps ?? []).entries()) {
    if (on === 'fund' || (on === 'days' && file.perDay)) continue;
    const amount = count ?? figures.caps[index]?.of(circumstances) ?? Infinity;
    const before = counter === undefined ? 0 : used(counter);
    const available = Math.max(0, amount - before);
    const asked = on === 'base' ? left : on === 'visits' ? 1 : days;
    const kept = on === 'base' ? Math.min(left, available) : asked <= available ? left : 0;
    if (kept < left) caps.push({ on, amount, used: before, lostFen: left - kept });
    left = kept;
  }
  return left;
};

const capFund = (
  { file, figures }: Compiled,
  fundFen: number,
  { circumstances, used }: Run,
  caps: CapStep[],
): number => {
  let left = fundFen;
  for (const [index, { on, counter }] of (file.caps ?? []).entries()) {
    const amount = on === 'fund' ? figures.caps[index]?.of(circumstances) : undefined;
    if (amount === undefined || amount === null) continue;
    const before = counter === undefined ? 0 : used(counter);
    const kept = Math.min(left, Math.max(0, amount - before));
    if (kept < left) caps.push({ on: 'fund', amount, used: before, lostFen: left - kept });
    left = kept;
  }
  return left;
};

const deductibleOf = (
  { file, figures }: Compiled,
  { circumstances, used }: Run,
): { amountFen: number; usedFen: number } | undefined => {
  const printed = figures.deductible?.of(circumstances);
  if (printed === undefined || printed === null) return undefined;
  const times = figures.times ? (figures.times.of(circumstances) ?? 0) : WHOLE;
  const counter = file.deductible?.counter ?? ofVisit(file);
  return { amountFen: shareOf(printed, times), usedFen: used(counter) };
};

/** The days that a layer pays for: those after the first ones, as far as a cap on days allows. */
const payableDays = ({ file }: Compiled, { used, days }: Run): number => {
  if (!file.perDay) return days;
  let payable = Math.max(0, days - (file.perDay.afterDays ?? 0));
  for (const { on, count = Infinity, counter } of file.caps ?? [])
    if (on === 'days')
      payable = Math.min(payable, Math.max(0, count - (counter === undefined ? 0 : used(counter))));
  return payable;
};

/** So much for the visit, or for each day that counts. */
const fixedOf = (
  { figures }: Compiled,
  { circumstances }: Run,
  payable: number,
): number | undefined => {
  const fixed = figures.fixed?.of(circumstances);
  if (fixed !== undefined) return fixed ?? 0;
  const perDay = figures.perDay?.of(circumstances);
  return perDay === undefined ? undefined : (perDay ?? 0) * payable;
};

/** The bands of the circumstances; null: the table says that nothing is paid. */
const bandsFor = (
  { figures }: Compiled,
  circumstances: Circumstances,
): readonly Band[] | null | undefined => {
  if (figures.bands) return figures.bands.of(circumstances);
  const rate = figures.rate?.of(circumstances);
  return rate === undefined || rate === null ? rate : [{ upTo: Infinity, rate }];
};

const count = ({ file }: Compiled, run: Run, step: LayerStep, payable: number): void => {
  const { deductibleFen, baseFen, fundFen } = step;
  const noted = new Map<string, number>();
  const note = (counter: string | undefined, amount: number): void => {
    if (counter !== undefined && !noted.has(counter)) noted.set(counter, amount);
  };
  if (file.deductible) note(file.deductible.counter ?? ofVisit(file), deductibleFen);
  note(file.over, file.bandsFrom === 'deductible' ? baseFen - deductibleFen : baseFen);
  for (const { on, counter } of file.caps ?? []) {
    const amounts = { fund: fundFen, base: baseFen, visits: fundFen > 0 ? 1 : 0, days: payable };
    note(counter, amounts[on]);
  }
  for (const [counter, amount] of noted) run.add(counter, amount);
};

const runLayer = (compiled: Compiled, run: Run): LayerResult | undefined => {
  const { file, scopes, rounding, path } = compiled;
  const { circumstances, bill } = run;
  if (!compiled.applies(circumstances)) return undefined;
  const groups = compiled.ofLine ? run.groupsOf(file.id) : undefined;
  const left = bill.amountOf(scopes, groups);
  const caps: CapStep[] = [];
  const baseFen = capBase(
    compiled,
    run.on === 'gross' && !groups ? bill.grossOf(scopes) : left,
    run,
    caps,
  );
  const bands = bandsFor(compiled, circumstances);
  const payable = payableDays(compiled, run);
  const fixed = fixedOf(compiled, run, payable);
  if (bands === null) return undefined;
  const deductible = deductibleOf(compiled, run);
  const deductibleFen = deductible
    ? Math.min(baseFen, Math.max(0, deductible.amountFen - deductible.usedFen))
    : 0;
  const overFen = file.over === undefined ? 0 : run.used(file.over);
  const below = file.bandsFrom === 'deductible' ? deductibleFen : 0;
  const steps = bands
    ? stepsOf(
        bands,
        overFen + deductibleFen - below,
        overFen + baseFen - below,
        (printed) => fundRate(printed, file, compiled.figures, circumstances),
        rounding,
      )
    : [];
  const uncapped = bands ? byBands(steps, rounding) : Math.min(fixed ?? 0, baseFen - deductibleFen);
  const fundFen = Math.min(left, capFund(compiled, uncapped, run, caps));
  const paid = bill.take(scopes, fundFen, groups);
  const step: LayerStep = {
    layer: file.id,
    path,
    baseFen,
    deductibleFen,
    deductible,
    overFen,
    bands: steps,
    fixedFen: bands ? undefined : (fixed ?? 0),
    days: file.perDay ? payable : undefined,
    caps,
    fundFen,
    paid: paid.scopes,
    borneBy: file.borneBy ?? 'payer',
  };
  count(compiled, run, step, payable);
  return { step, paidLines: paid.lines };
};

/** A layer of a plan, compiled. An unknown name becomes a finding. */
export const layerOf = (
  file: LayerFile,
  plan: PlanFile,
  names: Names,
  counters: ReadonlyMap<string, Counter>,
  path: string,
): Layer & { readonly figures: Figures } => {
  const ofLine = file.lines
    ? conditionOf(file.lines, names, pointer(path, 'lines'), 'line').test
    : undefined;
  const compiled: Compiled = {
    ...{ file, path, ofLine },
    figures: figuresOf(file, names, (plan.tables ?? {}) as Tables, path),
    rounding: roundingOf(plan),
    scopes: (file.base ?? ['inScope']).map(indexOfScope),
    applies: conditionOf(file.when, names, pointer(path, 'when')).test,
  };
  countersKnown(file, counters, names, path);
  const { figures, applies } = compiled;
  return { id: file.id, ofLine, applies, figures, run: (run) => runLayer(compiled, run) };
};

const countersKnown = (
  file: LayerFile,
  counters: ReadonlyMap<string, Counter>,
  names: Names,
  path: string,
): void => {
  const used: [string | undefined, Counter['counts'], string][] = [
    [file.deductible?.counter, 'deductible', pointer(pointer(path, 'deductible'), 'counter')],
    [file.over, 'base', pointer(path, 'over')],
    ...(file.caps ?? []).map(
      ({ on, counter }, index): [string | undefined, Counter['counts'], string] => [
        counter,
        on,
        pointer(pointer(pointer(path, 'caps'), index), 'counter'),
      ],
    ),
  ];
  for (const [name, counts, at] of used) {
    if (name === undefined) continue;
    const counter = counters.get(name);
    if (!counter) names.fault(at, `No counter is called “${name}”.`, 'Add it to “counters”.');
    else if (counter.counts !== counts)
      names.fault(
        at,
        `The counter “${name}” counts ${counter.counts}, and here ${counts} is counted.`,
        `Use a counter that counts ${counts}.`,
      );
  }
};
