import type { VisitClass } from '@caretab/contracts';
import { type Account, availableFen } from '../account/account';

/** What one visit takes of a line: first a hold, then the exact due, then nothing. */
export interface Hold {
  readonly visitId: string;
  readonly personId: string;
  readonly accountPersonId: string;
  readonly visitClass: VisitClass;
  readonly status: 'declined' | 'held' | 'due' | 'settled' | 'released';
  readonly declinedReason: string | null;
  /** What is held now; 0 once it became due or was released. */
  readonly heldFen: number;
  /** The adjudication that counts; 0 before the first. */
  readonly revision: number;
  readonly dueFen: number;
  /** What is still owed of the due. */
  readonly outstandingFen: number;
  /** Paid less refunded, as last settled. */
  readonly paidFen: number;
  /** The part of the due that stood above the line when it was fixed. */
  readonly overLineFen: number;
  readonly expiresAt: Date | null;
  readonly expiredAt: Date | null;
  /** When its collection finally failed; null again once settled. */
  readonly missedAt: Date | null;
  /** Since when its visit is asked about; null again with the visit's next sign of life. */
  readonly overdueSince: Date | null;
}

export type DeclineReason = 'NOT_ENROLLED' | 'SERVICE_CLOSED' | 'FROZEN' | 'OVER_LINE' | 'NO_HOLD';

/** Whether a person may be granted anything at all on this account. */
export const standing = (
  enrolment: { readonly status: 'open' | 'closed' } | undefined,
  account: Account | undefined,
): DeclineReason | undefined => {
  if (!enrolment || !account) return 'NOT_ENROLLED';
  if (enrolment.status === 'closed' || account.status === 'closed') return 'SERVICE_CLOSED';
  return account.frozenReason === null ? undefined : 'FROZEN';
};

/** The first hold: as much as the policy says, or what is left of the line; 0 when nothing is. */
export const firstHoldFen = (account: Account, policyFen: number): number =>
  Math.min(policyFen, availableFen(account));

/**
 * The whole hold after an increase: `wantedFen` if the line allows it, else as much as is left if
 * that reaches `neededFen`, else a reason. A hold that already reaches what is needed is never
 * refused.
 */
export const increasedHold = (
  account: Account,
  heldFen: number,
  { neededFen, wantedFen }: { readonly neededFen: number; readonly wantedFen: number },
): number | DeclineReason => {
  const frozen = account.frozenReason !== null || account.status === 'closed';
  if (frozen && neededFen > heldFen)
    return account.status === 'closed' ? 'SERVICE_CLOSED' : 'FROZEN';
  const reachableFen = frozen ? heldFen : heldFen + availableFen(account);
  const grantedFen = Math.max(heldFen, Math.min(Math.max(wantedFen, neededFen), reachableFen));
  return grantedFen >= neededFen ? grantedFen : 'OVER_LINE';
};

/** A hold that was declined: kept, so that what follows in the visit is understood. */
export const declinedHold = (
  visit: Pick<Hold, 'visitId' | 'personId' | 'visitClass'>,
  accountPersonId: string,
  reason: DeclineReason,
): Hold => ({
  ...visit,
  accountPersonId,
  status: 'declined',
  declinedReason: reason,
  heldFen: 0,
  revision: 0,
  dueFen: 0,
  outstandingFen: 0,
  paidFen: 0,
  overLineFen: 0,
  expiresAt: null,
  expiredAt: null,
  missedAt: null,
  overdueSince: null,
});

/** A hold that was granted. */
export const grantedHold = (
  visit: Pick<Hold, 'visitId' | 'personId' | 'visitClass'>,
  accountPersonId: string,
  heldFen: number,
  expiresAt: Date,
): Hold => ({
  ...visit,
  accountPersonId,
  status: 'held',
  declinedReason: null,
  heldFen,
  revision: 0,
  dueFen: 0,
  outstandingFen: 0,
  paidFen: 0,
  overLineFen: 0,
  expiresAt,
  expiredAt: null,
  missedAt: null,
  overdueSince: null,
});
