import { assert } from '@caretab/kernel';
import { readMobile } from '@caretab/security';
import type { Transaction } from '@caretab/store';
import { personKeyTable, personTable } from './person.table';
import type { Persons } from './persons';
import type { Vault } from './vault';

/** Mobile numbers: offered ones, sealed by their person's key, and the one that was proven. */
export class Mobiles {
  constructor(private readonly parts: { readonly persons: Persons; readonly vault: Vault }) {}

  /** The number in its one written form, sealed. Throws MOBILE_INVALID (invalid). */
  async seal(transaction: Transaction, personId: string, mobile: string): Promise<Buffer> {
    const wrapped = await this.wrapped(transaction, personId);
    return this.parts.vault.sealText(personId, wrapped, readMobile(mobile));
  }

  async open(transaction: Transaction, personId: string, sealed: Buffer): Promise<string> {
    return this.parts.vault.openText(personId, await this.wrapped(transaction, personId), sealed);
  }

  /** The proven number takes the place of the known one. The person's row is locked. */
  async set(transaction: Transaction, personId: string, mobile: string): Promise<void> {
    const { persons, vault } = this.parts;
    const known = await persons.read(transaction, personId, 'wait');
    await persons.assertNotErased(transaction, personId);
    if (known.mobile === mobile) return;
    const wrapped = await this.wrapped(transaction, personId);
    const person = await persons.row(transaction, personId);
    const sealed = vault.seal(personId, wrapped, { ...known, mobile });
    await transaction.rows(personTable).save({ ...person, sealed });
  }

  private async wrapped(transaction: Transaction, personId: string): Promise<Buffer> {
    const key = await transaction.rows(personKeyTable).get({ personId });
    assert(key, 'a person whose data was read has a key');
    return key.wrapped;
  }
}
