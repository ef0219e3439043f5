import {
  dateColumn,
  fenColumn,
  instantColumn,
  integerColumn,
  table,
  textColumn,
} from '@caretab/store';

/** What a person permits an account to be debited for: their mandate for it. */
export interface MandateTerms {
  /** The most of one payment; null: what the region's policy says. */
  readonly perPaymentFen: number | null;
  /** The most of a day in China; null: what the region's policy says. */
  readonly perDayFen: number | null;
  /** The last day on which it may be debited, in China; null: until it is revoked. */
  readonly until: string | null;
}

/** An account a person pays from. The token is sealed; only the channel gateway sees it open. */
export interface BoundAccountRow extends MandateTerms {
  readonly accountId: string;
  readonly personId: string;
  /** In which order accounts are debited, from 1. */
  readonly place: number;
  readonly channel: string;
  readonly sealedToken: string;
  readonly boundAt: Date;
  /** How the channel names what it verified; null where it verifies no accounts. */
  readonly verification: string | null;
}

export const boundAccountTable = table<BoundAccountRow>({
  name: 'bound_account',
  columns: {
    accountId: textColumn('account_id', { primary: true }),
    personId: textColumn('person_id'),
    place: integerColumn(),
    channel: textColumn(),
    sealedToken: textColumn('sealed_token'),
    boundAt: instantColumn('bound_at'),
    verification: textColumn(undefined, { nullable: true }),
    perPaymentFen: fenColumn('per_payment_fen', { nullable: true }),
    perDayFen: fenColumn('per_day_fen', { nullable: true }),
    until: dateColumn(undefined, { nullable: true }),
  },
});
