import type { Clock } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { lockDue } from '@caretab/work-queue';
import type { Hold } from './hold';
import { askedAgainAt, type HoldPolicy } from './hold-policy';
import { HoldPublisher } from './hold.publisher';
import { holdTable } from './hold.table';

const BATCH_SIZE = 100;

/**
 * Publishes of each hold past its time that it expired, once, or that its visit is overdue, where
 * the policy says that no clock ends such a visit: then the hold lives on. A hold stays until the
 * visit is settled or cancelled. Nothing leaves the transaction, so an expiry needs no lease.
 */
export class HoldExpiry {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly policy: HoldPolicy;
    },
  ) {}

  /** Returns how many holds it published of; those that another process has locked are skipped. */
  runOnce(): Promise<number> {
    const now = this.parts.clock.now();
    return this.parts.store.transact(async (transaction) => {
      const due = await lockDue(transaction, {
        table: holdTable,
        dueAt: 'expiresAt',
        where: { status: 'held', expiredAt: null },
        now,
        countMax: BATCH_SIZE,
      });
      const publisher = new HoldPublisher(transaction, this.parts.clock);
      await transaction.rows(holdTable).save(...due.map((hold) => this.past(hold, now, publisher)));
      return due.length;
    });
  }

  private past(hold: Hold, now: Date, publisher: HoldPublisher): Hold {
    const { policy } = this.parts;
    if (policy.classes[hold.visitClass].then === 'end') {
      publisher.expired(hold);
      return { ...hold, expiredAt: now };
    }
    const expiresAt = askedAgainAt(policy, hold.visitClass, now);
    publisher.overdue(hold, expiresAt);
    return { ...hold, expiresAt, overdueSince: hold.overdueSince ?? now };
  }
}
