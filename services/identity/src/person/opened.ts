import { DomainError } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import { type PersonKeyRow, personKeyTable, type PersonRow, personTable } from './person.table';
import type { PersonalData } from './personal-data';
import type { Vault } from './vault';

/** Throws PERSON_UNKNOWN, PERSONAL_DATA_DESTROYED (not-found). */
export const opened = (
  vault: Vault,
  { personId, sealed, destroyedAt }: PersonRow,
  key: PersonKeyRow | undefined,
): PersonalData => {
  if (!sealed && !destroyedAt) throw new DomainError('PERSON_UNKNOWN', 'not-found', { personId });
  if (!sealed || !key) throw new DomainError('PERSONAL_DATA_DESTROYED', 'not-found', { personId });
  return vault.open(personId, key.wrapped, sealed);
};

/** A person whose row is held, with the data key. */
export interface HeldPerson {
  readonly row: PersonRow;
  readonly key: PersonKeyRow | undefined;
}

/** Locks persons until the transaction ends, in one order: who locks others at once waits, never in a circle. */
export const holdPersons = async (
  transaction: Transaction,
  personIds: readonly string[],
): Promise<ReadonlyMap<string, HeldPerson>> => {
  const ids = [...new Set(personIds)];
  if (ids.length === 0) return new Map();
  const rows = await transaction.rows(personTable).lockAll(ids.map((personId) => ({ personId })));
  const keys = await transaction.rows(personKeyTable).find({ personId: { in: ids } });
  const keyOf = new Map(keys.map((key) => [key.personId, key]));
  return new Map(rows.map((row) => [row.personId, { row, key: keyOf.get(row.personId) }]));
};
