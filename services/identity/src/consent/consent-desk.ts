import type { Subject } from '@caretab/access';
import type { ConsentAnswer, ConsentPurpose } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { assertAlive } from '../death/standing';
import { isMinor } from '../person/personal-data';
import { guardianWhoAgrees, othersNeeded } from '../guardianship/agreeing';
import { guardiansToday } from '../guardianship/wards';
import type { Persons } from '../person/persons';
import type { Agreed, Consents, RevocationSigned } from './consents';

/** Credit, which closes the service. Throws SERVICE_IN_USE (conflict), CREDIT_UNAVAILABLE (unavailable). */
export interface Closer {
  close(personId: string): Promise<void>;
}

/** Who asks; staff with the number under which the signed form is filed. */
interface By {
  readonly subject: Subject;
  readonly paper?: string | undefined;
  /** Which guardian, where staff ask. */
  readonly guardianId?: string | undefined;
}

const isStaff = ({ roles }: Subject): boolean => roles.some(({ kind }) => kind === 'Desk');

/** What citizens change of their consents after the service was opened, or guardians for a child. */
export class ConsentDesk {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly persons: Persons;
      readonly consents: Consents;
      readonly credit: Closer;
    },
  ) {}

  /**
   * Where each of two guardians has to agree, in force once both did. Throws PERSON_UNKNOWN
   * (not-found), ERASURE_UNDER_WAY, PERSON_DIED, CONSENT_TEXT_OTHER, MANDATE_OF_GUARDIAN, GUARDIAN_NEEDED
   * (conflict).
   */
  add(personId: string, answers: readonly ConsentAnswer[], by: By): Promise<void> {
    return this.change(personId, by, async (transaction, agreed) => {
      assertOwnMandate(
        agreed,
        answers.map(({ purpose }) => purpose),
      );
      await assertAlive(transaction, personId);
      await this.parts.consents.give(transaction, agreed, answers);
    });
  }

  /**
   * One guardian takes back alone. Throws PAPER_NEEDED (invalid) of staff; PERSON_UNKNOWN
   * (not-found), ERASURE_UNDER_WAY, MANDATE_OF_GUARDIAN, GUARDIAN_NEEDED (conflict).
   */
  revoke(
    personId: string,
    purposes: readonly ConsentPurpose[],
    by: By & { readonly signatures?: readonly RevocationSigned[] | undefined },
  ): Promise<void> {
    return this.change(personId, by, async (transaction, agreed) => {
      assertOwnMandate(agreed, purposes);
      await this.parts.consents.revoke(transaction, agreed, purposes, by.signatures);
    });
  }

  /**
   * Closes the service where nothing is owed; with it all consents end, and so does the bound account.
   * Repeatable: where it stops in between, the same again goes on. Throws PAPER_NEEDED (invalid) of
   * staff; PERSON_UNKNOWN (not-found), ERASURE_UNDER_WAY, SERVICE_IN_USE (conflict), CREDIT_UNAVAILABLE
   * (unavailable): nothing was changed then.
   */
  async close(personId: string, by: By): Promise<void> {
    const isKnown = (transaction: Transaction) => this.agreed(transaction, personId, by);
    await this.parts.store.transact(isKnown);
    await this.parts.credit.close(personId);
    await this.change(personId, by, (transaction, agreed) =>
      this.parts.consents.revoke(transaction, { ...agreed, evidence: 'closing' }, ['service']),
    );
  }

  private change(
    personId: string,
    by: By,
    work: (
      transaction: Transaction,
      agreed: Awaited<ReturnType<ConsentDesk['agreed']>>,
    ) => Promise<void>,
  ): Promise<void> {
    return this.parts.store.transact(async (transaction) =>
      work(transaction, await this.agreed(transaction, personId, by)),
    );
  }

  /** Whose consent it is, the person's row held. */
  private async agreed(
    transaction: Transaction,
    personId: string,
    { subject, paper, guardianId }: By,
  ): Promise<Agreed & { readonly others: readonly string[]; readonly isMinor: boolean }> {
    const { persons } = this.parts;
    if (isStaff(subject) && paper === undefined)
      throw new DomainError('PAPER_NEEDED', 'invalid', { field: '/paper' });
    await persons.row(transaction, personId, 'wait');
    await persons.assertNotErased(transaction, personId);
    const person = await persons.read(transaction, personId);
    const guardians = await guardiansToday(transaction, persons, personId);
    const byPersonId = guardianWhoAgrees(personId, guardians, { subject, guardianId }) ?? personId;
    return {
      ...{ personId, byPersonId, others: othersNeeded(guardians, byPersonId) },
      isMinor: isMinor(person, persons.today()),
      channel: paper === undefined ? 'app' : 'window',
      institutionId: null,
      operator: subject.id,
      evidence: paper === undefined ? 'own token' : `paper ${paper}`,
    };
  }
}

/** A child's bills are paid from the guardian's account, by the guardian's mandate. */
const assertOwnMandate = (
  { personId, byPersonId, isMinor: isChild }: Agreed & { readonly isMinor: boolean },
  purposes: readonly ConsentPurpose[],
): void => {
  if (isChild && personId !== byPersonId && purposes.includes('debit-mandate'))
    throw new DomainError('MANDATE_OF_GUARDIAN', 'conflict', { personId });
};
