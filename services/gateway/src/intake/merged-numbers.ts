import { DomainError } from '@caretab/kernel';
import { instantColumn, table, textColumn, type Transaction } from '@caretab/store';
import { eventTable } from './intake.table';

/** Two numbers of a hospital are one patient's: keyed hashes, as visits keep them. */
export interface MergedNumberRow {
  readonly formerHash: string;
  readonly survivingHash: string;
  readonly institutionId: string;
  readonly mergedAt: Date;
}

export const mergedNumberTable = table<MergedNumberRow>({
  name: 'merged_number',
  columns: {
    formerHash: textColumn('former_hash', { primary: true }),
    survivingHash: textColumn('surviving_hash'),
    institutionId: textColumn('institution_id'),
    mergedAt: instantColumn('merged_at'),
  },
});

/** Numbers that were merged into one another, one after the other. */
const CHAIN_MAX = 10;

/** For whom visits were opened under a number. */
const personsOf = async (transaction: Transaction, hash: string): Promise<readonly string[]> => {
  const groups = await transaction
    .rows(eventTable)
    .group({ patientNumberHash: hash, type: 'VisitStarted' }, { by: ['personId'] });
  return groups.flatMap(({ values: { personId } }) => personId ?? []);
};

const survivorOf = async (transaction: Transaction, hash: string): Promise<string> => {
  let survivor = hash;
  for (let step = 0; step < CHAIN_MAX; step += 1) {
    const row = await transaction.rows(mergedNumberTable).get({ formerHash: survivor });
    if (!row) return survivor;
    survivor = row.survivingHash;
  }
  return survivor;
};

/**
 * Notes that a number was merged into another, where visits were opened under it; the same again
 * changes nothing. Throws PERSON_DIFFERS (conflict) where both have visits, of different persons:
 * then nothing is noted.
 */
export const mergeNumbers = async (
  transaction: Transaction,
  row: MergedNumberRow,
): Promise<void> => {
  const { formerHash, survivingHash } = row;
  const former = await personsOf(transaction, formerHash);
  const persons = new Set([...former, ...(await personsOf(transaction, survivingHash))]);
  if (persons.size > 1)
    throw new DomainError('PERSON_DIFFERS', 'conflict', {
      field: 'MRG-1',
      why: 'visits were opened under both patient numbers, for different persons',
      remedy: 'check which visits belong to whom; cancel those that were opened for another person',
    });
  // Each number leads to one that stays: no circle, and no number is left behind.
  const from = await survivorOf(transaction, formerHash);
  const to = await survivorOf(transaction, survivingHash);
  if (
    from === to ||
    (former.length === 0 && from === formerHash && !(await isKnown(transaction, from)))
  )
    return;
  await transaction.rows(mergedNumberTable).save({ ...row, formerHash: from, survivingHash: to });
};

/** Whether another number was merged into this one. */
const isKnown = async (transaction: Transaction, hash: string): Promise<boolean> =>
  (await transaction.rows(mergedNumberTable).count({ survivingHash: hash })) > 0;

/** Forgets what was noted of these numbers, and of those that they were merged with. */
export const forgetMerges = async (
  transaction: Transaction,
  hashes: readonly string[],
): Promise<number> => {
  const rows = transaction.rows(mergedNumberTable);
  let forgotten = 0;
  for (let next = hashes; next.length > 0;) {
    const known = { in: next };
    const found = [
      ...(await rows.find({ formerHash: known })),
      ...(await rows.find({ survivingHash: known })),
    ];
    await rows.delete({ formerHash: known });
    await rows.delete({ survivingHash: known });
    forgotten += found.length;
    next = [...new Set(found.flatMap((row) => [row.formerHash, row.survivingHash]))];
  }
  return forgotten;
};

/**
 * Whether a visit that was opened under one number may be named by another: the two were merged, and
 * no other person was seen under the other one.
 */
export const isSamePatient = async (
  transaction: Transaction,
  given: string,
  start: { readonly patientNumberHash: string; readonly personId: string | null },
): Promise<boolean> => {
  const survivors = await Promise.all([
    survivorOf(transaction, given),
    survivorOf(transaction, start.patientNumberHash),
  ]);
  if (survivors[0] !== survivors[1]) return false;
  const persons = await personsOf(transaction, given);
  return persons.every((personId) => personId === start.personId);
};
