import type { StatementEntry } from '../channel/channel';

export interface Reconciliation {
  readonly matched: number;
  readonly matchedFen: number;
  /** On our books, not on the channel's statement. */
  readonly onlyOurs: readonly StatementEntry[];
  /** On the channel's statement, not on our books. */
  readonly onlyTheirs: readonly StatementEntry[];
  readonly amountsDiffer: readonly { readonly kind: StatementEntry['kind']; readonly id: string; readonly oursFen: number; readonly theirsFen: number }[];
  /** Nothing but matches. */
  readonly agrees: boolean;
}

const keyOf = ({ kind, id }: StatementEntry): string => `${kind} ${id}`;

/** Compares a day's books with the channel's statement three ways; every entry is matched or listed. matchedFen is captures less refunds. */
export const reconcile = (ours: readonly StatementEntry[], theirs: readonly StatementEntry[]): Reconciliation => {
  const theirsByKey = new Map(theirs.map((entry) => [keyOf(entry), entry]));
  const oursKeys = new Set(ours.map(keyOf));
  const onlyTheirs = theirs.filter((entry) => !oursKeys.has(keyOf(entry)));
  const onlyOurs = ours.filter((entry) => !theirsByKey.has(keyOf(entry)));
  const pairs = ours.flatMap((entry) => {
    const their = theirsByKey.get(keyOf(entry));
    return their ? [{ kind: entry.kind, id: entry.id, oursFen: entry.amountFen, theirsFen: their.amountFen }] : [];
  });
  const matches = pairs.filter(({ oursFen, theirsFen }) => oursFen === theirsFen);
  const amountsDiffer = pairs.filter(({ oursFen, theirsFen }) => oursFen !== theirsFen);
  const matchedFen = matches.reduce((sum, { kind, oursFen }) => sum + (kind === 'capture' ? oursFen : -oursFen), 0);
  return { matched: matches.length, matchedFen, onlyOurs, onlyTheirs, amountsDiffer, agrees: onlyOurs.length + onlyTheirs.length + amountsDiffer.length === 0 };
};
