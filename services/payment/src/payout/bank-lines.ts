import { derivedId } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import { openCase } from '../case/open-case';
import type { Recorded } from '../journal/book-day';
import { accounts, post } from '../journal/journal';
import { type BankEntryRow, bankEntryTable } from './bank-report.table';
import { clearingFlowTable } from './clearing-flow.table';
import { addLine, type Judged, type Line, lockedClearing, unmatched } from './clearing-lines';
import type { BankEntry } from './iso20022/bank-statement';
import { type PayoutInstructionRow, payoutInstructionTable } from './payout-file.table';
import { giveBack } from './payout-files';
import { ofSource } from './remittances';

export const entryIdOf = ({ account, reference }: Pick<BankEntry, 'account' | 'reference'>) =>
  derivedId('bank-entry', account, reference);

/**
 * Books one movement of an account once: by its end-to-end id, or by what its payer wrote. What fits
 * nothing has a case; on the settlement account it is booked as unmatched, so that our account stands
 * as the bank's does. The same movement with other content is a case, and moves nothing. Undefined:
 * a movement of a hospital's account that is no business of ours, of which nothing is kept.
 */
export const bookLine = async (
  transaction: Transaction,
  line: Line,
  recorded: Recorded,
): Promise<Judged | undefined> => {
  const rows = transaction.rows(bankEntryTable);
  const known = await rows.get({ entryId: line.entryId });
  if (known) {
    const isSame = known.amountFen === line.amountFen && known.endToEndId === line.endToEndId;
    if (isSame) return { meaning: known.meaning };
    await openEntryCase(transaction, line, 'ENTRY_CONTRADICTED', recorded.now);
    return unmatched('ENTRY_CONTRADICTED');
  }
  const { entryId, reportId, reference, institutionId, amountFen, valueDate, endToEndId } = line;
  const judged = await judge(transaction, line, recorded);
  if (!judged) return undefined;
  const row: BankEntryRow = {
    ...{ entryId, reportId, reference, institutionId, amountFen, valueDate, endToEndId },
    ...{ meaning: judged.meaning, reason: judged.reason ?? null, readAt: recorded.now },
  };
  await rows.insert(row);
  if (judged.meaning !== 'unmatched') return judged;
  if (institutionId === null && amountFen !== null)
    await post(
      transaction,
      `bank-entry/${entryId}`,
      [
        { account: accounts.bank, amountFen },
        { account: accounts.unmatched, amountFen: -amountFen },
      ],
      recorded,
    );
  await openEntryCase(transaction, line, judged.reason!, recorded.now);
  return judged;
};

const openEntryCase = (transaction: Transaction, line: Line, reason: string, now: Date) =>
  openCase(
    transaction,
    {
      ...{ kind: 'bank-entry', subjectId: line.entryId, visitId: null, reason },
      amountFen: Math.abs(line.amountFen ?? 0),
      asked: {
        ...{ report: line.reportId, reference: line.reference },
        ...(line.endToEndId !== null && { endToEndId: line.endToEndId }),
        ...(line.institutionId !== null && { institutionId: line.institutionId }),
        ...(line.valueDate !== null && { valueDate: line.valueDate }),
      },
      answered: line.amountFen === null ? null : { amountFen: line.amountFen },
    },
    now,
  );

const judge = async (
  transaction: Transaction,
  line: Line,
  recorded: Recorded,
): Promise<Judged | undefined> => {
  if (line.amountFen === null || line.valueDate === null) return unmatched('ENTRY_UNREADABLE');
  if (line.institutionId === null && line.endToEndId !== null) {
    const instruction = await transaction
      .rows(payoutInstructionTable)
      .get({ instructionId: line.endToEndId }, { lock: 'wait' });
    if (instruction) return ofInstruction(transaction, { line, instruction }, recorded);
  }
  // What leaves a hospital's own account is no business of ours.
  if (line.amountFen < 0)
    return line.institutionId === null ? unmatched('ENTRY_UNKNOWN') : undefined;
  return ofSource(transaction, line, recorded);
};

