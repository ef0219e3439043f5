import { businessDateOf, DAY_MS } from '@caretab/contracts';

/** A line as checks look at it. */
export interface CheckedLine {
  readonly itemCode: string;
  /** Ten-thousandths; of lines of earlier releases null. */
  readonly quantity: number | null;
  /** Asia/Shanghai; of lines of earlier releases null. */
  readonly day: string | null;
  readonly amountFen: number;
  readonly overLimitFen: number;
}

/** A visit's claim as it stands, as checks look at it. */
export interface CheckedClaim {
  readonly visitId: string;
  readonly claimId: string;
  readonly revision: number;
  readonly institutionId: string;
  readonly isInpatient: boolean;
  /** First and last day of the visit, Asia/Shanghai. */
  readonly from: string;
  readonly to: string;
  /** When its first revision was settled: the order of a person's claims. */
  readonly settledAt: Date;
  /** Of claims that lie too far back for rules about lines: none. */
  readonly lines: readonly CheckedLine[];
  /** Items of which an earlier revision had more. */
  readonly returned: readonly string[];
  /** By how much it was lowered since it was settled first. */
  readonly creditedFen: number;
  /** What each payer bears of it. */
  readonly borneFen: ReadonlyMap<string, number>;
}

/** Whole days from one day to another. */
export const daysBetween = (from: string, to: string): number =>
  Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS);
export const daysBefore = (day: string, days: number): string =>
  new Date(Date.parse(day) - days * DAY_MS).toISOString().slice(0, 10);

const SCALE = 10_000;
/** An exact decimal text in ten-thousandths. */
export const quantityOf = (text: string | null): number | null =>
  text === null ? null : Math.round(Number(text) * SCALE);
export const shownQuantity = (quantity: number): number => quantity / SCALE;
export const dayOf = (instant: string | null): string | null =>
  instant === null ? null : businessDateOf(instant);

/** Whether a claim comes before another in the order in which a person's claims were settled. */
export const isBefore = (one: CheckedClaim, other: CheckedClaim): boolean =>
  one.settledAt.getTime() === other.settledAt.getTime()
    ? one.visitId < other.visitId
    : one.settledAt < other.settledAt;
