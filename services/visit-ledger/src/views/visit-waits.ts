import type { FactOf } from '../visit/visit-events';
import type { RecordedFact } from './view';

/** What of a visit waits for its opening, or for a charge. */
interface Waits {
  readonly chargesWaiting: number;
  readonly waits: readonly {
    readonly submissionId: string;
    readonly waitsUntil: string;
    readonly isCharge: boolean;
  }[];
  readonly waitsUntil: string | null;
}

/** The row with what waits, and by when the first of it is over. */
export const withWaits = <Row extends Waits>(row: Row, waits: Row['waits']): Row => ({
  ...row,
  waits,
  waitsUntil: waits.map(({ waitsUntil }) => waitsUntil).sort()[0] ?? null,
});

export const withWaiting = <Row extends Waits>(
  row: Row,
  { submissionId, waitsUntil }: { readonly submissionId?: string; readonly waitsUntil?: string },
  isCharge: boolean,
): Row =>
  submissionId && waitsUntil
    ? withWaits(row, [...row.waits, { submissionId, waitsUntil, isCharge }])
    : row;

const withoutWaiting = <Row extends Waits>(row: Row, submissionId: string): Row =>
  withWaits(
    row,
    row.waits.filter((each) => each.submissionId !== submissionId),
  );

/** Where a report has its submission: a late charge waits for its answer by its own id. */
const lateKeyOf = (chargeId: string): string => `late charge ${chargeId}`;

export const withLate = <Row extends Waits>(
  row: Row,
  { charge: { chargeId }, answerUntil: waitsUntil }: FactOf<'LateChargeRecorded'>['data'],
): Row =>
  waitsUntil === undefined
    ? row
    : withWaits(row, [
        ...row.waits,
        { submissionId: lateKeyOf(chargeId), waitsUntil, isCharge: true },
      ]);

/** A late charge that was decided. */
export const withoutLate = <Row extends Waits>(
  row: Row,
  { charge, waited }: { readonly charge: { readonly chargeId: string }; readonly waited: boolean },
): Row => (waited && row.waits.length > 0 ? withoutWaiting(row, lateKeyOf(charge.chargeId)) : row);

type SubmissionFact = Extract<
  RecordedFact,
  { readonly type: 'SubmissionWaiting' | 'SubmissionApplied' | 'SubmissionRejected' }
>;

export const afterSubmission = <Row extends Waits>(
  row: Row,
  { type, data }: SubmissionFact,
): Row => {
  if (type === 'SubmissionWaiting') return withWaiting(row, data, false);
  const rest = withoutWaiting(row, data.submissionId);
  return type === 'SubmissionRejected' && data.waited && data.kind === 'ChargePosted'
    ? { ...rest, chargesWaiting: rest.chargesWaiting - 1 }
    : rest;
};
