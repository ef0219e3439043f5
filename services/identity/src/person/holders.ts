import type { Frozen, Holder, HolderField } from '@caretab/contracts';
import type { Store } from '@caretab/store';
import { idsOfOne } from '../merge/standing';
import { differences } from './personal-data';
import type { Persons } from './persons';

/** Compares whom a hospital has before it with who is registered, and names fields only. */
export class Holders {
  constructor(private readonly parts: { readonly store: Store; readonly persons: Persons }) {}

  /** Throws PERSON_UNKNOWN, PERSONAL_DATA_DESTROYED (not-found). */
  async compare(personId: string, holder: Frozen<Holder>): Promise<HolderField[]> {
    return this.parts.store.transact(async (transaction) => {
      const own = differences(await this.parts.persons.read(transaction, personId), holder);
      if (own.length === 0) return own;
      // What one registration of a merged person has, is right.
      let differs = own;
      for (const id of await idsOfOne(transaction, personId))
        if (id !== personId) {
          const other = differences(await this.parts.persons.read(transaction, id), holder);
          differs = differs.filter((field) => other.includes(field));
        }
      return differs;
    });
  }
}
