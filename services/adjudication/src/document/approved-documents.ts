import { isDocumentKnown, knowDocument } from '@caretab/benefits';
import { assert } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import { type PlanDocumentRow, planDocumentTable, planFileTable } from './document.table';

/** Every document that two persons approved: some for each plan, without what they say. */
export const approvedDocuments = (transaction: Transaction): Promise<PlanDocumentRow[]> =>
  transaction.rows(planDocumentTable).find({ state: 'approved' });

type Named = Pick<PlanDocumentRow, 'kind' | 'name'>;

/**
 * The document of a plan, or the coordination file, that is in force on a day: of those that have
 * begun the latest, unless it has ended.
 */
export const inForceOn = (
  documents: readonly PlanDocumentRow[],
  { kind, name }: Partial<Named> & Pick<Named, 'kind'>,
  day: string,
): PlanDocumentRow | undefined => {
  const [latest] = documents
    .filter((it) => it.kind === kind && (name === undefined || it.name === name))
    .filter(({ effectiveFrom }) => effectiveFrom <= day)
    .sort((a, b) => (a.effectiveFrom < b.effectiveFrom ? 1 : -1));
  return latest && (latest.effectiveTo === null || day <= latest.effectiveTo) ? latest : undefined;
};

/** Reads what this process has not read yet: from then on the versions are known to it. */
export const knowDocuments = async (
  transaction: Transaction,
  documents: readonly Pick<PlanDocumentRow, 'version' | 'kind'>[],
): Promise<void> => {
  for (const { version, kind } of documents) {
    if (isDocumentKnown(version)) continue;
    const row = await transaction.rows(planFileTable).get({ version });
    assert(row, 'a document that is approved is kept whole');
    knowDocument({ version, kind, file: row.file });
  }
};
