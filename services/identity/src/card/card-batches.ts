import type { CardBatchStatus } from '@caretab/contracts';
import { type Clock, derivedId, DomainError } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import type { Persons } from '../person/persons';
import { cardBatchPersonTable, type CardBatchRow, cardBatchTable } from './card-batch.table';
import type { CardIssues } from './card-issues';

const PAGE_ROWS = 100;

/** Cards for many: a city submits them, another person of the province reviews, a maker produces. */
export class CardBatches {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly persons: Persons;
      readonly issues: CardIssues;
    },
  ) {}

  /** The same persons by the same name again are the same batch. Throws PERSON_UNKNOWN, CARD_BATCH_MOVED_ON. */
  submit(
    name: string,
    persons: readonly string[],
    said: {
      readonly medium: 'physical' | 'electronic';
      readonly child: boolean;
      readonly by: string;
    },
  ): Promise<CardBatchRow> {
    const { store, clock } = this.parts;
    const personIds = [...new Set(persons)].sort();
    const batchId = `cb-${derivedId('card batch', said.by, name)}`;
    return store.transact(async (transaction) => {
      const row: CardBatchRow = {
        ...{ batchId, status: 'submitted', medium: said.medium, child: said.child },
        ...{ cards: personIds.length, submittedBy: said.by, submittedAt: clock.now() },
        ...{ reviewedBy: null, reviewedAt: null, why: null },
        ...{ productionBatch: null, producedAt: null },
      };
      if (!(await transaction.rows(cardBatchTable).insertIfAbsent(row)))
        return this.known(transaction, batchId, personIds);
      for (const personId of personIds) await this.parts.persons.row(transaction, personId);
      await transaction
        .rows(cardBatchPersonTable)
        .insert(...personIds.map((personId) => ({ batchId, personId })));
      return row;
    });
  }

  /** Those of a status, the earliest first. */
  list(status: CardBatchStatus): Promise<readonly CardBatchRow[]> {
    return this.parts.store.transact((transaction) =>
      transaction
        .rows(cardBatchTable)
        .find({ status }, { orderBy: 'submittedAt', countMax: PAGE_ROWS }),
    );
  }

  /**
   * Another person than who submitted it approves a batch under the maker's name, or returns it. Throws
   * CARD_BATCH_UNKNOWN (not-found), APPROVAL_SAME_SUBJECT (forbidden), CARD_BATCH_MOVED_ON (conflict).
   */
  review(
    batchId: string,
    decision: { readonly productionBatch: string } | { readonly why: string },
    by: string,
  ): Promise<CardBatchRow> {
    return this.change(batchId, 'submitted', async (_transaction, batch) => {
      if (batch.submittedBy === by)
        throw new DomainError('APPROVAL_SAME_SUBJECT', 'forbidden', {
          why: 'who submitted the batch does not review it',
          remedy: 'let another person review it',
        });
      const reviewed = { ...batch, reviewedBy: by, reviewedAt: this.parts.clock.now() };
      return 'why' in decision
        ? { ...reviewed, status: 'returned', why: decision.why }
        : { ...reviewed, status: 'approved', productionBatch: decision.productionBatch };
    });
  }

  /**
   * The maker's numbers: each person of the batch gets a card that a desk activates when it hands it
   * out. All or none. Throws CARD_BATCH_UNKNOWN (not-found), CARD_BATCH_MOVED_ON, CARD_BATCH_DIFFERS
   * (conflict) and what issuing a card throws.
   */
  produce(
    batchId: string,
    produced: readonly { readonly personId: string; readonly number: string }[],
    by: string,
  ): Promise<CardBatchRow> {
    return this.change(batchId, 'approved', async (transaction, batch) => {
      const entries = await transaction.rows(cardBatchPersonTable).find({ batchId });
      const asked = new Set(entries.map(({ personId }) => personId));
      const numbers = new Map(produced.map(({ personId, number }) => [personId, number]));
      const isSame =
        numbers.size === produced.length &&
        numbers.size === asked.size &&
        [...numbers.keys()].every((personId) => asked.has(personId));
      if (!isSame) throw differs(batchId);
      // In one order: two batches of the same persons wait for each other, and never in a circle.
      for (const personId of [...numbers.keys()].sort())
        await this.parts.issues.issue(transaction, personId, {
          ...{ number: numbers.get(personId)!, mode: 'batch', by, batchId },
          ...{ medium: batch.medium, child: batch.child },
        });
      return { ...batch, status: 'produced', producedAt: this.parts.clock.now() };
    });
  }

  private async known(
    transaction: Transaction,
    batchId: string,
    personIds: readonly string[],
  ): Promise<CardBatchRow> {
    const entries = await transaction.rows(cardBatchPersonTable).find({ batchId });
    const known = await transaction.rows(cardBatchTable).get({ batchId });
    const before = entries.map(({ personId }) => personId).sort();
    if (known && before.join() === personIds.join()) return known;
    throw differs(batchId);
  }

  private change(
    batchId: string,
    from: CardBatchStatus,
    next: (transaction: Transaction, batch: CardBatchRow) => Promise<CardBatchRow>,
  ): Promise<CardBatchRow> {
    return this.parts.store.transact(async (transaction) => {
      const batches = transaction.rows(cardBatchTable);
      const batch = await batches.get({ batchId }, { lock: 'wait' });
      if (!batch) throw new DomainError('CARD_BATCH_UNKNOWN', 'not-found', { batchId });
      if (batch.status !== from)
        throw new DomainError('CARD_BATCH_MOVED_ON', 'conflict', { batchId, status: batch.status });
      const changed = await next(transaction, batch);
      await batches.save(changed);
      return changed;
    });
  }
}

const differs = (batchId: string): DomainError =>
  new DomainError('CARD_BATCH_DIFFERS', 'conflict', { batchId });
