import { DomainError } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import { deathTable, type DeathRow } from './death.table';

/** What was recorded last; undefined: nothing ever was. */
export const lastDeath = async (
  transaction: Transaction,
  personId: string,
): Promise<DeathRow | undefined> => {
  const latest = { orderBy: 'revision', descending: true, countMax: 1 } as const;
  return (await transaction.rows(deathTable).find({ personId }, latest))[0];
};

/** Throws PERSON_DIED (conflict): for who has died nothing is opened or agreed to. */
export const assertAlive = async (
  transaction: Transaction,
  ...personIds: readonly string[]
): Promise<void> => {
  for (const personId of new Set(personIds))
    if ((await lastDeath(transaction, personId))?.died)
      throw new DomainError('PERSON_DIED', 'conflict', { personId });
};
