import type { ContractEvent, identityPersons } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import type { Accounts } from '../account/accounts';
import type { Arrears } from '../arrears/arrears';
import { enrolmentTable, subjectTable } from './enrolment.table';

type DeathEvent =
  | ContractEvent<typeof identityPersons, 'PersonDied'>
  | ContractEvent<typeof identityPersons, 'PersonDeathTakenBack'>;

/**
 * A death ends at once what is granted and said of arrears; taken back, it goes on. Locks are taken in
 * the order subject, enrolment, account, arrears.
 */
export class Deaths {
  constructor(private readonly parts: { readonly accounts: Accounts; readonly arrears: Arrears }) {}

  /**
   * PersonDied, PersonDeathTakenBack. An older message changes nothing. What is held stays, and what is
   * owed is owed. Throws PERSON_UNKNOWN (awaited).
   */
  async record({ type, data }: DeathEvent, transaction: Transaction): Promise<void> {
    const { personId, revision: deathRevision } = data;
    const subjects = transaction.rows(subjectTable);
    const subject = await subjects.get({ personId }, { lock: 'wait' });
    if (!subject) throw new DomainError('PERSON_UNKNOWN', 'awaited', { field: '/personId' });
    if (deathRevision <= subject.deathRevision) return;
    const died = type === 'PersonDied';
    await subjects.save({ ...subject, died, deathRevision });
    // Who is granting holds these: that grant comes before or after.
    await transaction.rows(enrolmentTable).get({ personId }, { lock: 'wait' });
    const account = await this.parts.accounts.lock(transaction, personId);
    if (account) await this.parts.arrears.rest(transaction, personId, died);
  }
}
