import { creditAuthorizations, message } from '@caretab/contracts';
import { type Clock, derivedId } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { holdTable } from './hold.table';

const BATCH_SIZE = 100;

/**
 * Says once of each hold past its time that it expired; the hold itself stays until the visit is
 * settled or cancelled.
 */
export class HoldExpiry {
  constructor(private readonly parts: { readonly store: Store; readonly clock: Clock }) {}

  /** How many were said to be expired; those that another process has in hand are left to it. */
  runOnce(): Promise<number> {
    const now = this.parts.clock.now();
    return this.parts.store.transact(async (transaction) => {
      const holds = await transaction
        .rows(holdTable)
        .find(
          { status: 'held', expiredAt: null, expiresAt: { lte: now } },
          { orderBy: 'expiresAt', countMax: BATCH_SIZE, lock: 'skip' },
        );
      for (const hold of holds) {
        const { visitId, personId, accountPersonId, heldFen } = hold;
        await transaction.rows(holdTable).save({ ...hold, expiredAt: now });
        transaction.publish(
          message(
            creditAuthorizations,
            'HoldExpired',
            { visitId, personId, accountPersonId, heldFen },
            { id: derivedId('HoldExpired', visitId), time: now, source: 'credit' },
          ),
        );
      }
      return holds.length;
    });
  }
}
