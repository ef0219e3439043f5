import type { Clock } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { lockDue } from '@caretab/work-queue';
import { HoldPublisher } from './hold.publisher';
import { holdTable } from './hold.table';

const BATCH_SIZE = 100;

/**
 * Publishes once of each hold past its time that it expired; the hold itself stays until the visit
 * is settled or cancelled. Nothing leaves the transaction, so an expiry needs no lease.
 */
export class HoldExpiry {
  constructor(private readonly parts: { readonly store: Store; readonly clock: Clock }) {}

  /** Returns how many holds it published as expired; those that another process has locked are skipped. */
  runOnce(): Promise<number> {
    const now = this.parts.clock.now();
    return this.parts.store.transact(async (transaction) => {
      const holds = await lockDue(transaction, {
        table: holdTable,
        dueAt: 'expiresAt',
        where: { status: 'held', expiredAt: null },
        now,
        countMax: BATCH_SIZE,
      });
      await transaction.rows(holdTable).save(...holds.map((hold) => ({ ...hold, expiredAt: now })));
      const publisher = new HoldPublisher(transaction, this.parts.clock);
      for (const hold of holds) publisher.expired(hold);
      return holds.length;
    });
  }
}
