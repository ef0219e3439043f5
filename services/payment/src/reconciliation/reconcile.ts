import type { StatementEntry } from '../channel/channel';

export interface Reconciliation {
  readonly matched: number;
  readonly matchedFen: number;
  /** On our books, not on the channel's statement. */
  readonly onlyOurs: readonly StatementEntry[];
  /** On the channel's statement, not on our books. */
  readonly onlyTheirs: readonly StatementEntry[];
  readonly amountsDiffer: readonly {
    readonly kind: StatementEntry['kind'];
    readonly id: string;
    readonly oursFen: number;
    readonly theirsFen: number;
  }[];
  /** Nothing but matches. */
  readonly agrees: boolean;
}

const keyOf = ({ kind, id }: StatementEntry): string => `${kind} ${id}`;

/**
 * Entries of one key, in their order. Either side may have a key more than once, and money that
 * moved twice must show.
 */
const byKey = (entries: readonly StatementEntry[]): Map<string, StatementEntry[]> => {
  const found = new Map<string, StatementEntry[]>();
  for (const entry of entries) found.set(keyOf(entry), [...(found.get(keyOf(entry)) ?? []), entry]);
  return found;
};

/**
 * Their entry that ours is paired with: one of the same amount, else the first. It is taken from
 * those that are left.
 */
const takeOne = (
  left: StatementEntry[] | undefined,
  amountFen: number,
): StatementEntry | undefined => {
  if (!left || left.length === 0) return undefined;
  const same = left.findIndex((entry) => entry.amountFen === amountFen);
  return left.splice(Math.max(same, 0), 1)[0];
};

/**
 * Compares a day's books with the channel's statement three ways; every entry is matched or listed,
 * each once. matchedFen is captures less refunds.
 */
export const reconcile = (
  ours: readonly StatementEntry[],
  theirs: readonly StatementEntry[],
): Reconciliation => {
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
    agrees: onlyOurs.length + onlyTheirs.length + amountsDiffer.length === 0,
  };
};
