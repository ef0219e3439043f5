import type { VisitLender } from '@caretab/contracts';

/** Credit's yes to a visit, with a hold. `expiresAt` is RFC 3339. */
export interface Authorization {
  readonly accountPersonId: string;
  readonly authorizationId: string;
  readonly heldFen: number;
  readonly expiresAt: string;
  /** Absent: the fund. */
  readonly lender?: VisitLender;
}
