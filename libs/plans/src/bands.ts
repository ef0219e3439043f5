import { type RoundTo, rounded, WHOLE } from './amounts';
import type { Circumstances } from './conditions';
import type { Figures } from './layer-figures';
import type { LayerFile, PlanFile } from './plan-file';
import type { Band } from './values';

/** A part of the base that one band paid. */
export interface BandStep {
  readonly fromFen: number;
  readonly toFen: number;
  /** Millionths that the fund bears. */
  readonly rate: number;
  readonly fundFen: number;
}

export interface Rounding {
  readonly at: 'band' | 'layer';
  readonly stepFen: RoundTo;
  readonly how: 'half-up' | 'down';
}

export const roundingOf = ({ round }: PlanFile): Rounding => ({
  at: round?.at ?? 'band',
  stepFen: round?.to === '1' ? 100 : round?.to === '0.1' ? 10 : 1,
  how: round?.how ?? 'half-up',
});

/** The fund's rate of a band: what is printed, or what the patient's percentage leaves. */
export const fundRate = (
  printed: number,
  file: LayerFile,
  figures: Figures,
  circumstances: Circumstances,
): number => {
  const times = figures.patientTimes?.of(circumstances) ?? WHOLE;
  const plus = figures.plus?.of(circumstances) ?? 0;
  const patient = file.of === 'patient' ? printed : WHOLE - printed;
  return Math.min(WHOLE, WHOLE - Math.round((patient * times) / WHOLE) + plus);
};

export const stepsOf = (
  bands: readonly Band[],
  from: number,
  to: number,
  rateOf: (printed: number) => number,
  { stepFen, how }: Rounding,
): BandStep[] => {
  const steps: BandStep[] = [];
  let lower = 0;
  for (const { upTo, rate: printed } of bands) {
    const start = Math.max(lower, from);
    const end = Math.min(upTo, to);
    if (end > start) {
      const rate = rateOf(printed);
      const fundFen = rounded([{ amountFen: end - start, rate }], stepFen, how);
      steps.push({ fromFen: start, toFen: end, rate, fundFen });
    }
    lower = upTo;
  }
  return steps;
};

export const byBands = (steps: readonly BandStep[], { at, stepFen, how }: Rounding): number => {
  if (at === 'layer') {
    const parts = steps.map(({ fromFen, toFen, rate }) => ({ amountFen: toFen - fromFen, rate }));
    return rounded(parts, stepFen, how);
  }
  let sum = 0;
  for (const { fundFen } of steps) sum += fundFen;
  return sum;
};
