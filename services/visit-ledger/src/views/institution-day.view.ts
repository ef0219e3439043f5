import { fenColumn, jsonColumn, textColumn, integerColumn, table } from '@caretab/store';
import type { RecordedFact, View } from './view';

/** What happened at this institution with the visits that started on this day? */
export interface InstitutionDayRow {
  /** `<institutionId>/<businessDate>` */
  dayId: string;
  institutionId: string;
  businessDate: string;
  opened: number;
  cancelled: number;
  closed: number;
  adjudicated: number;
  settled: number;
  deferredCount: number;
  deferredFen: number;
  returnedCount: number;
  returnedFen: number;
  conflicts: number;
  /** By reason: how many charges and how much, less what was returned of them. */
  notDeferred: Readonly<Record<string, { readonly count: number; readonly amountFen: number }>>;
  /** Gross of adjudicated visits, and what each payer and the patients bear of it. */
  adjudicatedGrossFen: number;
  payers: Readonly<Record<string, number>>;
  patientDueFen: number;
  paidFen: number;
  payments: number;
  refundedFen: number;
  refunds: number;
}

const institutionDayTable = table<InstitutionDayRow>({
  name: 'institution_day',
  columns: {
    dayId: textColumn('day_id', { primary: true }),
    institutionId: textColumn('institution_id'),
    businessDate: textColumn('business_date'),
    opened: integerColumn('opened'),
    cancelled: integerColumn('cancelled'),
    closed: integerColumn('closed'),
    adjudicated: integerColumn('adjudicated'),
    settled: integerColumn('settled'),
    deferredCount: integerColumn('deferred_count'),
    deferredFen: fenColumn('deferred_fen'),
    returnedCount: integerColumn('returned_count'),
    returnedFen: fenColumn('returned_fen'),
    conflicts: integerColumn('conflicts'),
    notDeferred: jsonColumn('not_deferred'),
    adjudicatedGrossFen: fenColumn('adjudicated_gross_fen'),
    payers: jsonColumn('payers'),
    patientDueFen: fenColumn('patient_due_fen'),
    paidFen: fenColumn('paid_fen'),
    payments: integerColumn('payments'),
    refundedFen: fenColumn('refunded_fen'),
    refunds: integerColumn('refunds'),
  },
  owners: { institution: 'institutionId' },
});

const empty = (dayId: string, institutionId: string, businessDate: string): InstitutionDayRow => ({
  dayId,
  institutionId,
  businessDate,
  opened: 0,
  cancelled: 0,
  closed: 0,
  adjudicated: 0,
  settled: 0,
  deferredCount: 0,
  deferredFen: 0,
  returnedCount: 0,
  returnedFen: 0,
  conflicts: 0,
  notDeferred: {},
  adjudicatedGrossFen: 0,
  payers: {},
  patientDueFen: 0,
  paidFen: 0,
  payments: 0,
  refundedFen: 0,
  refunds: 0,
});

type Payers = Readonly<Record<string, number>>;
const addParts = (
  payers: Payers,
  parts: readonly { payerId: string; amountFen: number }[],
  sign: 1 | -1,
): Payers =>
  parts.reduce(
    (sums, { payerId, amountFen }) => ({
      ...sums,
      [payerId]: (sums[payerId] ?? 0) + sign * amountFen,
    }),
    payers,
  );

const adjudicate = (
  row: InstitutionDayRow,
  data: Extract<RecordedFact, { type: 'VisitAdjudicated' }>['data'],
): InstitutionDayRow => ({
  ...row,
  adjudicated: row.adjudicated + (data.previous ? 0 : 1),
  adjudicatedGrossFen: row.adjudicatedGrossFen + data.grossFen - (data.previous?.grossFen ?? 0),
  patientDueFen: row.patientDueFen + data.patientDueFen - (data.previous?.patientDueFen ?? 0),
  payers: addParts(
    data.previous ? addParts(row.payers, data.previous.payers, -1) : row.payers,
    data.payers,
    1,
  ),
});

const withNotDeferred = (
  row: InstitutionDayRow,
  reason: string,
  count: number,
  amountFen: number,
): InstitutionDayRow => {
  const { [reason]: known = { count: 0, amountFen: 0 }, ...others } = row.notDeferred;
  const now = { count: known.count + count, amountFen: known.amountFen + amountFen };
  return { ...row, notDeferred: now.count === 0 ? others : { ...others, [reason]: now } };
};

/** A charge of which something is left is still counted. */
const returned = (
  row: InstitutionDayRow,
  data: Extract<RecordedFact, { type: 'ChargeReturned' }>['data'],
): InstitutionDayRow => {
  const { notDeferredFor, wasDeferred, left, amountFen } = data;
  if (notDeferredFor !== undefined)
    return withNotDeferred(row, notDeferredFor, left ? 0 : -1, -amountFen);
  if (!wasDeferred) return row;
  return {
    ...row,
    returnedCount: row.returnedCount + 1,
    returnedFen: row.returnedFen + amountFen,
  };
};

const apply = (
  before: InstitutionDayRow | undefined,
  { type, data }: RecordedFact,
  dayId: string,
): InstitutionDayRow => {
  const row = before ?? empty(dayId, data.institutionId, data.businessDate);
  switch (type) {
    case 'VisitOpened':
      return { ...row, opened: row.opened + 1 };
    case 'VisitCancelled':
      return { ...row, cancelled: row.cancelled + 1, returnedFen: row.returnedFen + data.grossFen };
    case 'VisitClosed':
      return data.revision === 1 ? { ...row, closed: row.closed + 1 } : row;
    case 'ChargeDeferred':
      return {
        ...row,
        deferredCount: row.deferredCount + 1,
        deferredFen: row.deferredFen + data.charge.amountFen,
      };
    case 'ChargeReturned':
      return returned(row, data);
    case 'ChargeConflictFound':
      return { ...row, conflicts: row.conflicts + 1 };
    case 'ChargeNotDeferred':
      return withNotDeferred(row, data.reason, 1, data.charge.amountFen);
    case 'VisitAdjudicated':
      return adjudicate(row, data);
    case 'PaymentRecorded':
      return { ...row, payments: row.payments + 1, paidFen: row.paidFen + data.amountFen };
    case 'RefundRecorded':
      return { ...row, refunds: row.refunds + 1, refundedFen: row.refundedFen + data.amountFen };
    case 'VisitSettled':
      return { ...row, settled: row.settled + (data.again ? 0 : 1) };
    default:
      return row;
  }
};

/** A charge that waits for its visit has no day yet: it counts once it is decided. */
export const institutionDayView: View<InstitutionDayRow> = {
  table: institutionDayTable,
  keyField: 'dayId',
  keysOf: (fact) =>
    ['ChargeWaiting', 'ReturnWaiting', 'HolderContradicted'].includes(fact.type)
      ? []
      : [`${fact.data.institutionId}/${fact.data.businessDate}`],
  apply,
};
