import type { RecordedEvent } from '@caretab/event-store';
import type { Table } from '@caretab/store';
import { factOf, recordedAtOf } from '../visit/stored-facts';
import type { VisitEvent } from '../visit/visit-events';

/** A fact with the moment it was recorded. */
export type RecordedFact = VisitEvent & { readonly recordedAt: Date };

export const recordedFact = (event: RecordedEvent): RecordedFact => ({
  ...factOf(event),
  recordedAt: recordedAtOf(event),
});

/** A read model: rows that are nothing but the fold of the facts that concern their key. */
export interface View<Row extends object = object> {
  readonly table: Table<Row>;
  readonly keyField: keyof Row & string;
  /** Keys of the rows that a fact changes. */
  keysOf(fact: RecordedFact): readonly string[];
  apply(row: Row | undefined, fact: RecordedFact, key: string): Row;
}
