import { inForceOn } from './approved-documents';
import type { PlanDocumentRow } from './document.table';

export type ShownDocument = Omit<PlanDocumentRow, 'isPublic' | 'planKind' | 'state'> & {
  readonly state: 'checked' | 'approved' | 'in-force' | 'superseded' | 'ended';
};

const stateOn = (
  row: PlanDocumentRow,
  approved: readonly PlanDocumentRow[],
  today: string,
): ShownDocument['state'] => {
  if (row.state === 'checked') return 'checked';
  if (row.effectiveFrom > today) return 'approved';
  if (inForceOn(approved, row, today)?.version === row.version) return 'in-force';
  return row.effectiveTo !== null && row.effectiveTo < today ? 'ended' : 'superseded';
};

/** A document as its owner reads it; `approved`: those of its plan. */
export const shownDocument = (
  row: PlanDocumentRow,
  approved: readonly PlanDocumentRow[],
  today: string,
): ShownDocument => {
  const { isPublic: _, planKind: __, ...shown } = row;
  return { ...shown, state: stateOn(row, approved, today) };
};
