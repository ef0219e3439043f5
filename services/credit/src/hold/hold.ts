import type { VisitClass } from '@caretab/contracts';
import { type Account, availableFen } from '../account/account';
import type { EnrolmentRow } from '../enrolment/enrolment.table';
import { type Caps, type PolicyRefusal, UNCAPPED } from '../policy/terms';

/** What one visit takes of a line: first a hold, then the exact due, then nothing. */
export interface Hold {
  readonly visitId: string;
  readonly personId: string;
  readonly accountPersonId: string;
  /** Whose account it belongs to while a merge has it on the survivor's; null: the one it is on. */
  readonly mergedPersonId: string | null;
  readonly visitClass: VisitClass;
  /** `asked`: the bank, or who pays, has not answered yet; the line has it already. */
  readonly status: 'declined' | 'asked' | 'held' | 'due' | 'settled' | 'released';
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
  /** Of what is owed: the lender has it out of the books, and it takes nothing of the line. */
  readonly writtenOffFen: number;
  /** The part of the due that stood above the line when it was fixed. */
  readonly overLineFen: number;
  readonly expiresAt: Date | null;
  readonly expiredAt: Date | null;
  /** When its collection finally failed; null again once settled. */
  readonly missedAt: Date | null;
  /** Since when its visit is asked about; null again with the visit's next sign of life. */
  readonly overdueSince: Date | null;
  /** The business day (YYYY-MM-DD) on which it was granted; null where it was not, or before. */
  readonly openedOn: string | null;
  /** The bank that lends; null: none does. */
  readonly lenderId: string | null;
}

/** The account that others know: a merge changes nothing of a visit that is published. */
export const billedTo = ({
  accountPersonId,
  mergedPersonId,
}: Pick<Hold, 'accountPersonId' | 'mergedPersonId'>): string => mergedPersonId ?? accountPersonId;

export type DeclineReason =
  | 'NOT_ENROLLED'
  | 'SERVICE_CLOSED'
  | 'FROZEN'
  | 'OVER_LINE'
  | 'OVER_VISIT_CAP'
  | 'OVER_DAY_CAP'
  | 'NO_HOLD'
  | 'LENDER_REFUSED'
  | 'LENDER_SILENT'
  | 'CONFIRMATION_DENIED'
  | 'CONFIRMATION_LATE'
  | Refusal;

/** Why nothing is granted, whatever the line has left; PERSON_DIED: the patient, or who pays. */
export type Refusal = PolicyRefusal | 'PERSON_DIED';

/** Whether a person may be granted anything at all on this account. */
export const standing = (
  enrolment: Pick<EnrolmentRow, 'status'> | undefined,
  account: Account | undefined,
): DeclineReason | undefined => {
  if (!enrolment || !account) return 'NOT_ENROLLED';
  if (enrolment.status !== 'open' || account.status === 'closed') return 'SERVICE_CLOSED';
  return account.frozenReason === null ? undefined : 'FROZEN';
};

/** How high a hold may be that is `heldFen` now, and what bounds it there. */
const reachOf = (
  account: Account,
  heldFen: number,
  { visitCapFen, dayCapFen }: Caps,
): { readonly fen: number; readonly bound: DeclineReason } => {
  const lineFen = heldFen + availableFen(account);
  const fen = Math.min(lineFen, visitCapFen, dayCapFen);
  const bound =
    fen === lineFen ? 'OVER_LINE' : fen === visitCapFen ? 'OVER_VISIT_CAP' : 'OVER_DAY_CAP';
  return { fen, bound };
};

/**
 * The first hold: as much as the policy says, or what is left of the line and the day; or why it is
 * nothing.
 */
export const firstHold = (
  account: Account,
  policyFen: number,
  caps: Caps = UNCAPPED,
): number | DeclineReason => {
  const { fen, bound } = reachOf(account, 0, caps);
  return fen > 0 ? Math.min(policyFen, fen) : bound;
};

/**
 * The whole hold after an increase: `wantedFen` if line and caps allow it, else as much as is left
 * if that reaches `neededFen`, else a reason. It grows by whole steps while these fit. A hold that
 * already reaches what is needed is never refused.
 */
export const increasedHold = (
  account: Account,
  heldFen: number,
  { neededFen, wantedFen }: { readonly neededFen: number; readonly wantedFen: number },
  caps: Caps | Refusal = UNCAPPED,
): number | DeclineReason => {
  const refused: DeclineReason | undefined =
    account.status === 'closed'
      ? 'SERVICE_CLOSED'
      : caps === 'PERSON_DIED'
        ? caps
        : account.frozenReason !== null
          ? 'FROZEN'
          : typeof caps === 'string'
            ? caps
            : undefined;
  if (refused) return neededFen > heldFen ? refused : heldFen;
  const { fen, bound } = reachOf(account, heldFen, caps as Caps);
  const askedFen = Math.max(wantedFen, neededFen);
  const stepFen = (caps as Caps).increaseStepFen;
  const steppedFen = heldFen + Math.ceil((askedFen - heldFen) / stepFen) * stepFen;
  const grantedFen = Math.max(heldFen, Math.min(steppedFen, fen));
  return grantedFen >= neededFen ? grantedFen : bound;
};

/** A hold that was declined: kept, so that what follows in the visit is understood. */
export const declinedHold = (
  visit: Pick<Hold, 'visitId' | 'personId' | 'visitClass'>,
  accountPersonId: string,
  reason: DeclineReason,
): Hold => ({
  ...visit,
  accountPersonId,
  mergedPersonId: null,
  status: 'declined',
  declinedReason: reason,
  heldFen: 0,
  revision: 0,
  dueFen: 0,
  outstandingFen: 0,
  paidFen: 0,
  writtenOffFen: 0,
  overLineFen: 0,
  expiresAt: null,
  expiredAt: null,
  missedAt: null,
  overdueSince: null,
  openedOn: null,
  lenderId: null,
});

/** A hold that was granted. */
export const grantedHold = (
  visit: Pick<Hold, 'visitId' | 'personId' | 'visitClass'>,
  granted: Pick<Hold, 'accountPersonId' | 'mergedPersonId' | 'heldFen' | 'expiresAt' | 'openedOn'>,
  lenderId: string | null = null,
): Hold => ({
  ...visit,
  ...granted,
  status: lenderId === null ? 'held' : 'asked',
  lenderId,
  declinedReason: null,
  revision: 0,
  dueFen: 0,
  outstandingFen: 0,
  paidFen: 0,
  writtenOffFen: 0,
  overLineFen: 0,
  expiredAt: null,
  missedAt: null,
  overdueSince: null,
});
