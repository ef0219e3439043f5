import type { RecordedEvent } from '@caretab/event-store';
import type { Transaction } from '@caretab/store';
import { applyTo, views } from './folding';
import { recordedFact, type RecordedFact } from './view';
import { visitView } from './visit.view';

/** Rows of all views that are held before they are written: some 50 MB. */
const ROWS_MAX = 20_000;

/**
 * Folds a log into views that are empty at its beginning. A row is held from page to page, and
 * written when there are too many of them, not at each page; before the first writing none is read.
 */
export class Refold {
  private readonly held = views.map(() => new Map<string, any>());
  private hasWritten = false;

  constructor(
    private readonly transaction: Transaction,
    private readonly rowsMax = ROWS_MAX,
  ) {}

  async fold(events: readonly RecordedEvent[]): Promise<void> {
    const facts = events.map(recordedFact);
    if (this.hasWritten) await this.readBack(facts);
    views.forEach((view, index) => facts.forEach((fact) => applyTo(view, this.held[index]!, fact)));
    if (this.held.reduce((sum, rows) => sum + rows.size, 0) > this.rowsMax) await this.write();
  }

  async write(): Promise<void> {
    for (const [index, view] of views.entries()) {
      const rows = this.held[index]!;
      if (rows.size > 0) await this.transaction.rows<any>(view.table).save(...rows.values());
      rows.clear();
    }
    this.hasWritten = true;
  }

  /** Whether a visit is among the rows that are still to be written. */
  holds(visitId: string): boolean {
    return this.held[views.indexOf(visitView)]!.has(visitId);
  }

  private async readBack(facts: readonly RecordedFact[]): Promise<void> {
    for (const [index, view] of views.entries()) {
      const rows = this.held[index]!;
      const keys = new Set(facts.flatMap((fact) => view.keysOf(fact)));
      const unknown = [...keys].filter((key) => !rows.has(key));
      if (unknown.length === 0) continue;
      const read = await this.transaction
        .rows<any>(view.table)
        .find({ [view.keyField]: { in: unknown } });
      for (const row of read) rows.set(row[view.keyField], row);
    }
  }
}
