import { identityPersons, message } from '@caretab/contracts';
import { type Clock, derivedId, DomainError } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { guardianshipTable } from './person.table';
import { isMinor } from './personal-data';
import type { Persons } from './persons';

export interface Appointment {
  readonly guardianId: string;
  /** agnter_rlts code. */
  readonly relation: string;
  /** The guardian who is replaced; required, so that none is replaced by accident. */
  readonly replaces?: string;
  /** The other person who approved that one is replaced. */
  readonly approvedBy?: string | undefined;
}

/** Who acts for a child. */
export class Guardianships {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly persons: Persons;
    },
  ) {}

  /**
   * Appoints an adult as the guardian of a person under 18. The same appointment again changes
   * nothing; another guardian is only taken when `replaces` names the present one, and another
   * person approved it. Throws
   * PERSON_UNKNOWN, PERSONAL_DATA_DESTROYED (not-found), GUARDIAN_IS_SELF, WARD_NOT_MINOR,
   * GUARDIAN_NOT_ADULT (invalid), GUARDIAN_CONFLICT, APPROVAL_NEEDED, ERASURE_UNDER_WAY (conflict).
   */
  async appoint(personId: string, appointment: Appointment): Promise<void> {
    const { guardianId, relation, replaces, approvedBy } = appointment;
    if (guardianId === personId) throw new DomainError('GUARDIAN_IS_SELF', 'invalid', { personId });
    const { store, clock, persons } = this.parts;
    const now = clock.now();
    await store.transact(async (transaction) => {
      const child = await persons.read(transaction, personId, 'wait');
      const guardian = await persons.read(transaction, guardianId, 'wait');
      await persons.assertNotErased(transaction, personId);
      await persons.assertNotErased(transaction, guardianId);
      if (!isMinor(child, persons.today()))
        throw new DomainError('WARD_NOT_MINOR', 'invalid', { personId });
      if (isMinor(guardian, persons.today()))
        throw new DomainError('GUARDIAN_NOT_ADULT', 'invalid', { guardianId });
      const present = await transaction.rows(guardianshipTable).get({ personId });
      if (present && present.guardianId === guardianId && present.relation === relation) return;
      if (present && present.guardianId !== guardianId && present.guardianId !== replaces)
        throw new DomainError('GUARDIAN_CONFLICT', 'conflict', {
          personId,
          guardianId: present.guardianId,
        });
      if (present && present.guardianId !== guardianId && approvedBy === undefined)
        throw new DomainError('APPROVAL_NEEDED', 'conflict', { personId });
      await transaction
        .rows(guardianshipTable)
        .save({ personId, guardianId, relation, appointedAt: now });
      // Only the relation was corrected; no other service stores it.
      if (present?.guardianId === guardianId) return;
      const appointedAt = now.toISOString();
      transaction.publish(
        message(
          identityPersons,
          'GuardianAppointed',
          { personId, guardianId, appointedAt },
          {
            id: derivedId('GuardianAppointed', personId, guardianId, appointedAt),
            time: now,
            source: 'identity',
          },
        ),
      );
    });
  }
}
