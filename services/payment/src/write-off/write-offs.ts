import { heldAmong } from '@caretab/host';
import { type Clock, DomainError } from '@caretab/kernel';
import type { Cursor, Page, Store } from '@caretab/store';
import type { Decided } from '../case/open-case';
import { decidedByTwo } from '../case/two-names';
import { collectionTable } from '../collection/collection.table';
import { collectibleFen } from '../collection/owed';
import type { Calendars } from '../collection/policy';
import { dueWrittenOff } from '../collection/write-off-events';
import { bookDayOf } from '../journal/book-day';
import { post } from '../journal/journal';
import { writeOffChanges } from './recovery';
import { type WriteOffReason, type WriteOffRow, writeOffTable } from './write-off.table';

export interface WriteOff extends Decided {
  readonly amountFen: number;
  readonly reason: WriteOffReason;
}

const PAGE_ROWS = 100;

const impossible = (visitId: string, why: string): DomainError =>
  new DomainError('WRITE_OFF_IMPOSSIBLE', 'conflict', { visitId, why });

/** Dues that cannot be collected leave the books; the person still owes them, and can pay. */
export class WriteOffs {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly policy: Calendars;
    },
  ) {}

  /**
   * Writes off all that is owed of a visit whose collection finally failed. Throws VISIT_UNKNOWN
   * (not-found), WRITE_OFF_IMPOSSIBLE, WRITE_OFF_DIFFERS (another amount is owed; conflict).
   */
  writeOff(visitId: string, { amountFen, reason, ...decision }: WriteOff): Promise<void> {
    const decided = decidedByTwo(decision);
    const { store, clock, policy } = this.parts;
    return store.transact(async (transaction) => {
      const rows = transaction.rows(collectionTable);
      const row = await rows.get({ visitId }, { lock: 'wait' });
      if (!row) throw new DomainError('VISIT_UNKNOWN', 'not-found', { visitId });
      if (row.status !== 'declined')
        throw impossible(visitId, `it is ${row.status}: only what was finally declined`);
      if ((await heldAmong(transaction, [visitId])).has(visitId))
        throw impossible(visitId, 'payment and a neighbour differ about it: see the differences');
      const owedFen = collectibleFen(row);
      if (amountFen !== owedFen)
        throw new DomainError('WRITE_OFF_DIFFERS', 'conflict', { visitId, owedFen });
      const recorded = { now: clock.now(), policy };
      const number = (await transaction.rows(writeOffTable).count({ visitId })) + 1;
      const movement: WriteOffRow = {
        movementId: `write-off/${visitId}/${number}`,
        ...{ visitId, kind: 'written-off', amountFen, reason, ...decided, orderId: null },
        ...{ at: recorded.now, bookedOn: bookDayOf(recorded) },
      };
      await transaction.rows(writeOffTable).insert(movement);
      await post(transaction, movement.movementId, writeOffChanges(row, amountFen), recorded);
      const writtenOffFen = row.writtenOffFen + amountFen;
      const written = { ...row, status: 'written-off' as const, writtenOffFen };
      await rows.save({ ...written, nextAttemptAt: null });
      transaction.publish(dueWrittenOff(written, movement));
    });
  }

  /** What was written off and came back, the oldest first. */
  list(
    visitId: string | undefined,
    after: Cursor<WriteOffRow> | undefined,
  ): Promise<Page<WriteOffRow, WriteOffRow>> {
    const where = visitId === undefined ? {} : { visitId };
    return this.parts.store.transact((transaction) =>
      transaction.rows(writeOffTable).page(where, { orderBy: 'at', countMax: PAGE_ROWS, after }),
    );
  }
}
