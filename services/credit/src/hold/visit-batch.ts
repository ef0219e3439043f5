import { type ContractEvent, on, visitLedgerVisits } from '@caretab/contracts';
import { contentOf } from '@caretab/bus';
import type { Store, Transaction } from '@caretab/store';
import { accountTable } from '../account/account.table';
import { enrolmentTable } from '../enrolment/enrolment.table';
import type { Holds } from './holds';
import { holdTable } from './hold.table';

export const HOLD_GROUP = 'credit.hold';

export type VisitEvent = ContractEvent<typeof visitLedgerVisits>;

/**
 * Handles a batch of visits' events in one transaction, each event once. All rows are locked
 * beforehand, in one order for every batch (enrolments, holds, accounts; each by id): two batches
 * that share lines then wait for each other and never deadlock.
 */
export class VisitBatches {
  constructor(private readonly parts: { readonly store: Store; readonly holds: Holds }) {}

  /**
   * Throws what the first event that cannot be handled throws; nothing of the batch is done then.
   */
  handle(events: readonly VisitEvent[]): Promise<void> {
    return this.parts.store.transact(async (transaction) => {
      const ours = events.filter(isOurs);
      const marks = ours.map((event) => ({ messageId: event.id, content: contentOf(event) }));
      const isFresh = await transaction.markAllHandled(HOLD_GROUP, marks);
      const fresh = ours.filter((_event, index) => isFresh[index]);
      await lockRows(transaction, fresh);
      for (const event of fresh) await this.one(event, transaction);
    });
  }

  private one(event: VisitEvent, transaction: Transaction): Promise<void> | undefined {
    const { holds } = this.parts;
    return on(visitLedgerVisits, event, {
      VisitOpened: (opened) => holds.authorize(opened, transaction),
      HoldIncreaseRequested: (requested) => holds.increase(requested, transaction),
      ChargeDeferred: 'ignore',
      ChargeNotDeferred: 'ignore',
      ChargeConflictFound: 'ignore',
      ChargeReversed: 'ignore',
      VisitCancelled: (cancelled) => holds.cancel(cancelled, transaction),
      VisitClosed: 'ignore',
      VisitAdjudicated: (adjudicated) => holds.fixDue(adjudicated, transaction),
      VisitSettled: (settled) => holds.payOff(settled, transaction),
      PaymentMissed: (missed) => holds.miss(missed, transaction),
    });
  }
}

const OURS: ReadonlySet<string> = new Set([
  'VisitOpened',
  'HoldIncreaseRequested',
  'VisitCancelled',
  'VisitAdjudicated',
  'VisitSettled',
  'PaymentMissed',
]);

/**
 * Most events of a visit are charges, which are none of credit's business: they are not even
 * marked.
 */
const isOurs = (event: VisitEvent): boolean => OURS.has(event.type);

const lockRows = async (transaction: Transaction, events: readonly VisitEvent[]): Promise<void> => {
  if (events.length < 2) return; // One event takes its locks in the same order by itself.
  const opened = events.flatMap((event) =>
    event.type === 'VisitOpened' ? [event.data.personId] : [],
  );
  const later = events.flatMap((event) =>
    event.type === 'VisitOpened' ? [] : [event.data.visitId],
  );
  const told = events.flatMap((event) =>
    'accountPersonId' in event.data ? [event.data.accountPersonId] : [],
  );
  const enrolments = await transaction
    .rows(enrolmentTable)
    .lockAll(opened.map((personId) => ({ personId })));
  const holds = await transaction.rows(holdTable).lockAll(later.map((visitId) => ({ visitId })));
  const accounts = [
    ...told,
    ...enrolments.map(({ accountPersonId }) => accountPersonId),
    ...holds.map(({ accountPersonId }) => accountPersonId),
  ];
  await transaction
    .rows(accountTable)
    .lockAll(accounts.map((accountPersonId) => ({ accountPersonId })));
};
