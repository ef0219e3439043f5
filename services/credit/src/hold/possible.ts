import { addsUp, cannotBe } from '@caretab/contracts';
import type { Transaction } from '@caretab/store';
import type { Hold } from './hold';
import type { VisitMessage } from './hold.publisher';
import { holdTable } from './hold.table';

interface OfPerson {
  readonly type: string;
  readonly data: { readonly visitId: string; readonly personId: string };
}

/**
 * The hold of the event's visit, locked. Throws MESSAGE_IMPOSSIBLE (conflict) where the visit is of
 * another person.
 */
export const lockHold = async (
  transaction: Transaction,
  event: OfPerson,
): Promise<Hold | undefined> => {
  const { visitId, personId } = event.data;
  const hold = await transaction.rows(holdTable).get({ visitId }, { lock: 'wait' });
  if (hold && hold.personId !== personId)
    throw cannotBe(event, '/personId', 'the visit is of another person');
  return hold;
};

/** Throws MESSAGE_IMPOSSIBLE (conflict). */
export const assertAddsUp = (event: VisitMessage<'VisitAdjudicated'>): void => {
  if (!addsUp(event.data))
    throw cannotBe(event, '/patientDueFen', 'the parts do not make the whole');
};

/**
 * A settlement frees what its verdict made due, and that verdict came before, under the same key.
 * Throws MESSAGE_IMPOSSIBLE (conflict).
 */
export const assertSettles = (event: VisitMessage<'VisitSettled'>, hold: Hold): void => {
  const { revision, patientDueFen, paidFen, refundedFen } = event.data;
  if (revision > hold.revision || patientDueFen !== hold.dueFen)
    throw cannotBe(event, '/patientDueFen', 'no verdict of this revision made that due');
  if (paidFen - refundedFen !== patientDueFen)
    throw cannotBe(event, '/paidFen', 'what was paid and kept is not what was due');
};

/** Throws MESSAGE_IMPOSSIBLE (conflict). */
export const assertOwes = (event: VisitMessage<'PaymentMissed'>, { dueFen }: Hold): void => {
  if (event.data.owedFen > dueFen) throw cannotBe(event, '/owedFen', 'more than was made due');
};
