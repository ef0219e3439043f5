import { assert } from '@caretab/kernel';

/** One line of credit. A child has none of its own: its holds count on the guardian's. */
export interface Account {
  readonly accountPersonId: string;
  /** `merged`: its person is merged, and all of it counts on the survivor's account. */
  readonly status: 'open' | 'closed' | 'merged';
  /** Whose account has what was on this one; null: it is not merged. */
  readonly mergedInto: string | null;
  readonly score: number;
  readonly policyId: string;
  /** From then on the line policy may end new holds; null: the score has no end. */
  readonly scoreExpiresAt: Date | null;
  readonly lineFen: number;
  /** Sum of the holds that stand. */
  readonly heldFen: number;
  /** Sum of what is due and not yet paid. */
  readonly outstandingFen: number;
  /** By how much both stand above the line: `overLineFen`, stored so that a summary can add it. */
  readonly overLineFen: number;
  /** Why no new hold is granted, or null. */
  readonly frozenReason: string | null;
  readonly openedAt: Date;
  readonly closedAt: Date | null;
  /** The number of its entries; the last one's sequence. */
  readonly entryCount: number;
}

export type EntryKind =
  | 'Opened'
  | 'Closed'
  | 'LineSet'
  | 'Frozen'
  | 'Unfrozen'
  | 'Held'
  | 'HoldIncreased'
  | 'HoldReleased'
  | 'Due'
  | 'Settled'
  | 'WrittenOff'
  | Transfer;

/** What a merge moves from one account to another, and what an unmerge moves back. */
export type Transfer = 'MergedOut' | 'MergedIn' | 'UnmergedOut' | 'UnmergedIn';

/**
 * One change of an account, for ever. Deltas add up to the account; `…AfterFen` is what it stood at
 * then.
 */
export interface Entry {
  readonly accountPersonId: string;
  /** 1, 2, 3 … per account, without a gap. */
  readonly sequence: number;
  readonly kind: EntryKind;
  readonly visitId: string | null;
  readonly heldFen: number;
  readonly outstandingFen: number;
  readonly heldAfterFen: number;
  readonly outstandingAfterFen: number;
  readonly lineFen: number;
  /** A reason or policy, in code. */
  readonly note: string | null;
  /** The message or request that caused it. */
  readonly causeId: string;
  readonly recordedAt: Date;
}

export interface Change {
  readonly kind: EntryKind;
  readonly visitId?: string;
  /** Deltas. */
  readonly heldFen?: number;
  readonly outstandingFen?: number;
  readonly note?: string;
  /** What else becomes of the account. */
  readonly set?: Partial<
    Pick<
      Account,
      | 'status'
      | 'mergedInto'
      | 'score'
      | 'policyId'
      | 'scoreExpiresAt'
      | 'lineFen'
      | 'frozenReason'
      | 'closedAt'
    >
  >;
}

/** What may still be held, never below zero. */
export const availableFen = ({ lineFen, heldFen, outstandingFen }: Account): number =>
  Math.max(0, lineFen - heldFen - outstandingFen);

/** The account as a lender that has so much left bounds it. */
export const boundedBy = (account: Account, leftFen: number): Account => {
  const { heldFen, outstandingFen } = account;
  return { ...account, lineFen: Math.min(account.lineFen, heldFen + outstandingFen + leftFen) };
};

/**
 * By how much holds and dues stand above the line (a final due above its hold, or a line that was
 * lowered).
 */
export const overLineFen = ({
  lineFen,
  heldFen,
  outstandingFen,
}: Pick<Account, 'lineFen' | 'heldFen' | 'outstandingFen'>): number =>
  Math.max(0, heldFen + outstandingFen - lineFen);

/** What comes by these was granted before, on another line: it grants nothing. */
const COMES_OVER: readonly EntryKind[] = ['MergedIn', 'UnmergedIn'];

/**
 * The account after a change, and its entry. A grant above the line breaks the invariant for any
 * caller.
 */
export const post = (
  account: Account,
  change: Change,
  told: { readonly causeId: string; readonly at: Date },
): { account: Account; entry: Entry } => {
  const { kind, visitId = null, heldFen = 0, outstandingFen = 0, note = null, set = {} } = change;
  const changed = {
    ...account,
    ...set,
    heldFen: account.heldFen + heldFen,
    outstandingFen: account.outstandingFen + outstandingFen,
    entryCount: account.entryCount + 1,
  };
  const after: Account = { ...changed, overLineFen: overLineFen(changed) };
  assert(after.heldFen >= 0 && after.outstandingFen >= 0, 'holds and dues are never negative');
  assert(
    heldFen <= 0 ||
      COMES_OVER.includes(kind) ||
      after.heldFen + after.outstandingFen <= after.lineFen,
    'no hold takes holds and outstanding above the line',
  );
  const { accountPersonId, entryCount: sequence, lineFen } = after;
  const entry = {
    accountPersonId,
    sequence,
    kind,
    visitId,
    heldFen,
    outstandingFen,
    heldAfterFen: after.heldFen,
    outstandingAfterFen: after.outstandingFen,
    lineFen,
    note,
    causeId: told.causeId,
    recordedAt: told.at,
  };
  return { account: after, entry };
};
