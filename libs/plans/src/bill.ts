import { allocate, assert } from '@caretab/kernel';
import { type Scope, SCOPES } from './file-parts';

/** Whole fen by scope, in the order of `SCOPES`. */
export type Scoped = number[];

export const nothing = (): Scoped => SCOPES.map(() => 0);
export const indexOfScope = (scope: Scope): number => SCOPES.indexOf(scope);
export const total = (amounts: readonly number[]): number => {
  let sum = 0;
  for (const amount of amounts) sum += amount;
  return sum;
};

/**
 * What is still to be borne, by scope and by line. Payers take from it one after the other; what is
 * left is the patient's. A bill of totals alone has no lines.
 */
export class Bill {
  readonly original: readonly number[];
  readonly left: Scoped;
  /** By line, by scope. */
  readonly unpaid: Scoped[] | undefined;

  constructor(totals: readonly number[], lines?: readonly (readonly number[])[]) {
    this.original = [...totals];
    this.left = [...totals];
    this.unpaid = lines?.map((line) => [...line]);
  }

  /** What is left of the scopes, on all lines or on some. */
  amountOf(scopes: readonly number[], lines?: readonly number[]): number {
    let sum = 0;
    if (lines === undefined) for (const scope of scopes) sum += this.left[scope]!;
    else for (const line of lines) for (const scope of scopes) sum += this.unpaid![line]![scope]!;
    return sum;
  }

  /** What the scopes were before the first payer. */
  grossOf(scopes: readonly number[]): number {
    let sum = 0;
    for (const scope of scopes) sum += this.original[scope]!;
    return sum;
  }

  /**
   * Takes an amount out of the scopes, the first one first; within a scope every line bears its
   * proportion, exact to the fen. Returns what each line was paid, where there are lines.
   */
  take(
    scopes: readonly number[],
    amountFen: number,
    lines?: readonly number[],
  ): number[] | undefined {
    const paid = this.unpaid?.map(() => 0);
    let toTake = amountFen;
    for (const scope of scopes) {
      const available = this.amountOf([scope], lines);
      const taken = Math.min(available, toTake);
      toTake -= taken;
      if (taken === 0) continue;
      this.left[scope]! -= taken;
      if (paid) this.spread(scope, taken, lines ?? [...paid.keys()], paid);
    }
    assert(toTake === 0, 'no payer pays more than there is');
    return paid;
  }

  private spread(scope: number, taken: number, lines: readonly number[], paid: number[]): void {
    const shares = allocate(
      taken,
      lines.map((line) => this.unpaid![line]![scope]!),
    );
    for (const [index, line] of lines.entries()) {
      this.unpaid![line]![scope]! -= shares[index]!;
      paid[line]! += shares[index]!;
    }
  }
}
