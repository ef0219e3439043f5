import { type Clock, DomainError } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import type { Envelope } from '../intake/envelope';
import type { Partners } from '../intake/partners';
import { identifiersIn } from './identifiers';
import { destroyedTable, mentionTable } from './identifier-index.table';
import { quarantineContext } from './quarantine';
import { type QuarantineRow, quarantineTable } from './quarantine.table';

const BATCH_MAX = 50;
const WHY = 'personal data destroyed';
/** Identity's clock and ours. */
const CLOCKS_APART_MS = 5 * 60_000;
const SWEEP_MS = 60 * 60_000;
const SWEEP_MAX = 500;

/** A message without its content, and closed: it cannot be replayed. */
const emptied = (row: QuarantineRow, now: Date): QuarantineRow => ({
  ...row,
  sealed: null,
  bytes: 0,
  forgotten: true,
  indexed: true,
  ...(row.status === 'open' && { status: 'discarded' as const, why: WHY, closedAt: now }),
});

/**
 * Who is named in quarantined messages, by identity's blind indexes: so that a person's data is
 * destroyed here too, whether the person was registered when the message came or not.
 */
export class Mentions {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly envelope: Envelope;
      readonly partners: Pick<Partners, 'indexesOf'>;
    },
  ) {}

  /**
   * Indexes messages that are not indexed yet; returns how many. What names a person whose data was
   * destroyed since it came is emptied. While identity is away they wait.
   */
  async runOnce(): Promise<number> {
    const { store } = this.parts;
    const rows = await store.transact((transaction) =>
      transaction.rows(quarantineTable).find({ indexed: false }, { countMax: BATCH_MAX }),
    );
    await this.sweep();
    for (const row of rows)
      try {
        await this.index(row);
      } catch (error) {
        if (error instanceof DomainError && error.kind === 'unavailable') return 0;
        throw error;
      }
    return rows.length;
  }

  /** What was indexed while its person's data was being destroyed is found here. */
  private async sweep(): Promise<void> {
    const since = new Date(this.parts.clock.now().getTime() - SWEEP_MS);
    await this.parts.store.transact(async (transaction) => {
      const recent = await transaction
        .rows(destroyedTable)
        .find({ destroyedAt: { gt: since } }, { countMax: SWEEP_MAX });
      await this.empty(
        transaction,
        recent.map(({ blindIndex }) => blindIndex),
      );
    });
  }

  private async index(row: QuarantineRow): Promise<void> {
    const { store, clock, partners } = this.parts;
    const values = identifiersIn(this.textOf(row));
    const indexes = values.length > 0 ? await partners.indexesOf(values) : [];
    await store.transact(async (transaction) => {
      const current = await transaction
        .rows(quarantineTable)
        .get({ id: row.id, indexed: false }, { lock: 'wait' });
      if (!current) return;
      const destroyed = await this.destroyedAmong(transaction, indexes);
      const since = current.receivedAt.getTime() - CLOCKS_APART_MS;
      if (destroyed.some(({ destroyedAt }) => destroyedAt.getTime() >= since))
        return transaction.rows(quarantineTable).save(emptied(current, clock.now()));
      await transaction
        .rows(mentionTable)
        .insertAllAbsent(indexes.map((blindIndex) => ({ blindIndex, quarantineId: row.id })));
      await transaction.rows(quarantineTable).save({ ...current, indexed: true });
    });
  }

  /** Identifiers are ASCII, which every character set of ours holds. */
  private textOf({ id, sealed }: QuarantineRow): string {
    try {
      return sealed
        ? this.parts.envelope.open(sealed, quarantineContext(id)).toString('latin1')
        : '';
    } catch {
      return ''; // Sealed with a key that is no longer there: nobody can read it.
    }
  }

  private async destroyedAmong(
    transaction: Transaction,
    indexes: readonly string[],
  ): Promise<readonly { readonly destroyedAt: Date }[]> {
    return indexes.length === 0
      ? []
      : transaction.rows(destroyedTable).find({ blindIndex: { in: indexes } });
  }

  /** Empties every message that names one of these identifiers; returns how many. */
  async forget(
    transaction: Transaction,
    indexes: readonly string[],
    destroyedAt: Date,
  ): Promise<number> {
    if (indexes.length === 0) return 0;
    await transaction
      .rows(destroyedTable)
      .save(...indexes.map((blindIndex) => ({ blindIndex, destroyedAt })));
    return this.empty(transaction, indexes);
  }

  private async empty(transaction: Transaction, indexes: readonly string[]): Promise<number> {
    if (indexes.length === 0) return 0;
    const mentions = transaction.rows(mentionTable);
    for (let emptiedCount = 0; ;) {
      const found = await mentions.find({ blindIndex: { in: indexes } }, { countMax: 500 });
      if (found.length === 0) return emptiedCount;
      const ids = [...new Set(found.map(({ quarantineId }) => quarantineId))];
      const rows = await transaction.rows(quarantineTable).lockAll(ids.map((id) => ({ id })));
      await transaction
        .rows(quarantineTable)
        .save(...rows.map((row) => emptied(row, this.parts.clock.now())));
      await mentions.delete({ quarantineId: { in: ids } });
      emptiedCount += rows.length;
    }
  }
}
