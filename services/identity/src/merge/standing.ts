import { DomainError } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import { personTable } from '../person/person.table';

/** Persons who are merged into one are read to so many. */
export const MERGED_MAX = 20;

/** Whom a merged person is; the person's own id of anyone else. */
export const survivorOf = async (transaction: Transaction, personId: string): Promise<string> =>
  (await transaction.rows(personTable).get({ personId }))?.mergedInto ?? personId;

/** Of those who are merged, into whom, by who is. */
export const survivorsOf = async (
  transaction: Transaction,
  personIds: readonly string[],
): Promise<ReadonlyMap<string, string>> => {
  const personId = { in: [...new Set(personIds)] };
  const rows = await transaction.rows(personTable).find({ personId, mergedInto: { gt: '' } });
  return new Map(rows.map((row) => [row.personId, row.mergedInto!]));
};

/** Who is merged into this person. */
export const mergedInto = async (
  transaction: Transaction,
  survivorId: string,
): Promise<readonly string[]> => {
  const rows = await transaction
    .rows(personTable)
    .find({ mergedInto: survivorId }, { orderBy: 'personId', countMax: MERGED_MAX });
  return rows.map(({ personId }) => personId);
};

/** All ids of the human being whose id this is, the survivor's first. */
export const idsOfOne = async (
  transaction: Transaction,
  personId: string,
): Promise<readonly string[]> => {
  const survivorId = await survivorOf(transaction, personId);
  return [survivorId, ...(await mergedInto(transaction, survivorId))];
};

/** Throws PERSON_MERGED (conflict): what is changed of them is changed of the survivor. */
export const assertNotMerged = async (
  transaction: Transaction,
  ...personIds: readonly string[]
): Promise<void> => {
  for (const personId of personIds) {
    const survivorId = await survivorOf(transaction, personId);
    if (survivorId !== personId)
      throw new DomainError('PERSON_MERGED', 'conflict', { personId, survivorId });
  }
};
