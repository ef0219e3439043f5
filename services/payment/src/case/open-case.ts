import { derivedId } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import type { Answered } from '../channel/channel';
import { type CaseKind, type CaseResolution, type CaseRow, caseTable } from './case.table';

/** The owner of a case until an operator takes it. */
const FIRST_OWNER = 'payment-desk';

export interface CaseToOpen {
  readonly kind: CaseKind;
  readonly subjectId: string;
  readonly visitId: string | null;
  readonly amountFen: number;
  readonly reason: string;
  readonly asked: Answered;
  readonly answered: Answered | null;
}

/**
 * Opens a case in the caller's transaction, which has locked the visit's collection, or has just
 * kept the statement's row. The same once more is counted on the open case; `isNew` says which.
 */
export const openCase = async (
  transaction: Transaction,
  found: CaseToOpen,
  now: Date,
): Promise<{ readonly caseId: string; readonly isNew: boolean }> => {
  const rows = transaction.rows(caseTable);
  const { subjectId, reason, answered } = found;
  const open = await rows.get({ subjectId, reason, status: 'open' });
  if (open) {
    await rows.save({ ...open, answered, timesSeen: open.timesSeen + 1, lastSeenAt: now });
    return { caseId: open.caseId, isNew: false };
  }
  const number = (await rows.count({ subjectId, reason })) + 1;
  const caseId = derivedId('case', subjectId, reason, String(number));
  await rows.insert({
    ...found,
    caseId,
    status: 'open',
    owner: FIRST_OWNER,
    openedAt: now,
    timesSeen: 1,
    lastSeenAt: now,
    closedAt: null,
    resolution: null,
    declaredBy: null,
    approvedBy: null,
    evidence: null,
  });
  return { caseId, isNew: true };
};

/** Who decided, and by what. */
export interface Decided {
  readonly declaredBy: string;
  readonly approvedBy: string;
  /** The reference of the evidence: a receipt, a letter of the bank. */
  readonly evidence: string;
}

/** Closes every open case of an order or a refund. */
export const closeCases = async (
  transaction: Transaction,
  subjectId: string,
  {
    resolution,
    now,
    decided = {},
  }: {
    readonly resolution: CaseResolution;
    readonly now: Date;
    readonly decided?: Partial<Decided>;
  },
): Promise<void> => {
  const rows = transaction.rows(caseTable);
  const open: CaseRow[] = await rows.find({ subjectId, status: 'open' });
  await rows.save(
    ...open.map((row): CaseRow => ({
      ...row,
      ...decided,
      status: 'closed',
      resolution,
      closedAt: now,
    })),
  );
};
