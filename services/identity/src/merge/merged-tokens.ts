import type { Role } from '@caretab/access';
import type { Transaction } from '@caretab/store';
import { citizensIn } from '../guardianship/wards';
import { subjectTable } from '../subject/subject.table';
import { mergedTokenTable } from './merge.table';

/** Subjects of one person, by far more than there are. */
const SUBJECTS_MAX = 1000;

/** Keeps who gets a token for persons that a merge alone adds to their own. */
export const noteMerged = async (
  transaction: Transaction,
  subjectId: string,
  { roles, today }: { readonly roles: readonly Role[]; readonly today: readonly Role[] },
): Promise<void> => {
  const persons = citizensIn(today);
  if (persons.length === citizensIn(roles).length) return;
  const rows = transaction.rows(mergedTokenTable);
  for (const personId of persons) await rows.insertIfAbsent({ subjectId, personId });
};

/** Tokens that name one of these persons by a merge are void. */
export const endTokens = async (
  transaction: Transaction,
  personIds: readonly string[],
  voidBefore: Date,
): Promise<void> => {
  const rows = transaction.rows(mergedTokenTable);
  const personId = { in: [...personIds] };
  const given = await rows.find({ personId }, { orderBy: 'subjectId', countMax: SUBJECTS_MAX });
  const subjectId = { in: [...new Set(given.map((row) => row.subjectId))] };
  if (given.length > 0) await transaction.rows(subjectTable).update({ subjectId }, { voidBefore });
  await rows.delete({ personId });
};
