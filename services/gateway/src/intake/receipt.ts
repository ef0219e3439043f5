import type { Transaction } from '@caretab/store';
import { holderNoted, type Noted } from './holder';
import type { AcceptedEvent, IntakeRow } from './intake.table';

/** The answer to an accepted message; a repetition gets the first one again. */
export interface Receipt extends Noted {
  readonly visitId: string;
  readonly events: readonly AcceptedEvent[];
  readonly repeated: boolean;
  /** It was judged and applied to nothing. */
  readonly test?: true;
}

/** The first answer again, to a message that is repeated. */
export const firstAnswer = async (transaction: Transaction, known: IntakeRow): Promise<Receipt> => {
  const { visitId, events } = known;
  return { visitId, ...(await holderNoted(transaction, known)), events, repeated: true };
};
