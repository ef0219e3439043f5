import { type Clock, DomainError } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { nextOrderId, tried } from '../collection/attempts';
import { type CollectionRow, collectionTable } from '../collection/collection.table';
import { recordOutcome } from '../collection/order-outcome';
import { COUNTER, type OrderRow, orderTable } from '../collection/order.table';
import { openFen } from '../collection/owed';
import { fieldRefused } from '../collection/plausible';
import type { CollectionPolicy } from '../collection/policy';
import { completeRefund } from '../refund/refund-outcome';
import { AT_THE_COUNTER, refundTable } from '../refund/refund.table';
import {
  type CounterWay,
  type ReceiptRow,
  receiptTable,
  type ShiftRow,
  shiftTable,
} from './counter.table';
import { openShift, type WhichShift } from './shifts';

/** What a till says of money that changed hands. */
export interface AtTheTill extends WhichShift {
  readonly cashierId: string;
  /** The till's own, once for each movement. */
  readonly tillReference: string;
  readonly visitId: string;
  readonly amountFen: number;
  readonly way: CounterWay;
}

/** Money that a hospital's counter takes for what is due, and gives back. */
export class Counter {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly policy: CollectionPolicy;
    },
  ) {}

  /**
   * Books what the counter took: a whole due or a part of it. What is left stays as it was: a debit
   * that is planned goes on, one that was declined does not begin again. The same reference again
   * gives the same receipt. Throws VISIT_UNKNOWN, SHIFT_UNKNOWN (not-found); SHIFT_OF_ANOTHER,
   * SHIFT_CLOSED, BANK_COLLECTS, PAYMENT_UNDER_WAY, RECEIPT_CONFLICT (conflict); REQUEST_INVALID
   * (invalid: more than is owed).
   */
  pay(till: AtTheTill): Promise<ReceiptRow> {
    return this.once(till, 'payment', async (transaction, receiptNumber, row) => {
      const { visitId, amountFen } = till;
      if (row.lenderParty === 'bank')
        throw new DomainError('BANK_COLLECTS', 'conflict', { visitId, lenderId: row.lenderId });
      if (row.orderId !== null) throw new DomainError('PAYMENT_UNDER_WAY', 'conflict', { visitId });
      if (amountFen > openFen(row))
        throw fieldRefused('amountFen', `is more than the ${openFen(row)} that are open`);
      const { clock, policy } = this.parts;
      const now = clock.now();
      const orderId = nextOrderId(row);
      await transaction.rows(orderTable).insert(orderOf(row, { orderId, amountFen, now }));
      const sending = { ...tried(row), status: 'sending' as const, orderId };
      const outcome = { status: 'captured', amountFen, reference: receiptNumber, at: now } as const;
      await recordOutcome(transaction, sending, { orderId, outcome }, { now, policy });
      await this.keepAsItWas(transaction, row);
      return orderId;
    });
  }

  /**
   * Books what the counter gave back of money that a counter had taken. Throws what `pay` does, and
   * REFUND_UNKNOWN (not-found) where nothing of that amount waits for the counter.
   */
  giveBack(till: AtTheTill): Promise<ReceiptRow> {
    return this.once(till, 'return', async (transaction, receiptNumber, row) => {
      const { visitId, amountFen } = till;
      const waiting = await transaction
        .rows(refundTable)
        .find(
          { visitId, status: 'refused', reason: AT_THE_COUNTER },
          { orderBy: 'refundId', lock: 'wait' },
        );
      const refund = waiting.find((each) => each.amountFen === amountFen);
      if (!refund) throw new DomainError('REFUND_UNKNOWN', 'not-found', { visitId, amountFen });
      const { clock, policy } = this.parts;
      const now = clock.now();
      const made = {
        ...{ ...refund, way: 'cash' as const, lease: refund.lease + 1 },
        ...{ reference: receiptNumber, refundedAt: now },
      };
      await completeRefund(transaction, row, made, { now, policy });
      return refund.refundId;
    });
  }

  /** One movement, under the locks of its visit and its shift, and its receipt. */
  private once(
    till: AtTheTill,
    kind: ReceiptRow['kind'],
    book: (transaction: Transaction, receiptNumber: string, row: CollectionRow) => Promise<string>,
  ): Promise<ReceiptRow> {
    return this.parts.store.transact(async (transaction) => {
      const { institutionId, shiftId, cashierId, tillReference, visitId, amountFen, way } = till;
      const row = await transaction.rows(collectionTable).get({ visitId }, { lock: 'wait' });
      const shift = await this.shiftOf(transaction, till, kind);
      if ('receiptNumber' in shift) return shift;
      if (!row || row.institutionId !== institutionId)
        throw new DomainError('VISIT_UNKNOWN', 'not-found', { visitId });
      const receipts = shift.receipts + 1;
      const receiptNumber = `${institutionId}-${shiftId}-${String(receipts).padStart(5, '0')}`;
      const subjectId = await book(transaction, receiptNumber, row);
      const receipt = {
        ...{ receiptNumber, institutionId, shiftId, tillReference, kind, visitId, subjectId },
        ...{ amountFen, way, at: this.parts.clock.now() },
      };
      await transaction.rows(shiftTable).save({ ...shift, cashierId, receipts });
      await transaction.rows(receiptTable).insert(receipt);
      return receipt;
    });
  }

  /** The open shift; or the receipt of before, where the till says the same again. */
  private async shiftOf(
    transaction: Transaction,
    till: AtTheTill,
    kind: ReceiptRow['kind'],
  ): Promise<ShiftRow | ReceiptRow> {
    const { institutionId, shiftId, tillReference, visitId, amountFen, way } = till;
    // The shift's lock first: of two requests with one reference the second sees the first's.
    await transaction.rows(shiftTable).get({ institutionId, shiftId }, { lock: 'wait' });
    const known = await transaction.rows(receiptTable).get({ institutionId, tillReference });
    if (!known) return openShift(transaction, till, till.cashierId);
    const isSame =
      known.kind === kind &&
      known.visitId === visitId &&
      known.amountFen === amountFen &&
      known.way === way;
    if (!isSame) throw new DomainError('RECEIPT_CONFLICT', 'conflict', { tillReference });
    return known;
  }

  /** A part that was paid begins no debit that had ended, and ends none that is planned. */
  private async keepAsItWas(transaction: Transaction, before: CollectionRow): Promise<void> {
    const rows = transaction.rows(collectionTable);
    const { visitId, status, nextAttemptAt, declineReason, attempts } = before;
    const after = await rows.get({ visitId });
    if (!after || openFen(after) <= 0 || after.status !== 'due') return;
    await rows.save({ ...after, status, nextAttemptAt, declineReason, attempts });
  }
}

const orderOf = (
  row: CollectionRow,
  { orderId, amountFen, now }: { orderId: string; amountFen: number; now: Date },
): OrderRow => ({
  ...{ orderId, visitId: row.visitId, attempt: row.attempts + 1, amountFen },
  ...{ channel: COUNTER, accountId: null, sealedToken: null, status: 'sending', reason: null },
  ...{ startedAt: now, endedAt: null, inquiries: 0, nextAttemptAt: null, lease: 0 },
});
