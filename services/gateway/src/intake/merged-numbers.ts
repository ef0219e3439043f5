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
/** Persons of one number that are looked at. */
const PERSONS_MAX = 2;

/** Whose visits were opened under a number. */
const personsOf = async (transaction: Transaction, hash: string): Promise<readonly string[]> => {
  const visits = await transaction
    .rows(eventTable)
    .find(
      { patientNumberHash: hash, type: 'VisitStarted' },
      { orderBy: 'acceptedAt', descending: true, countMax: PERSONS_MAX },
    );
  return visits.flatMap(({ personId }) => personId ?? []);
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
 * Notes that a number was merged into another; the same again changes nothing. Throws PERSON_DIFFERS
 * (conflict) where both have visits, of different persons: then nothing is noted.
 */
export const mergeNumbers = async (
  transaction: Transaction,
  row: MergedNumberRow,
): Promise<void> => {
  const { formerHash, survivingHash } = row;
  if (formerHash === survivingHash) return;
  const persons = new Set([
    ...(await personsOf(transaction, formerHash)),
    ...(await personsOf(transaction, survivingHash)),
  ]);
  if (persons.size > 1)
    throw new DomainError('PERSON_DIFFERS', 'conflict', {
      field: 'MRG-1',
      why: 'visits were opened under both patient numbers, for different persons',
      remedy: 'check which visits belong to whom; cancel those that were opened for another person',
    });
  // A merge in the other direction would make a circle.
  if ((await survivorOf(transaction, survivingHash)) === formerHash) return;
  await transaction.rows(mergedNumberTable).save(row);
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
