import { type Clock, DomainError } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import {
  COUNTER_WAYS,
  type CounterWay,
  receiptTable,
  type ReceiptRow,
  type ShiftRow,
  shiftTable,
} from './counter.table';

export type WhichShift = Pick<ShiftRow, 'institutionId' | 'shiftId'>;

/** What came in and went out by one way. */
export interface WayTotal {
  readonly way: CounterWay;
  readonly payments: number;
  readonly paidFen: number;
  readonly returns: number;
  readonly returnedFen: number;
}

/** The sheet that a cashier hands in: what the drawer must hold, and what it held. */
export interface HandInSheet extends WhichShift {
  readonly openedAt: Date;
  readonly closedAt: Date | null;
  readonly ways: readonly WayTotal[];
  /** Cash that came in less cash that went out. */
  readonly cashFen: number;
  readonly countedFen: number | null;
  /** Counted less expected; null while the shift is open. */
  readonly differenceFen: number | null;
}

const RECEIPTS_PAGE = 500;

/** The shifts of cashiers at the counters of institutions. */
export class Shifts {
  constructor(private readonly parts: { readonly store: Store; readonly clock: Clock }) {}

  /** Opens a shift; the same again changes nothing. Throws SHIFT_OF_ANOTHER, SHIFT_CLOSED (conflict). */
  open(which: WhichShift, cashierId: string): Promise<HandInSheet> {
    return this.parts.store.transact(async (transaction) => {
      const rows = transaction.rows(shiftTable);
      const fresh: ShiftRow = {
        ...{ ...which, cashierId, openedAt: this.parts.clock.now() },
        ...{ closedAt: null, countedFen: null, receipts: 0 },
      };
      if (await rows.insertIfAbsent(fresh)) return this.sheetOf(transaction, fresh);
      return this.sheetOf(transaction, await openShift(transaction, which, cashierId));
    });
  }

  /**
   * Closes a shift with what the drawer held. The same again gives the same sheet. Throws
   * SHIFT_UNKNOWN (not-found), SHIFT_OF_ANOTHER, SHIFT_CLOSED (conflict: with another count).
   */
  close(which: WhichShift, cashierId: string, countedFen: number): Promise<HandInSheet> {
    return this.parts.store.transact(async (transaction) => {
      const rows = transaction.rows(shiftTable);
      const known = await rows.get(which, { lock: 'wait' });
      if (known?.cashierId === cashierId && known.closedAt && known.countedFen === countedFen)
        return this.sheetOf(transaction, known);
      const shift = await openShift(transaction, which, cashierId);
      const closed = { ...shift, closedAt: this.parts.clock.now(), countedFen };
      await rows.save(closed);
      return this.sheetOf(transaction, closed);
    });
  }

  /** Throws SHIFT_UNKNOWN (not-found). */
  sheet(which: WhichShift): Promise<HandInSheet> {
    return this.parts.store.transact(async (transaction) => {
      const shift = await transaction.rows(shiftTable).get(which);
      if (!shift) throw new DomainError('SHIFT_UNKNOWN', 'not-found', which);
      return this.sheetOf(transaction, shift);
    });
  }

  /** A page of the receipts of a shift, in the order of their numbers. */
  receipts(
    { institutionId, shiftId }: WhichShift,
    after?: string,
  ): Promise<{ readonly receipts: readonly ReceiptRow[]; readonly next?: string | undefined }> {
    return this.parts.store.transact(async (transaction) => {
      const { rows, next } = await transaction.rows(receiptTable).page(
        { institutionId, shiftId },
        {
          ...{ orderBy: 'receiptNumber', countMax: RECEIPTS_PAGE },
          after: after === undefined ? undefined : { receiptNumber: after },
        },
      );
      return { receipts: rows, next: next?.receiptNumber };
    });
  }

  private async sheetOf(transaction: Transaction, shift: ShiftRow): Promise<HandInSheet> {
    const { institutionId, shiftId, openedAt, closedAt, countedFen } = shift;
    const groups = await transaction
      .rows(receiptTable)
      .group({ institutionId, shiftId }, { by: ['way', 'kind'], sum: ['amountFen'] });
    const ways = COUNTER_WAYS.map((way): WayTotal => {
      const of = (kind: ReceiptRow['kind']) =>
        groups.find(({ values }) => values.way === way && values.kind === kind);
      const [paid, returned] = [of('payment'), of('return')];
      return {
        ...{ way, payments: paid?.count ?? 0, paidFen: paid?.sums.amountFen ?? 0 },
        ...{ returns: returned?.count ?? 0, returnedFen: returned?.sums.amountFen ?? 0 },
      };
    });
    const cash = ways.find(({ way }) => way === 'cash')!;
    const cashFen = cash.paidFen - cash.returnedFen;
    const differenceFen = countedFen === null ? null : countedFen - cashFen;
    return {
      ...{ institutionId, shiftId, openedAt, closedAt },
      ...{ ways, cashFen, countedFen, differenceFen },
    };
  }
}

/**
 * An open shift of this cashier, locked. Throws SHIFT_UNKNOWN (not-found); SHIFT_OF_ANOTHER,
 * SHIFT_CLOSED (conflict).
 */
export const openShift = async (
  transaction: Transaction,
  { institutionId, shiftId }: WhichShift,
  cashierId: string,
): Promise<ShiftRow> => {
  const which = { institutionId, shiftId };
  const shift = await transaction.rows(shiftTable).get(which, { lock: 'wait' });
  if (!shift) throw new DomainError('SHIFT_UNKNOWN', 'not-found', which);
  if (shift.cashierId !== cashierId) throw new DomainError('SHIFT_OF_ANOTHER', 'conflict', which);
  if (shift.closedAt) throw new DomainError('SHIFT_CLOSED', 'conflict', which);
  return shift;
};
