import type { Presence } from '@caretab/contracts';
import {
  dateColumn,
  fenColumn,
  instantColumn,
  integerColumn,
  table,
  textColumn,
} from '@caretab/store';

/**
 * `due`: an order is to be sent at nextAttemptAt · `sending`: an order is out, its outcome not yet
 * known · `unresolved`: still not known, and published as such · `paid`: nothing is owed ·
 * `declined`: the debt stays until the citizen pays · `refund-owed`: money is owed back ·
 * `awaiting-confirmation`: who pays is asked whether the visit is theirs · `disputed`: they said no ·
 * `written-off`: all that is owed is out of the books, and paid only by the citizen's own wish ·
 * `lent`: a bank lends what is due, and collects it by itself · `in-review`: rules hold the debit until
 * staff decide.
 */
export type CollectionStatus =
  | 'due'
  | 'sending'
  | 'unresolved'
  | 'paid'
  | 'declined'
  | 'refund-owed'
  | 'awaiting-confirmation'
  | 'disputed'
  | 'written-off'
  | 'lent'
  | 'in-review';

export type LenderParty = 'funder' | 'institution' | 'bank';

/** What is to be collected for one visit. */
export interface CollectionRow {
  readonly paymentId: string;
  readonly visitId: string;
  readonly accountPersonId: string;
  readonly institutionId: string;
  readonly closedAt: Date;
  readonly closedDate: string;
  readonly revision: number;
  /** Distinguishes a repeated verdict from another one with the same revision. */
  readonly verdict: string;
  readonly grossFen: number;
  readonly dueFen: number;
  readonly capturedFen: number;
  /** Refunds asked for, whether they have arrived or not; without void ones. */
  readonly refundingFen: number;
  readonly refundedFen: number;
  /** Of what is owed: out of the books, and collected no more. */
  readonly writtenOffFen: number;
  /** Up to this amount staff released a debit that rules had held. */
  readonly reviewedFen: number;
  readonly status: CollectionStatus;
  /** Attempts since the due last grew. */
  readonly attempts: number;
  /** Orders and refused attempts of this visit, ever: makes their ids. */
  readonly orders: number;
  readonly orderId: string | null;
  /** How often the outcome of the order that is out was asked for. */
  readonly inquiries: number;
  /** Set exactly while something is to be done: see `WorkRow`. */
  readonly nextAttemptAt: Date | null;
  readonly lease: number;
  readonly declineReason: string | null;
  /** An account the citizen offered for the next attempt, in place of the bound one. */
  readonly offeredChannel: string | null;
  readonly offeredToken: string | null;
  /** How the person was present at the opening; null: not said. */
  readonly presence: Presence | null;
  /** What who pays said of a visit that was opened by a typed number. */
  readonly confirmation: 'given' | 'denied' | null;
  /** The first day of our books with movements that no clearing has taken; null: all are cleared. */
  readonly unclearedSince: string | null;
  /** Who waits for what is due: the fund or bank that pays the hospital, or the hospital itself. */
  readonly lenderParty: LenderParty;
  readonly lenderId: string;
  readonly causationId: string;
  readonly traceparent: string | null;
}

export const collectionTable = table<CollectionRow>({
  name: 'collection',
  columns: {
    paymentId: textColumn('payment_id', { primary: true }),
    visitId: textColumn('visit_id'),
    accountPersonId: textColumn('account_person_id'),
    institutionId: textColumn('institution_id'),
    closedAt: instantColumn('closed_at'),
    closedDate: dateColumn('closed_date'),
    revision: integerColumn(),
    verdict: textColumn(),
    grossFen: fenColumn('gross_fen'),
    dueFen: fenColumn('due_fen'),
    capturedFen: fenColumn('captured_fen'),
    refundingFen: fenColumn('refunding_fen'),
    refundedFen: fenColumn('refunded_fen'),
    writtenOffFen: fenColumn('written_off_fen'),
    reviewedFen: fenColumn('reviewed_fen'),
    status: textColumn(),
    attempts: integerColumn(),
    orders: integerColumn(),
    orderId: textColumn('order_id', { nullable: true }),
    inquiries: integerColumn(),
    nextAttemptAt: instantColumn('next_attempt_at', { nullable: true }),
    lease: integerColumn(),
    declineReason: textColumn('decline_reason', { nullable: true }),
    offeredChannel: textColumn('offered_channel', { nullable: true }),
    offeredToken: textColumn('offered_token', { nullable: true }),
    presence: textColumn(undefined, { nullable: true }),
    confirmation: textColumn(undefined, { nullable: true }),
    unclearedSince: dateColumn('uncleared_since', { nullable: true }),
    lenderParty: textColumn('lender_party'),
    lenderId: textColumn('lender_id'),
    causationId: textColumn('causation_id'),
    traceparent: textColumn(undefined, { nullable: true }),
  },
  uniques: [['visitId']],
  owners: { institution: 'institutionId', person: 'accountPersonId' },
});

/** The collection with a movement of a day of our books that no clearing has taken yet. */
export const uncleared = (row: CollectionRow, bookedOn: string): CollectionRow => ({
  ...row,
  unclearedSince:
    row.unclearedSince !== null && row.unclearedSince < bookedOn ? row.unclearedSince : bookedOn,
});

/** An insurer's part of a visit, as of a revision. */
export interface InsurerPartRow {
  readonly visitId: string;
  readonly payerId: string;
  readonly revision: number;
  readonly amountFen: number;
}

export const insurerPartTable = table<InsurerPartRow>({
  name: 'insurer_part',
  columns: {
    visitId: textColumn('visit_id', { primary: true }),
    payerId: textColumn('payer_id', { primary: true }),
    revision: integerColumn(undefined, { primary: true }),
    amountFen: fenColumn('amount_fen'),
  },
});
