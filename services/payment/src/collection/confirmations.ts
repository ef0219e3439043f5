import { type Clock, DomainError } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import type { CaseCursor } from '../case/cursor';
import { closeCases, openCase } from '../case/open-case';
import { type CollectionRow, collectionTable } from './collection.table';
import { collectibleFen, evenStatus } from './owed';
import { paymentAwaitsConfirmation, paymentDisputed } from './payment-events';
import type { CollectionPolicy } from './policy';

const PRESENCE_DENIED = 'PRESENCE_DENIED';
const PAGE_ROWS = 100;

type Unconfirmed = Extract<CollectionRow['status'], 'awaiting-confirmation' | 'disputed'>;

/**
 * Whether nothing may be debited by itself: the visit was opened by a typed number, and who pays has
 * not confirmed that it is theirs. Money that they bring themselves needs no confirmation.
 */
export const isUnconfirmed = (
  { presence, confirmation }: Pick<CollectionRow, 'presence' | 'confirmation'>,
  { presence: rules }: Pick<CollectionPolicy, 'presence'>,
): boolean => presence === 'typed' && rules.typed === 'confirm' && confirmation !== 'given';

/** The collection waits for who pays, who is asked; one that was denied waits for staff. */
export const awaiting = (
  transaction: Transaction,
  row: CollectionRow,
  now: Date,
): CollectionRow => {
  if (row.confirmation === 'denied') return { ...row, status: 'disputed', nextAttemptAt: null };
  transaction.publish(paymentAwaitsConfirmation(row, collectibleFen(row), now));
  return { ...row, status: 'awaiting-confirmation', nextAttemptAt: null };
};

/** The collection as it goes on once it is certain that the visit is theirs. */
export const confirmedRow = (row: CollectionRow, now: Date): CollectionRow => ({
  ...row,
  confirmation: 'given',
  ...(collectibleFen(row) > 0
    ? ({ status: 'due', nextAttemptAt: now } as const)
    : ({ status: evenStatus(row), nextAttemptAt: null } as const)),
});

/** What who pays says of a visit that was opened by a typed number. */
export class Confirmations {
  constructor(private readonly parts: { readonly store: Store; readonly clock: Clock }) {}

  /**
   * Yes: it is collected. No: it is not, and staff look at it; a yes may still follow. The same
   * again changes nothing. Returns who is to pay. Throws VISIT_UNKNOWN (not-found),
   * CONFIRMATION_NOT_AWAITED (conflict).
   */
  answer(visitId: string, isTheirs: boolean): Promise<string> {
    return this.parts.store.transact(async (transaction) => {
      const rows = transaction.rows(collectionTable);
      const row = await rows.get({ visitId }, { lock: 'wait' });
      if (!row) throw new DomainError('VISIT_UNKNOWN', 'not-found', { visitId });
      const { accountPersonId } = row;
      if (row.confirmation === (isTheirs ? 'given' : 'denied')) return accountPersonId;
      if (row.status !== 'awaiting-confirmation' && row.status !== 'disputed')
        throw new DomainError('CONFIRMATION_NOT_AWAITED', 'conflict', { visitId });
      const now = this.parts.clock.now();
      if (isTheirs) {
        await rows.save(confirmedRow(row, now));
        await closeCases(transaction, row.paymentId, { resolution: 'answered', now });
      } else await this.deny(transaction, row, now);
      return accountPersonId;
    });
  }

  /** A page of visits that wait, the oldest end first. */
  list(status: Unconfirmed, after: CaseCursor | undefined) {
    return this.parts.store.transact(async (transaction) => {
      const { rows, next } = await transaction.rows(collectionTable).page(
        { status },
        {
          ...{ orderBy: 'closedAt', countMax: PAGE_ROWS },
          after: after && { closedAt: after.openedAt, paymentId: after.caseId },
        },
      );
      const visits = rows.map((row) => {
        const { visitId, institutionId, accountPersonId, closedAt: endedAt } = row;
        return {
          visitId,
          institutionId,
          accountPersonId,
          status,
          openFen: collectibleFen(row),
          endedAt,
        };
      });
      return { visits, next: next && { openedAt: next.closedAt!, caseId: next.paymentId! } };
    });
  }

  private async deny(transaction: Transaction, row: CollectionRow, now: Date): Promise<void> {
    const { paymentId, visitId } = row;
    const amountFen = collectibleFen(row);
    const denied = { ...row, confirmation: 'denied', status: 'disputed' } as const;
    await transaction.rows(collectionTable).save({ ...denied, nextAttemptAt: null });
    const found = {
      ...({ kind: 'presence', subjectId: paymentId, visitId, amountFen } as const),
      ...{ reason: PRESENCE_DENIED, asked: { paymentId, amountFen }, answered: null },
    };
    const { caseId, isNew } = await openCase(transaction, found, now);
    if (isNew)
      transaction.publish(
        paymentDisputed(row, { amountFen, caseId, reason: PRESENCE_DENIED, now }),
      );
  }
}
