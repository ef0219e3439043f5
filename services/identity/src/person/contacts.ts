import type { Transaction } from '@caretab/store';
import { personKeyTable, type PersonRow, personTable } from './person.table';
import { type Contact, contactOf } from './personal-data';
import type { Vault } from './vault';

/** How persons are reached, and whose data is destroyed; who is in neither is not known. */
export interface Reached {
  readonly contacts: readonly (Contact & { readonly personId: string })[];
  readonly destroyed: readonly string[];
}

/** Two reads, and two more where one of them is merged: then by the survivor's contact. */
export const contactsOf = async (
  transaction: Transaction,
  vault: Pick<Vault, 'open'>,
  personIds: readonly string[],
): Promise<Reached> => {
  const asked = [...new Set(personIds)];
  const own = await read(transaction, asked);
  const survivors = [...own.persons.values()].flatMap(({ mergedInto }) => mergedInto ?? []);
  const others = survivors.length > 0 ? await read(transaction, survivors) : own;
  const contacts: (Contact & { readonly personId: string })[] = [];
  const destroyed: string[] = [];
  for (const personId of asked) {
    const person = own.persons.get(personId);
    if (!person) continue;
    const id = person.mergedInto ?? personId;
    const { persons, wrapped } = id === personId ? own : others;
    const of = persons.get(id);
    const key = wrapped.get(id);
    if (of?.sealed && key)
      contacts.push({ personId, ...contactOf(vault.open(id, key, of.sealed)) });
    else if (of?.sealed || of?.destroyedAt) destroyed.push(personId);
  }
  return { contacts, destroyed };
};

const read = async (
  transaction: Transaction,
  personIds: readonly string[],
): Promise<{
  readonly persons: ReadonlyMap<string, PersonRow>;
  readonly wrapped: ReadonlyMap<string, Buffer>;
}> => {
  const personId = { in: [...new Set(personIds)] };
  const persons = await transaction.rows(personTable).find({ personId });
  const keys = await transaction.rows(personKeyTable).find({ personId });
  return {
    persons: new Map(persons.map((person) => [person.personId, person])),
    wrapped: new Map(keys.map((key) => [key.personId, key.wrapped])),
  };
};
