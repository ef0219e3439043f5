import type { LinePolicy } from './line-policy';
import { lineFor } from './line-policy';

export interface Tally {
  readonly accounts: number;
  readonly changeFen: number;
}

export interface BandDryRun {
  readonly fromScore: number;
  readonly toScore: number;
  readonly lineFen: number;
  readonly accounts: number;
  readonly raised: Tally;
  readonly lowered: Tally;
}

/** What would change if a policy were in force now. */
export interface DryRun {
  readonly ranAt: Date | string;
  readonly accounts: number;
  readonly unchanged: number;
  readonly raised: Tally;
  readonly lowered: Tally;
  readonly bands: readonly BandDryRun[];
  readonly overLine: { readonly accounts: number; readonly fen: number };
}

/** Open lines of one score and one size. */
export interface LinesOfScore {
  readonly score: number;
  readonly lineFen: number;
  readonly accounts: number;
}

const NONE: Tally = { accounts: 0, changeFen: 0 };

const plus = (a: Tally, b: Tally): Tally => ({
  accounts: a.accounts + b.accounts,
  changeFen: a.changeFen + b.changeFen,
});

/** The bands of a policy; the scores that have no line are one too. */
const bandsOf = ({ document: { bands, eligibility } }: LinePolicy): readonly BandDryRun[] => {
  const { scoreMin } = eligibility;
  const without = scoreMin === 0 ? [] : [{ fromScore: 0, toScore: scoreMin - 1, lineFen: 0 }];
  return [...without, ...bands].map(({ fromScore, toScore, lineFen }) => ({
    ...{ fromScore, toScore, lineFen, accounts: 0, raised: NONE, lowered: NONE },
  }));
};

const withLines = (band: BandDryRun, { lineFen, accounts }: LinesOfScore): BandDryRun => {
  const changeFen = (band.lineFen - lineFen) * accounts;
  const tally = { accounts, changeFen };
  return {
    ...band,
    accounts: band.accounts + accounts,
    ...(changeFen > 0 && { raised: plus(band.raised, tally) }),
    ...(changeFen < 0 && { lowered: plus(band.lowered, tally) }),
  };
};

/** Counts what a policy would change of open lines, which are added up by score and size. */
export const dryRunOf = (
  policy: LinePolicy,
  lines: readonly LinesOfScore[],
): Omit<DryRun, 'ranAt' | 'overLine'> => {
  const bands = lines.reduce<readonly BandDryRun[]>(
    (counted, group) =>
      counted.map((band) =>
        band.fromScore <= group.score && group.score <= band.toScore
          ? withLines(band, group)
          : band,
      ),
    bandsOf(policy),
  );
  const accounts = bands.reduce((sum, band) => sum + band.accounts, 0);
  const raised = bands.map((band) => band.raised).reduce(plus, NONE);
  const lowered = bands.map((band) => band.lowered).reduce(plus, NONE);
  const unchanged = accounts - raised.accounts - lowered.accounts;
  return { accounts, unchanged, raised, lowered, bands };
};

/** By how much holds and dues would stand above the line of a score. */
export const aboveFen = (
  policy: LinePolicy,
  {
    score,
    heldFen,
    outstandingFen,
  }: {
    readonly score: number;
    readonly heldFen: number;
    readonly outstandingFen: number;
  },
): number => Math.max(0, heldFen + outstandingFen - lineFor(score, policy).lineFen);
