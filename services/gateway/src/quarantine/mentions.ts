import { type Clock, DomainError } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import type { Envelope } from '../intake/envelope';
import { forgetAccepted } from '../intake/forget-accepted';
import type { Partners } from '../intake/partners';
import { identifiersIn } from './identifiers';
import { type DestroyedRow, destroyedTable, mentionTable } from './identifier-index.table';
import { quarantineContext } from './quarantine';
import { type QuarantineRow, quarantineTable } from './quarantine.table';

const BATCH_MAX = 50;
const WHY = 'personal data destroyed';
/** Identity's clock and ours. */
const CLOCKS_APART_MS = 5 * 60_000;
const SWEEP_MS = 60 * 60_000;
const SWEEP_MAX = 500;

/** A person whose data is destroyed, and identity's blind indexes of what named them. */
export interface Erased {
  readonly personId: string;
  readonly indexes: readonly string[];
  readonly destroyedAt: Date;
}

/** A message without its content, and closed: it cannot be replayed. */
const emptied = (row: QuarantineRow, now: Date): QuarantineRow => ({
  ...row,
  sealed: null,
  messageId: null,
  bytes: 0,
  forgotten: true,
  indexed: true,
  ...(row.status === 'open' && { status: 'discarded' as const, why: WHY, closedAt: now }),
});

/**
 * Whether a message of then has to be emptied: it came before the person registered again. Of what
 * the release before wrote it is not known whose it was: only what came before the destruction.
 */
const covers = ({ destroyedAt, personId, returnedAt }: DestroyedRow, receivedAt: Date): boolean => {
  const end = personId === null ? destroyedAt : returnedAt;
  return end === null || receivedAt.getTime() <= end.getTime() + CLOCKS_APART_MS;
};

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
   * Indexes messages that are not indexed yet; returns how many. What names a person whose data is
   * destroyed is emptied, whether it came before that or after. While identity is away they wait.
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

  /** What was accepted or indexed while its person's data was being destroyed is found here. */
  private async sweep(): Promise<void> {
    const since = new Date(this.parts.clock.now().getTime() - SWEEP_MS);
    await this.parts.store.transact(async (transaction) => {
      const recent = await transaction
        .rows(destroyedTable)
        .find({ destroyedAt: { gt: since } }, { countMax: SWEEP_MAX });
      const erased = recent.filter(({ returnedAt }) => returnedAt === null);
      await this.empty(
        transaction,
        erased.map(({ blindIndex }) => blindIndex),
      );
      for (const personId of new Set(erased.map((row) => row.personId)))
        if (personId !== null) await forgetAccepted(transaction, personId);
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
      if (destroyed.some((row) => covers(row, current.receivedAt)))
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
  ): Promise<readonly DestroyedRow[]> {
    return indexes.length === 0
      ? []
      : transaction.rows(destroyedTable).find({ blindIndex: { in: indexes } });
  }

  /**
   * Empties every message that names this person by one of these identifiers, or comes and names
   * them until they register again; returns how many there are now.
   */
  async forget(
    transaction: Transaction,
    { personId, indexes, destroyedAt }: Erased,
  ): Promise<number> {
    const names = [...new Set([personId, ...indexes])];
    await transaction
      .rows(destroyedTable)
      .save(
        ...names.map((blindIndex) => ({ blindIndex, destroyedAt, personId, returnedAt: null })),
      );
    return this.empty(transaction, indexes);
  }

  /** Messages of a person who registers again are kept as those of others. */
  async returned(transaction: Transaction, personId: string, registeredAt: Date): Promise<void> {
    const destroyed = transaction.rows(destroyedTable);
    const before = { destroyedAt: { lte: registeredAt } };
    // The release before kept the id alone.
    await destroyed.delete({ ...before, blindIndex: personId, personId: null });
    const rows = await destroyed.find({ ...before, personId }, { lock: 'wait' });
    await destroyed.save(...rows.map((row) => ({ ...row, returnedAt: registeredAt })));
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
