import { DomainError } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import { type PlanDocumentRow, planDocumentTable } from './document.table';

/** Whose documents are meant: an insurer's own, or the bureau's. */
export type Owner = { readonly payerId: string } | 'bureau';

export const whereOf = (owner: Owner) =>
  owner === 'bureau' ? { isPublic: true } : { isPublic: false, payerId: owner.payerId };

/** A document of its owner. Throws PLAN_DOCUMENT_UNKNOWN (not-found). */
export const knownDocument = async (
  transaction: Transaction,
  owner: Owner,
  version: string,
  lock?: 'wait',
): Promise<PlanDocumentRow> => {
  const row = await transaction
    .rows(planDocumentTable)
    .get({ version, ...whereOf(owner) }, lock && { lock });
  if (!row) throw new DomainError('PLAN_DOCUMENT_UNKNOWN', 'not-found', { version });
  return row;
};
