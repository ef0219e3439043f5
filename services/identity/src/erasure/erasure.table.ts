import type { ErasureObstacle } from '@caretab/contracts';
import { instantColumn, jsonColumn, table, textColumn } from '@caretab/store';

/**
 * `requested` (written down before another service is asked) → `closing` (the service is closed,
 * the closing notice goes out) → `destroying` (gone here; other services follow) → `done` |
 * `refused`: something stood in the way, and nothing was destroyed.
 */
export type ErasureStatus = 'requested' | 'closing' | 'destroying' | 'done' | 'refused';

export const UNDER_WAY: readonly ErasureStatus[] = ['requested', 'closing', 'destroying'];

export interface DestroyedRows {
  readonly service: string;
  readonly table: string;
  readonly rows: number;
}

/** One request to erase a person: its state, and in the end the receipt. */
export interface ErasureRow {
  readonly erasureId: string;
  readonly personId: string;
  readonly status: ErasureStatus;
  readonly requestedAt: Date;
  readonly closedAt: Date | null;
  readonly destroyedAt: Date | null;
  readonly doneAt: Date | null;
  readonly closingNotice: 'sent' | 'failed' | 'unconfirmed' | 'skipped' | 'not-in-time' | null;
  readonly refused: readonly ErasureObstacle[];
  /** Services that have not said yet what they destroyed. */
  readonly waitsFor: readonly string[];
  readonly destroyed: readonly DestroyedRows[];
}

export const erasureTable = table<ErasureRow>({
  name: 'erasure',
  columns: {
    erasureId: textColumn('erasure_id', { primary: true }),
    personId: textColumn('person_id'),
    status: textColumn(),
    requestedAt: instantColumn('requested_at'),
    closedAt: instantColumn('closed_at', { nullable: true }),
    destroyedAt: instantColumn('destroyed_at', { nullable: true }),
    doneAt: instantColumn('done_at', { nullable: true }),
    closingNotice: textColumn('closing_notice', { nullable: true }),
    refused: jsonColumn(),
    waitsFor: jsonColumn('waits_for'),
    destroyed: jsonColumn(),
  },
});

/**
 * That an ID number was this person's, by a keyed hash of its own: it recognises who registers
 * again, and finds nothing else.
 */
export interface ErasedPersonRow {
  readonly registryIndex: string;
  readonly personId: string;
  readonly erasedAt: Date;
  readonly keptUntil: Date;
}

export const erasedPersonTable = table<ErasedPersonRow>({
  name: 'erased_person',
  columns: {
    registryIndex: textColumn('registry_index', { primary: true }),
    personId: textColumn('person_id'),
    erasedAt: instantColumn('erased_at'),
    keptUntil: instantColumn('kept_until'),
  },
});
