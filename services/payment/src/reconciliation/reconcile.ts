import type { Movement, StatementEntry } from '../channel/channel';

export interface Reconciliation {
  readonly matched: number;
  readonly matchedFen: number;
  /** On our books, not on the channel's statement. */
  readonly onlyOurs: readonly Movement[];
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

const keyOf = ({ kind, id }: Movement): string => `${kind} ${id}`;

/**
 * Entries of one key, in their order. Either side may have a key more than once, and money that
 * moved twice must show.
 */
const byKey = (entries: readonly Movement[]): Map<string, Movement[]> => {
  const found = new Map<string, Movement[]>();
  for (const entry of entries) found.set(keyOf(entry), [...(found.get(keyOf(entry)) ?? []), entry]);
  return found;
};

/**
 * Their entry that ours is paired with: one of the same amount, else the first. It is taken from
 * those that are left.
 */
const takeOne = (left: Movement[] | undefined, amountFen: number): Movement | undefined => {
  if (!left || left.length === 0) return undefined;
  const same = left.findIndex((entry) => entry.amountFen === amountFen);
  return left.splice(Math.max(same, 0), 1)[0];
};

const isMovement = (entry: StatementEntry): entry is Movement =>
  (entry.kind === 'capture' || entry.kind === 'refund') && entry.amountFen !== null;

/**
 * Compares a day's books with the channel's statement three ways; every entry is matched or listed,
 * each once. matchedFen is captures less refunds.
 */
export const reconcile = (
  ours: readonly Movement[],
  statement: readonly StatementEntry[],
): Reconciliation => {
  const theirs = statement.filter(isMovement);
  const others = statement.filter((entry) => !isMovement(entry));
  const left = byKey(theirs);
  const paired = ours.map((entry) => ({
    entry,
    their: takeOne(left.get(keyOf(entry)), entry.amountFen),
  }));
  const onlyOurs = paired.filter(({ their }) => !their).map(({ entry }) => entry);
  const onlyTheirs = [...left.values()].flat();
  const pairs = paired.flatMap(({ entry, their }) =>
    their
      ? [{ kind: entry.kind, id: entry.id, oursFen: entry.amountFen, theirsFen: their.amountFen }]
      : [],
  );
  const matches = pairs.filter(({ oursFen, theirsFen }) => oursFen === theirsFen);
  const amountsDiffer = pairs.filter(({ oursFen, theirsFen }) => oursFen !== theirsFen);
  const matchedFen = matches.reduce(
    (sum, { kind, oursFen }) => sum + (kind === 'capture' ? oursFen : -oursFen),
    0,
  );
  return {
    matched: matches.length,
    matchedFen,
    onlyOurs,
    onlyTheirs,
    amountsDiffer,
    others,
    agrees: onlyOurs.length + onlyTheirs.length + amountsDiffer.length + others.length === 0,
  };
};
