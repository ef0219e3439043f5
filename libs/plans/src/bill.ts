import { allocate, assert } from '@caretab/kernel';
import { type Scope, SCOPES } from './file-parts';

/** Whole fen by scope, in the order of `SCOPES`. */
export type Scoped = number[];

export const nothing = (): Scoped => new Array<number>(SCOPES.length).fill(0);
const indexes = new Map(SCOPES.map((scope, index) => [scope, index]));
export const indexOfScope = (scope: Scope): number => indexes.get(scope)!;
export const total = (amounts: readonly number[]): number => {
  let sum = 0;
  for (const amount of amounts) sum += amount;
  return sum;
};
export const sums = (rows: readonly (readonly number[])[]): Scoped => {
  const sum = nothing();
  for (const row of rows)
    for (let scope = 0; scope < sum.length; scope++) sum[scope]! += row[scope]!;
  return sum;
};

/** A line, and which of the bill's groups it is in. */
export interface BillLine {
  readonly group: number;
  readonly scopes: readonly number[];
}

/** What a payer took: of which scopes, and of which lines where there are any. */
export interface Taken {
  readonly scopes: Scoped;
  readonly lines: number[] | undefined;
}

/**
 * What is still to be borne, by scope and by group of lines. Payers take from it one after the
 * other; what is left is the patient's. Lines only follow their group: what payers take never
 * depends on them, and so sums by group are enough to know it.
 */
export class Bill {
  readonly original: Scoped;
  readonly left: Scoped;
  /** By line, by scope. */
  readonly unpaid: Scoped[] | undefined;
  private readonly groups: Scoped[];
  private readonly members: number[][];

  constructor(groups: readonly (readonly number[])[], lines?: readonly BillLine[]) {
    this.original = sums(groups);
    this.left = [...this.original];
    this.groups = groups.map((group) => [...group]);
    this.unpaid = lines?.map(({ scopes }) => [...scopes]);
    this.members = groups.map(() => []);
    for (const [index, { group }] of lines?.entries() ?? []) this.members[group]!.push(index);
  }

  /** What is left of the scopes, in all groups or in some. */
  amountOf(scopes: readonly number[], groups?: readonly number[]): number {
    let sum = 0;
    if (groups === undefined) for (const scope of scopes) sum += this.left[scope]!;
    else for (const group of groups) for (const scope of scopes) sum += this.groups[group]![scope]!;
    return sum;
  }

  /** What the scopes were before the first payer. */
  grossOf(scopes: readonly number[]): number {
    let sum = 0;
    for (const scope of scopes) sum += this.original[scope]!;
    return sum;
  }

  /**
   * Takes an amount out of the scopes, the first one first; within a scope every group bears its
   * proportion, and every line that of its group, exact to the fen.
   */
  take(scopes: readonly number[], amountFen: number, groups?: readonly number[]): Taken {
    const byScope = nothing();
    const paid = this.unpaid?.map(() => 0);
    const from = groups ?? [...this.groups.keys()];
    let toTake = amountFen;
    for (const scope of scopes) {
      const taken = Math.min(this.amountOf([scope], groups), toTake);
      if (taken === 0) continue;
      toTake -= taken;
      this.left[scope]! -= taken;
      byScope[scope]! += taken;
      const shares = spread(
        taken,
        from.map((group) => this.groups[group]![scope]!),
      );
      for (const [index, group] of from.entries()) this.takeOf(group, scope, shares[index]!, paid);
    }
    assert(toTake === 0, 'no payer pays more than there is');
    return { scopes: byScope, lines: paid };
  }

  private takeOf(group: number, scope: number, taken: number, paid: number[] | undefined): void {
    if (taken === 0) return;
    this.groups[group]![scope]! -= taken;
    if (!paid) return;
    const lines = this.members[group]!;
    const shares = spread(
      taken,
      lines.map((line) => this.unpaid![line]![scope]!),
    );
    for (const [index, line] of lines.entries()) {
      this.unpaid![line]![scope]! -= shares[index]!;
      paid[line]! += shares[index]!;
    }
  }
}

const spread = (amountFen: number, over: readonly number[]): readonly number[] =>
  over.length === 1 ? [amountFen] : allocate(amountFen, over);
