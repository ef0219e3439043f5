import type { Bus } from '@caretab/bus';
import { insurerSettlements } from '@caretab/contracts';
import type { Store } from '@caretab/store';
import { approvedDocuments } from './approved-documents';

/**
 * The settlement topics of payers whose plans are documents: made once a plan is approved, which is a
 * day before anything can be settled by it at the least. Until then the outbox waits for the topic.
 */
export class PayerTopics {
  private readonly declared = new Set<string>();

  constructor(
    private readonly store: Store,
    private readonly bus: Pick<Bus, 'declare'>,
  ) {}

  /** Returns 0, as a job that is done. */
  async runOnce(): Promise<number> {
    const approved = await this.store.transact(approvedDocuments);
    const payers = [...new Set(approved.flatMap(({ payerId }) => payerId ?? []))];
    const fresh = payers.filter((payerId) => !this.declared.has(payerId));
    if (fresh.length === 0) return 0;
    await this.bus.declare(
      fresh
        .map(insurerSettlements)
        .map(({ name, partitions, retentionMs }) => ({ name, partitions, retentionMs })),
    );
    for (const payerId of fresh) this.declared.add(payerId);
    return 0;
  }
}