const ofInstruction = async (
  transaction: Transaction,
  { line, instruction }: { readonly line: Line; readonly instruction: PayoutInstructionRow },
  recorded: Recorded,
): Promise<Judged> => {
  const amountFen = line.amountFen!;
  const { status } = instruction;
  if (amountFen < 0 && !line.isReturn) {
    if (-amountFen !== instruction.amountFen) return unmatched('PAYOUT_AMOUNT_DIFFERS');
    if (status === 'paid' || status === 'returned') return unmatched('PAYOUT_PAID_TWICE');
    // Its amounts are payable again, or in another instruction.
    if (status === 'rejected' || status === 'discarded')
      return unmatched('PAYOUT_PAID_AFTER_REJECTION');
    await move(transaction, { line, instruction, sign: 1 }, recorded);
    await keep(transaction, instruction, { line, status: 'paid', now: recorded.now });
    return { meaning: 'paid' };
  }
  if (amountFen !== instruction.amountFen) return unmatched('RETURN_AMOUNT_DIFFERS');
  if (status !== 'paid') return unmatched('RETURN_OF_UNPAID');
  await move(transaction, { line, instruction, sign: -1 }, recorded);
  await giveBack(transaction, [instruction.instructionId]);
  await keep(transaction, instruction, { line, status: 'returned', now: recorded.now });
  await openPayoutCase(
    transaction,
    { ...instruction, reason: line.reason ?? 'RETURNED_WITHOUT_REASON' },
    recorded.now,
  );
  return { meaning: 'returned' };
};

const keep = (
  transaction: Transaction,
  instruction: PayoutInstructionRow,
  {
    line,
    status,
    now,
  }: { readonly line: Line; readonly status: 'paid' | 'returned'; readonly now: Date },
): Promise<void> =>
  transaction.rows(payoutInstructionTable).save({
    ...{ ...instruction, status, bankReference: line.reference, valueDate: line.valueDate },
    ...{ reason: line.reason ?? instruction.reason, changedAt: now },
  });

/** A pay-out that the bank rejected or returned: its amounts are payable again. */
export const openPayoutCase = (
  transaction: Transaction,
  instruction: Pick<
    PayoutInstructionRow,
    'instructionId' | 'messageId' | 'institutionId' | 'amountFen'
  > & { readonly reason: string },
  now: Date,
) => {
  const { instructionId, messageId, institutionId, amountFen, reason } = instruction;
  return openCase(
    transaction,
    {
      ...{ kind: 'payout', subjectId: instructionId, visitId: null, amountFen, reason },
      ...{ asked: { messageId, institutionId, amountFen }, answered: { reason } },
    },
    now,
  );
};

/** Books a pay-out, or that it came back, into the clearings that its amounts are of. */
const move = async (
  transaction: Transaction,
  given: {
    readonly line: Line;
    readonly instruction: PayoutInstructionRow;
    readonly sign: 1 | -1;
  },
  recorded: Recorded,
): Promise<void> => {
  const { line, instruction, sign } = given;
  const { instructionId, institutionId, amountFen } = instruction;
  const flows = await transaction
    .rows(clearingFlowTable)
    .find({ instructionId }, { orderBy: 'clearingId' });
  const byClearing = new Map<string, number>();
  for (const flow of flows)
    byClearing.set(flow.clearingId, (byClearing.get(flow.clearingId) ?? 0) + flow.amountFen);
  const account = accounts.inPayout('institution', institutionId);
  await post(
    transaction,
    `payout/${line.entryId}`,
    [
      { account, amountFen: sign * amountFen },
      { account: accounts.bank, amountFen: -sign * amountFen },
    ],
    recorded,
  );
  await transaction
    .rows(clearingFlowTable)
    .save(...flows.map((flow) => ({ ...flow, settledFen: sign > 0 ? flow.amountFen : 0 })));
  for (const [clearingId, fen] of byClearing)
    await addLine(
      transaction,
      (await lockedClearing(transaction, { clearingId }))!,
      { party: 'institution', partyId: institutionId, amountFen: sign * fen },
      { line, now: recorded.now },
    );
};
