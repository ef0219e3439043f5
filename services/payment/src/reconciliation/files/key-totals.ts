/** What both sides have of one key: so many rows, and their sum. */
interface Totals {
  leftRows: number;
  leftFen: number;
  rightRows: number;
  rightFen: number;
}

/**
 * `institution-more`: only the hospital's side has it · `centre-more`: only the other side has it ·
 * `differ`: both have it, with other sums.
 */
export type RowResult = 'balanced' | 'institution-more' | 'centre-more' | 'differ';

export interface KeyDifference extends Readonly<Totals> {
  readonly key: string;
  readonly result: Exclude<RowResult, 'balanced'>;
}

/**
 * Compares rows by their keys, whatever their order: what is held is a total for each key. One row may
 * stand against several, and several against one; then their sums are compared.
 */
export class KeyTotals {
  private readonly totals = new Map<string, Totals>();

  left(key: string, amountFen: number): void {
    const totals = this.of(key);
    totals.leftRows += 1;
    totals.leftFen += amountFen;
  }

  right(key: string, amountFen: number): void {
    const totals = this.of(key);
    totals.rightRows += 1;
    totals.rightFen += amountFen;
  }

  /** Gives each key that differs, and says how the others match. */
  compare(
    differs: (difference: KeyDifference) => void,
    balanced: (cardinality: '1:1' | '1:n' | 'n:1' | 'n:m') => void,
  ): void {
    for (const [key, totals] of this.totals) {
      const result = resultOf(totals);
      if (result === 'balanced') balanced(cardinalityOf(totals));
      else differs({ key, result, ...totals });
    }
  }

  private of(key: string): Totals {
    const known = this.totals.get(key);
    if (known) return known;
    const made = { leftRows: 0, leftFen: 0, rightRows: 0, rightFen: 0 };
    this.totals.set(key, made);
    return made;
  }
}

const resultOf = ({ leftRows, leftFen, rightRows, rightFen }: Totals): RowResult => {
  if (rightRows === 0) return 'institution-more';
  if (leftRows === 0) return 'centre-more';
  return leftFen === rightFen ? 'balanced' : 'differ';
};

const cardinalityOf = ({ leftRows, rightRows }: Totals) =>
  leftRows === 1 ? (rightRows === 1 ? '1:1' : '1:n') : rightRows === 1 ? 'n:1' : 'n:m';
