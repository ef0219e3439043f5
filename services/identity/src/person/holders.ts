import type { Frozen, Holder, HolderField } from '@caretab/contracts';
import type { Store } from '@caretab/store';
import { differences } from './personal-data';
import type { Persons } from './persons';

/** Compares whom a hospital has before it with who is registered, and names fields only. */
export class Holders {
  constructor(private readonly parts: { readonly store: Store; readonly persons: Persons }) {}

  /** Throws PERSON_UNKNOWN, PERSONAL_DATA_DESTROYED (not-found). */
  async compare(personId: string, holder: Frozen<Holder>): Promise<HolderField[]> {
    return this.parts.store.transact(async (transaction) =>
      differences(await this.parts.persons.read(transaction, personId), holder),
    );
  }
}
