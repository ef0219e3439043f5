import { Type } from '@sinclair/typebox';
import { Fen, Id, InstitutionId, NetFen, VisitId } from '../schemas';
import { route } from './route';
import { closed, Count, Moment, oneOf, orNull } from './shapes';

const ShiftId = Type.String({
  pattern: '^[A-Za-z0-9][A-Za-z0-9-]{0,39}$',
  description: 'The hospital’s own, such as 20260302-C4-1',
});
const params = closed({ institutionId: InstitutionId, shiftId: ShiftId });
const whose = { institution: 'params.institutionId' } as const;
const path = '/payment/counters/{institutionId}/shifts/{shiftId}' as const;
const way = oneOf('cash', 'pos', 'code');
const TillReference = Type.String({
  pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$',
  description: 'The till’s own, once for each movement: the same again gives the same receipt',
});
const AtTheTill = closed({
  ...{ visitId: VisitId, tillReference: TillReference, way },
  amountFen: { ...Fen, minimum: 1 },
});
const Receipt = closed({
  ...{ receiptNumber: Id, shiftId: ShiftId, tillReference: TillReference },
  ...{ kind: oneOf('payment', 'return'), visitId: VisitId, amountFen: Fen, way, at: Moment },
});
const Sheet = closed({
  ...{ institutionId: InstitutionId, shiftId: ShiftId },
  ...{ openedAt: Moment, closedAt: orNull(Moment) },
  ways: Type.Array(
    closed({ way, payments: Count, paidFen: Fen, returns: Count, returnedFen: Fen }),
  ),
  cashFen: { ...NetFen, description: 'Cash that came in less cash that went out' },
  countedFen: orNull(Fen),
  differenceFen: { ...orNull(NetFen), description: 'Counted less expected; null while it is open' },
});
const ofShift = ['SHIFT_CLOSED', 'SHIFT_OF_ANOTHER'] as const;
const ofMoney = [
  ...(['RECEIPT_CONFLICT', 'SHIFT_UNKNOWN', 'VISIT_UNKNOWN'] as const),
  ...ofShift,
] as const;

/** Money at the counters of hospitals: shifts of cashiers, what they take and give back. */
export const counterRoutes = {
  openShift: route({
    ...{ method: 'PUT', path, action: 'counter-shifts.open', whose, params },
    summary: 'Open a cashier’s shift at a counter; the same again changes nothing',
    responses: { 200: Sheet },
    problems: [...ofShift],
  }),
  showShift: route({
    ...{ method: 'GET', path, action: 'counter-shifts.read', whose, params },
    summary: 'The sheet of a shift: what came in and went out by each way, what the drawer holds',
    responses: { 200: Sheet },
    problems: ['SHIFT_UNKNOWN'],
  }),
  closeShift: route({
    ...{ method: 'POST', path: `${path}/close`, action: 'counter-shifts.close', whose, params },
    summary: 'Close a shift with the cash that was counted; a later return goes to an open one',
    body: closed({ countedFen: Fen }),
    responses: { 200: Sheet },
    problems: ['SHIFT_UNKNOWN', ...ofShift],
  }),
  listReceipts: route({
    ...{ method: 'GET', path: `${path}/receipts`, action: 'counter-receipts.list', whose, params },
    summary: 'The receipts of a shift in the order of their numbers, at most 500',
    query: closed({ after: Type.Optional(Id) }),
    responses: { 200: closed({ receipts: Type.Array(Receipt), next: Type.Optional(Id) }) },
    problems: [],
  }),
  payAtCounter: route({
    ...{ method: 'POST', path: `${path}/payments`, action: 'counter-payments.take', whose, params },
    summary: 'Book what the counter took for a visit: all that is owed, or a part',
    body: AtTheTill,
    responses: { 200: Receipt },
    problems: [...ofMoney, 'BANK_COLLECTS', 'PAYMENT_UNDER_WAY', 'REQUEST_INVALID'],
  }),
  giveBackAtCounter: route({
    ...{
      method: 'POST',
      path: `${path}/returns`,
      action: 'counter-payments.return',
      whose,
      params,
    },
    summary: 'Book what the counter gave back of money that it had taken',
    body: AtTheTill,
    responses: { 200: Receipt },
    problems: [...ofMoney, 'REFUND_UNKNOWN'],
  }),
};
