import type { ContractEvent, identityPersons } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import type { BankLines } from '../lender/bank-lines';
import type { Closings } from './closings';
import { endsService, keepsScoreBack, mayLend } from './consent';
import { enrolmentTable, type SubjectRow, subjectTable } from './enrolment.table';

const PASS_ROWS = 200;

/**
 * Consents that were given after the latest revocation count, also where its message comes only later.
 * The caller holds the subject's row. Throws CONSENT_REVOKED (conflict).
 */
export const agreedAgain = async (
  transaction: Transaction,
  subject: SubjectRow,
  revision: number | undefined,
): Promise<void> => {
  const { personId, consentRevision } = subject;
  // An activation asks: with it all consents were given.
  const agreed = { ...subject, scoreConsent: subject.scoreConsent || revision !== undefined };
  if (revision !== undefined && revision > consentRevision)
    await transaction
      .rows(subjectTable)
      .save({ ...agreed, revoked: [], consentRevision: revision });
  else if (endsService(subject) || keepsScoreBack(subject))
    throw new DomainError('CONSENT_REVOKED', 'conflict', { personId });
  else if (agreed.scoreConsent !== subject.scoreConsent)
    await transaction.rows(subjectTable).save(agreed);
};

/** What follows when a person takes consents back. Locks are taken in the order of a closing. */
export class Revocations {
  /** After whom the next pass begins. */
  private after: string | undefined;

  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly closings: Closings;
      readonly bankLines: BankLines;
    },
  ) {}

  /**
   * ConsentsChanged: without the consent to the service a person has no new visit on the tab. The service
   * is closed once nothing is held or owed; given again before, it goes on. With the consent to a bank,
   * banks are asked for a line; those that were are informed of what is taken back. An older message
   * changes nothing. Throws PERSON_UNKNOWN (awaited).
   */
  async record(
    { data }: ContractEvent<typeof identityPersons, 'ConsentsChanged'>,
    transaction: Transaction,
  ): Promise<void> {
    const { personId, revision: consentRevision, revoked, given } = data;
    const subject = await transaction.rows(subjectTable).get({ personId }, { lock: 'wait' });
    if (!subject) throw new DomainError('PERSON_UNKNOWN', 'awaited', { field: '/personId' });
    // An enrolment may have named the same one already: this says more of it.
    if (consentRevision < subject.consentRevision) return;
    const bankConsent =
      given?.includes('bank') ?? (subject.bankConsent && !revoked.includes('bank'));
    const changed = { ...subject, revoked, consentRevision, bankConsent };
    await transaction.rows(subjectTable).save(changed);
    const enrolments = transaction.rows(enrolmentTable);
    const enrolment = await enrolments.get({ personId }, { lock: 'wait' });
    // Behind the enrolment, as a grant takes them.
    await this.parts.bankLines.inform(transaction, personId);
    if (mayLend(changed)) await this.parts.bankLines.want(transaction, personId);
    const status = endsService(changed) ? 'ending' : 'open';
    if (enrolment && enrolment.status !== 'closed') await enrolments.save({ ...enrolment, status });
  }

  /** Closes what nothing is held or owed of any more; returns how many. A pass looks at 200. */
  async closeDue(): Promise<number> {
    const { store, closings } = this.parts;
    const ending = await store.transact((transaction) =>
      transaction
        .rows(enrolmentTable)
        .find(
          { status: 'ending', ...(this.after !== undefined && { personId: { gt: this.after } }) },
          { orderBy: 'personId', countMax: PASS_ROWS },
        ),
    );
    this.after = ending.length < PASS_ROWS ? undefined : ending.at(-1)?.personId;
    let closed = 0;
    for (const { personId } of ending) closed += (await closings.closeEnding(personId)) ? 1 : 0;
    return closed;
  }
}
