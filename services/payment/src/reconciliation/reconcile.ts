import type { Movement, StatementEntry } from '../channel/channel';

export interface Reconciliation<Ours extends Movement = Movement> {
  readonly matched: number;
  readonly matchedFen: number;
  /** On our books, not on the channel's statement. */
  readonly onlyOurs: readonly Ours[];
  /** On the channel's statement, not on our books. */
  readonly onlyTheirs: readonly Movement[];
  readonly amountsDiffer: readonly {
    readonly kind: Movement['kind'];
    readonly id: string;
    readonly oursFen: number;
    readonly theirsFen: number;
  }[];
  /** Rows of the statement that are neither capture nor refund: chargeback, fee, unreadable. */
  readonly others: readonly StatementEntry[];
  /** Nothing but matches. */
  readonly agrees: boolean;
}

export const isMovement = (entry: StatementEntry): entry is Movement =>
  (entry.kind === 'capture' || entry.kind === 'refund') && entry.amountFen !== null;

/** A movement's kind and id: what both sides know it by. */
export const keyOf = ({ kind, id }: Movement): string => `${kind} ${id}`;

/**
 * Compares a day's books with the channel's statement three ways, page by page: of what matches,
 * nothing is held but its key. Every entry is matched or listed, each once; matchedFen is captures
 * less refunds. Ours has a key once. The statement may have one more than once, and money that moved
 * twice must show: an entry of the same amount is the one that is paired, else the first.
 */
export class Comparison<Ours extends Movement> {
  private matchedFen = 0;
  private readonly matched = new Set<string>();
  private readonly differing = new Map<
    string,
    { readonly ours: Ours; readonly theirs: Movement }
  >();
  private readonly onlyTheirs: Movement[] = [];
  private readonly others: StatementEntry[] = [];
  private readonly onlyOurs: Ours[] = [];

  /** A page of the statement, and those of ours that its keys find. */
  statement(entries: readonly StatementEntry[], ours: readonly Ours[]): void {
    const byKey = new Map(ours.map((entry) => [keyOf(entry), entry]));
    for (const entry of entries)
      if (!isMovement(entry)) this.others.push(entry);
      else this.pair(entry, byKey.get(keyOf(entry)));
  }

  /** Entries of ours that the statement had: all of ours, when there are no more of them. */
  get paired(): number {
    return this.matched.size + this.differing.size;
  }

  /** All of ours, page by page, after the statement. */
  ours(entries: readonly Ours[]): void {
    for (const entry of entries) if (!this.isPaired(keyOf(entry))) this.onlyOurs.push(entry);
  }

  result(): Reconciliation<Ours> {
    const { onlyOurs, onlyTheirs, others, matchedFen } = this;
    const amountsDiffer = [...this.differing.values()].map(({ ours, theirs }) => ({
      ...{ kind: ours.kind, id: ours.id },
      ...{ oursFen: ours.amountFen, theirsFen: theirs.amountFen },
    }));
    const differences = [onlyOurs, onlyTheirs, amountsDiffer, others];
    const agrees = differences.every(({ length }) => length === 0);
    const matched = this.matched.size;
    return { matched, matchedFen, onlyOurs, onlyTheirs, amountsDiffer, others, agrees };
  }

  private pair(theirs: Movement, ours: Ours | undefined): void {
    const key = keyOf(theirs);
    const before = this.differing.get(key);
    if (!ours || this.matched.has(key)) this.onlyTheirs.push(theirs);
    else if (ours.amountFen === theirs.amountFen) {
      this.matched.add(key);
      this.matchedFen += ours.kind === 'capture' ? ours.amountFen : -ours.amountFen;
      this.differing.delete(key);
      if (before) this.onlyTheirs.push(before.theirs);
    } else if (before) this.onlyTheirs.push(theirs);
    else this.differing.set(key, { ours, theirs });
  }

  private isPaired(key: string): boolean {
    return this.matched.has(key) || this.differing.has(key);
  }
}
