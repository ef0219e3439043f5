import type { Clock } from '@caretab/kernel';
import { type Store, stream, type Transaction } from '@caretab/store';
import { quarantineTable } from '../quarantine/quarantine.table';
import { intakeTable } from './intake.table';

const BATCH_MAX = 200;

/**
 * Raw messages name people, so they are not kept for ever: not beyond the time they may be kept,
 * and not when the person's data was destroyed. What was made of them stays.
 */
export class Forgetting {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly keptMs: number;
    },
  ) {}

  /** Forgets raw messages that are too old, some at a time; returns how many. */
  async runOnce(): Promise<number> {
    const before = new Date(this.parts.clock.now().getTime() - this.parts.keptMs);
    return this.parts.store.transact(async (transaction) => {
      const taken = await transaction
        .rows(intakeTable)
        .find(
          { receivedAt: { lte: before }, forgotten: false },
          { countMax: BATCH_MAX, lock: 'skip' },
        );
      await transaction
        .rows(intakeTable)
        .save(...taken.map((row) => ({ ...row, sealed: null, forgotten: true })));
      const refused = await transaction
        .rows(quarantineTable)
        .find(
          { lastSeenAt: { lte: before }, forgotten: false },
          { countMax: BATCH_MAX, lock: 'skip' },
        );
      await transaction
        .rows(quarantineTable)
        .save(...refused.map((row) => ({ ...row, sealed: null, forgotten: true })));
      return taken.length + refused.length;
    });
  }

  /** Forgets the raw messages of one person. */
  async person(personId: string, transaction: Transaction): Promise<void> {
    const intake = transaction.rows(intakeTable);
    for await (const rows of stream(intake, { personId, forgotten: false }, { lock: 'wait' }))
      await intake.save(...rows.map((row) => ({ ...row, sealed: null, forgotten: true })));
  }
}
