import type { Used } from './counters';
import type { Scoped } from './bill';
import type { Plan } from './compile';
import type { Coordination } from './coordination';
import type { Move } from './counters';
import type { LayerStep } from './layers';
import type { LineStep } from './lines';

/** One plan's part of a claim, and how it came about. */
export interface PlanPart {
  readonly plan: string;
  readonly version: string;
  readonly payer: string;
  readonly on: 'residue' | 'gross';
  /** The plan's year that the part falls into. */
  readonly year: string;
  readonly words: Readonly<Record<string, string | undefined>>;
  readonly steps: readonly LayerStep[];
  readonly fundFen: number;
  /** What the hospital bears of it (hosp_part_amt). */
  readonly hospitalFen: number;
  /** What each line was paid, where the claim has lines. */
  readonly lines: readonly number[] | undefined;
}

export interface AccountPart {
  readonly account: string;
  readonly balanceFen: number;
  readonly paidFen: number;
  /** That by scope, and by line where the claim has lines. */
  readonly paid: readonly number[];
  readonly lines: readonly number[] | undefined;
}

export interface LineVerdict {
  readonly id: string;
  readonly amountFen: number;
  readonly scopes: Scoped;
  readonly steps: readonly LineStep[];
  readonly patientFen: number;
}

/** Why a plan took no part. */
export interface Absence {
  readonly plan: string;
  readonly why:
    'not-insured' | 'not-in-force' | 'waiting' | 'does-not-apply' | 'not-in-coordination';
}

/** Who bears what of one claim: gross = Σ funds + hospital + accounts + patient. */
export interface Verdict {
  readonly claim: string;
  readonly grossFen: number;
  readonly scopes: Scoped;
  readonly plans: readonly PlanPart[];
  readonly absent: readonly Absence[];
  readonly accounts: readonly AccountPart[];
  readonly patientFen: number;
  /** The patient's part, by scope. */
  readonly patient: Scoped;
  readonly lines: readonly LineVerdict[] | undefined;
  /** How the counters move by it. */
  readonly moves: readonly Move[];
}

export interface Rules {
  readonly plans: readonly Plan[];
  readonly coordination: Coordination;
}

/** What was used after a verdict. */
export const usedAfter = (used: Used, { moves }: Pick<Verdict, 'moves'>): Used => {
  const after = new Map(used);
  for (const { key, after: stands } of moves) after.set(key, stands);
  return after;
};
