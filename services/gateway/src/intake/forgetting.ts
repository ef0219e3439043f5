import type { Clock } from '@caretab/kernel';
import { type Store, stream, type Transaction } from '@caretab/store';
import { destroyedTable, mentionTable } from '../quarantine/identifier-index.table';
import type { Mentions } from '../quarantine/mentions';
import { quarantineTable } from '../quarantine/quarantine.table';
import { intakeTable } from './intake.table';

const BATCH_MAX = 200;

/** Whose data was destroyed, and by which identifiers the person is found here. */
export interface Destroyed {
  readonly personId: string;
  readonly blindIndexes?: readonly string[] | undefined;
  /** RFC 3339. */
  readonly destroyedAt: string;
}

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
      readonly mentions: Mentions;
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
      await transaction.rows(quarantineTable).save(
        ...refused.map((row) => ({
          ...row,
          sealed: null,
          bytes: 0,
          indexed: true,
          forgotten: true,
        })),
      );
      if (refused.length > 0)
        await transaction
          .rows(mentionTable)
          .delete({ quarantineId: { in: refused.map(({ id }) => id) } });
      await transaction.rows(destroyedTable).delete({ destroyedAt: { lte: before } });
      return taken.length + refused.length;
    });
  }

  /** Forgets the raw messages of one person, also refused ones that name the person. */
  async person(
    { personId, blindIndexes = [], destroyedAt }: Destroyed,
    transaction: Transaction,
  ): Promise<void> {
    const intake = transaction.rows(intakeTable);
    for await (const rows of stream(intake, { personId, forgotten: false }, { lock: 'wait' }))
      await intake.save(...rows.map((row) => ({ ...row, sealed: null, forgotten: true })));
    await this.parts.mentions.forget(transaction, blindIndexes, new Date(destroyedAt));
  }
}
