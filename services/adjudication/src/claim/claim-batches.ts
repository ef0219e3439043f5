import { type ContractEvent, on, visitLedgerVisits } from '@caretab/contracts';
import { contentOf } from '@caretab/bus';
import type { Store, Transaction } from '@caretab/store';
import { memberTable } from '../membership/membership.table';
import type { Claims } from './claims';

export const CLAIM_GROUP = 'adjudication.claim';

export type VisitEvent = ContractEvent<typeof visitLedgerVisits>;

/**
 * Handles a batch of visits' events in one transaction, each event once. The persons whose visits
 * ended are locked beforehand, in one order for every batch. A person's accumulators and accounts
 * are changed under that lock only, so two batches that share persons wait for each other and never
 * deadlock.
 */
export class ClaimBatches {
  constructor(private readonly parts: { readonly store: Store; readonly claims: Claims }) {}

  /**
   * Throws what the first event that cannot be handled throws; nothing of the batch is done then.
   */
  handle(events: readonly VisitEvent[]): Promise<void> {
    return this.parts.store.transact(async (transaction) => {
      const ours = events.filter(isOurs);
      const marks = ours.map((event) => ({ messageId: event.id, content: contentOf(event) }));
      const isFresh = await transaction.markAllHandled(CLAIM_GROUP, marks);
      const fresh = ours.filter((_event, index) => isFresh[index]);
      await lockPersons(transaction, fresh);
      for (const event of fresh) await this.one(event, transaction);
    });
  }

  private one(event: VisitEvent, transaction: Transaction): Promise<void> | undefined {
    const { claims } = this.parts;
    return on(visitLedgerVisits, event, {
      VisitOpened: (opened) => claims.determine(opened, transaction),
      VisitClosed: (closed) => claims.adjudicate(closed, transaction),
      HoldIncreaseRequested: 'ignore',
      ChargeDeferred: 'ignore',
      ChargeNotDeferred: 'ignore',
      ChargeConflictFound: 'ignore',
      ChargeReversed: 'ignore',
      VisitCancelled: 'ignore',
      VisitAdjudicated: 'ignore',
      VisitSettled: 'ignore',
      PaymentMissed: 'ignore',
    });
  }
}

/** Most events of a visit are charges: what is ignored is not even marked. */
const isOurs = ({ type }: VisitEvent): boolean => type === 'VisitOpened' || type === 'VisitClosed';

/** A person with accumulators has memberships, and memberships are never without this row. */
const lockPersons = async (
  transaction: Transaction,
  events: readonly VisitEvent[],
): Promise<void> => {
  const ended = events.flatMap((event) =>
    event.type === 'VisitClosed' ? [{ personId: event.data.personId }] : [],
  );
  await transaction.rows(memberTable).lockAll(ended);
};
