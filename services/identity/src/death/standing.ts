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

/** Those of them who have died. */
export const deadAmong = async (
  transaction: Transaction,
  personIds: readonly string[],
): Promise<ReadonlySet<string>> => {
  const ids = [...new Set(personIds)];
  if (ids.length === 0) return new Set();
  const deaths = await transaction
    .rows(deathTable)
    .find({ personId: { in: ids } }, { orderBy: 'revision' });
  const died = new Map(deaths.map((row) => [row.personId, row.died]));
  return new Set(ids.filter((id) => died.get(id)));
};

export const personDied = (personId: string): DomainError =>
  new DomainError('PERSON_DIED', 'conflict', { personId });

/** Throws PERSON_DIED (conflict): for who has died nothing is opened or agreed to. */
export const assertAlive = async (
  transaction: Transaction,
  ...personIds: readonly string[]
): Promise<void> => {
  const [dead] = await deadAmong(transaction, personIds);
  if (dead !== undefined) throw personDied(dead);
};
