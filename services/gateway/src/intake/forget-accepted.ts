import { stream, type Transaction } from '@caretab/store';
import { eventTable, intakeTable } from './intake.table';
import { forgetMerges } from './merged-numbers';
import { NO_NUMBERS, numberHashesOf } from './opened-visits';

/** Rows by table. */
export interface ForgottenRows {
  readonly intake: number;
  readonly accepted_event: number;
  readonly merged_number: number;
}

/**
 * Forgets the raw messages that were accepted of one person, and the keyed numbers under which
 * hospitals know the patient. What was made of the messages stays.
 */
export const forgetAccepted = async (
  transaction: Transaction,
  personId: string,
): Promise<ForgottenRows> => {
  const intake = transaction.rows(intakeTable);
  const forgotten = { intake: 0, accepted_event: 0, merged_number: 0 };
  for await (const rows of stream(intake, { personId, forgotten: false }, { lock: 'wait' })) {
    await intake.save(...rows.map((row) => ({ ...row, sealed: null, forgotten: true })));
    forgotten.intake += rows.length;
  }
  const events = transaction.rows(eventTable);
  const numbered = { personId, patientNumberHash: { gt: '' } };
  forgotten.merged_number += await forgetMerges(transaction, { personId });
  for await (const rows of stream(events, numbered, { lock: 'wait' })) {
    forgotten.merged_number += await forgetMerges(transaction, {
      hashes: rows.flatMap(numberHashesOf),
    });
    await events.save(...rows.map((row) => ({ ...row, ...NO_NUMBERS })));
    forgotten.accepted_event += rows.length;
  }
  return forgotten;
};
