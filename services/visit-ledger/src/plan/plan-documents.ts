import { documentsOf, isByDocuments, isDocumentKnown, knowDocument } from '@caretab/benefits';
import type { adjudicationClaims, ContractEvent, Coverage } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { planDocumentTable } from './plan-document.table';

/** The documents that coverages name: compiled in this process before a charge is decided by them. */
export class PlanDocuments {
  constructor(private readonly store: Store) {}

  /** A coverage is recorded once the documents that it names are here. Throws what `know` throws. */
  async knowAll(events: readonly ContractEvent<typeof adjudicationClaims>[]): Promise<void> {
    for (const event of events)
      if (event.type === 'CoverageDetermined') await this.know(event.data.coverage);
  }

  /**
   * Throws PLAN_NOT_RECEIVED (awaited) while a document is not here: nothing is guessed in its place.
   */
  async know(coverage: Coverage | undefined): Promise<void> {
    if (!coverage || !isByDocuments(coverage)) return;
    const missing = documentsOf(coverage).filter((version) => !isDocumentKnown(version));
    if (missing.length === 0) return;
    const rows = await this.store.transact((transaction) =>
      transaction.rows(planDocumentTable).find({ version: { in: missing } }),
    );
    for (const row of rows) knowDocument(row);
    const version = missing.find((each) => !isDocumentKnown(each));
    if (version !== undefined) throw new DomainError('PLAN_NOT_RECEIVED', 'awaited', { version });
  }
}
