import {
  type ContractEvent,
  creditAccounts,
  type identityPersons,
  message,
} from '@caretab/contracts';
import { assert, type Clock, derivedId, DomainError } from '@caretab/kernel';
import type { Store, Transaction, Whose } from '@caretab/store';
import { type Account, post } from '../account/account';
import { accountTable, entryTable } from '../account/account.table';
import { type Accounts, accountView, type Cause, merged } from '../account/accounts';
import { billedTo } from '../hold/hold';
import type { LinePolicies } from '../policy/line-policies';
import { isEligible, lineFor } from '../policy/line-policy';
import { scoreTable } from '../score/score.table';
import { isExpired } from '../score/score-terms';
import type { Closings } from './closings';
import { hasDied } from './died';
import { type EnrolmentRow, enrolmentTable, freshSubject, subjectTable } from './enrolment.table';
import { agreedAgain } from './revocations';

const GUARDIANS_KEPT = 20;

export interface Enrolled {
  readonly personId: string;
  readonly accountPersonId: string;
  readonly lineFen: number;
  readonly created: boolean;
}

/**
 * Who uses the service, and on whose line. Locks are taken in the order enrolment, score, account.
 */
export class Enrolments {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly accounts: Accounts;
      readonly closings: Closings;
      readonly policies: LinePolicies;
    },
  ) {}

  /**
   * Opens the service: on a line of one's own by score and policy, or for a person under 18 on the
   * guardian's line. `openedBy` is kept: an activation, or who of the staff. Open already: the first
   * answer again. Throws PERSON_UNKNOWN (not-found; also of a person whose erasure has closed the
   * service), PERSON_DIED, CONSENT_REVOKED (by no later consents than those), SCORE_UNKNOWN, SCORE_EXPIRED,
   * SCORE_TOO_LOW, GUARDIAN_NEEDED, GUARDIAN_NOT_ENROLLED, PERSON_MERGED (conflict).
   */
  open(
    personId: string,
    openedBy: string | null = null,
    consentRevision?: number,
  ): Promise<Enrolled> {
    return this.parts.store.transact(async (transaction) => {
      const subject = await transaction.rows(subjectTable).get({ personId }, { lock: 'wait' });
      const known = await transaction.rows(enrolmentTable).get({ personId }, { lock: 'wait' });
      if (!subject || subject.erasing || subject.erased)
        throw new DomainError('PERSON_UNKNOWN', 'not-found', { personId });
      if (subject.died) throw new DomainError('PERSON_DIED', 'conflict', { personId });
      await agreedAgain(transaction, subject, consentRevision);
      if (known?.status === 'ending') return this.goOn(transaction, known, openedBy);
      if (known?.status === 'open') {
        const account = await transaction
          .rows(accountTable)
          .get({ accountPersonId: known.accountPersonId });
        return {
          personId,
          accountPersonId: known.accountPersonId,
          lineFen: account!.lineFen,
          created: false,
        };
      }
      const account = subject.minor
        ? await this.guardiansAccount(transaction, subject.guardianId)
        : await this.ownAccount(transaction, personId);
      const billed = subject.minor ? subject.guardianId! : personId;
      await this.record(transaction, account, { personId, openedBy, billed });
      return {
        personId,
        accountPersonId: account.accountPersonId,
        lineFen: account.lineFen,
        created: true,
      };
    });
  }

  /** Who agreed again before the service was closed has it as it was. */
  private async goOn(
    transaction: Transaction,
    known: EnrolmentRow,
    openedBy: string | null,
  ): Promise<Enrolled> {
    const { personId, accountPersonId } = known;
    const account = await this.parts.accounts.lock(transaction, accountPersonId);
    assert(account, 'an enrolment has an account');
    await this.record(transaction, account, { personId, openedBy, billed: billedTo(known) });
    return { personId, accountPersonId, lineFen: account.lineFen, created: true };
  }

  /**
   * PersonRegistered and GuardianAppointed: what credit needs to know of a person. A child whose
   * guardian changes moves to the new one's line. Throws GUARDIAN_IS_SELF and, for whom identity
   * registered as an adult, WARD_NOT_MINOR (invalid).
   */
  async recordPerson(
    event:
      | ContractEvent<typeof identityPersons, 'PersonRegistered'>
      | ContractEvent<typeof identityPersons, 'GuardianAppointed'>,
    transaction: Transaction,
  ): Promise<void> {
    const { personId } = event.data;
    const subjects = transaction.rows(subjectTable);
    if (event.type === 'PersonRegistered') {
      const { minor } = event.data;
      const fresh = { ...freshSubject(personId), minor };
      if (await subjects.insertIfAbsent(fresh)) return;
      const known = await subjects.get({ personId }, { lock: 'wait' });
      // An erasure may have come first, before anything was known of the person.
      if (known?.erasing) await subjects.save({ ...known, minor: known.minor || minor });
      // Registered again: all that was published of them before their erasure has arrived by now.
      else if (known?.erased) await subjects.save({ ...known, minor, erased: false });
      return;
    }
    const { guardianId, ofAdult } = event.data;
    // Who is of age stays on a line of their own, also where another acts for them.
    if (ofAdult) return;
    if (guardianId === personId) throw new DomainError('GUARDIAN_IS_SELF', 'invalid', { personId });
    const ward = { ...freshSubject(personId), minor: true, guardianId };
    if (!(await subjects.insertIfAbsent(ward))) {
      // An erasure may have closed the service: that stands.
      const known = await subjects.get({ personId }, { lock: 'wait' });
      if (known && !known.minor && !known.erasing && !known.erased)
        throw new DomainError('WARD_NOT_MINOR', 'invalid', { personId });
      await subjects.save({ ...(known ?? ward), minor: true, guardianId, erased: false });
    }
    const enrolment = await transaction.rows(enrolmentTable).get({ personId }, { lock: 'wait' });
    if (enrolment?.status !== 'open' || billedTo(enrolment) === guardianId) return;
    const account = await this.parts.accounts.lockLine(transaction, guardianId);
    const moved = { ...enrolment, billed: guardianId };
    if (account?.status === 'open') await this.record(transaction, account, moved, event);
    else await this.parts.closings.end(transaction, enrolment, { cause: event });
  }

  /**
   * GuardianshipEnded: the line of the guardian is closed to the ward. What is held and owed on it
   * stays there until its visit ends. A ward who came of age may have a line of their own, by their own
   * consents.
   */
  async endGuardianship(
    event: ContractEvent<typeof identityPersons, 'GuardianshipEnded'>,
    transaction: Transaction,
  ): Promise<void> {
    const { personId, guardianId, reason } = event.data;
    const subjects = transaction.rows(subjectTable);
    await subjects.insertIfAbsent({ ...freshSubject(personId), minor: true, guardianId });
    const known = await subjects.get({ personId }, { lock: 'wait' });
    if (!known || known.erased || known.guardianId !== guardianId) return;
    const before = known.guardiansBefore.filter((one) => one !== guardianId);
    await subjects.save({
      ...{ ...known, guardianId: null, minor: known.minor && reason !== 'CAME_OF_AGE' },
      guardiansBefore: [...before, guardianId].slice(-GUARDIANS_KEPT),
    });
    const enrolment = await transaction.rows(enrolmentTable).get({ personId }, { lock: 'wait' });
    if (!enrolment || enrolment.status === 'closed' || billedTo(enrolment) === personId) return;
    await this.parts.closings.end(transaction, enrolment, { cause: event });
  }

  /**
   * A person's enrolment and account with one page of its entries. Throws NOT_ENROLLED (not-found).
   */
  show(personId: string, before?: number, within?: readonly Whose[]) {
    const read = async (transaction: Transaction) => {
      const enrolment = await transaction.rows(enrolmentTable).get({ personId });
      const accountPersonId = enrolment?.accountPersonId;
      const account =
        accountPersonId && (await transaction.rows(accountTable).get({ accountPersonId }));
      if (!enrolment || !account) throw new DomainError('NOT_ENROLLED', 'not-found', { personId });
      const entries = await this.parts.accounts.entries(
        transaction,
        account.accountPersonId,
        before,
      );
      const nextBefore = entries.at(-1)?.sequence;
      return {
        personId,
        enrolment: enrolment.status,
        ...accountView(account),
        entries,
        ...(nextBefore !== undefined && nextBefore > 1 && { nextBefore }),
      };
    };
    return this.parts.store.transact(read, { within });
  }

  private async guardiansAccount(
    transaction: Transaction,
    guardianId: string | null,
  ): Promise<Account> {
    if (guardianId === null) throw new DomainError('GUARDIAN_NEEDED', 'conflict');
    const account = await this.parts.accounts.lockLine(transaction, guardianId);
    if (account?.status !== 'open' || (await hasDied(transaction, guardianId)))
      throw new DomainError('GUARDIAN_NOT_ENROLLED', 'conflict', { guardianId });
    return account;
  }

  /** A person's own account, opened or opened again with the line that the score gives today. */
  private async ownAccount(transaction: Transaction, personId: string): Promise<Account> {
    const known = await transaction.rows(scoreTable).get({ personId }, { lock: 'wait' });
    if (!known) throw new DomainError('SCORE_UNKNOWN', 'conflict', { personId });
    if (isExpired(known.expiresAt, this.parts.clock.now()))
      throw new DomainError('SCORE_EXPIRED', 'conflict', { personId });
    const policy = await this.parts.policies.inForceIn(transaction);
    if (!isEligible(policy, known.score))
      throw new DomainError('SCORE_TOO_LOW', 'conflict', { personId });
    const line = lineFor(known.score, policy);
    const at = this.parts.clock.now();
    const present = await this.parts.accounts.lock(transaction, personId);
    if (present && present.mergedInto !== null) throw merged(personId, present.mergedInto);
    const account: Account = present ?? {
      accountPersonId: personId,
      status: 'open',
      mergedInto: null,
      score: known.score,
      ...line,
      scoreExpiresAt: known.expiresAt,
      heldFen: 0,
      outstandingFen: 0,
      overLineFen: 0,
      frozenReason: null,
      openedAt: at,
      closedAt: null,
      entryCount: 0,
    };
    const opened = post(
      account,
      {
        kind: 'Opened',
        note: line.policyId,
        set: {
          ...{ status: 'open', score: known.score, ...line, closedAt: null },
          scoreExpiresAt: known.expiresAt,
        },
      },
      { causeId: derivedId('enrolment', personId, at.toISOString()), at },
    );
    await transaction.rows(accountTable).save(opened.account);
    await transaction.rows(entryTable).insert(opened.entry);
    return opened.account;
  }

  private async record(
    transaction: Transaction,
    { accountPersonId: lineId, lineFen }: Account,
    {
      personId,
      openedBy,
      billed: accountPersonId,
    }: Pick<EnrolmentRow, 'personId' | 'openedBy'> & { readonly billed: string },
    cause?: Cause,
  ): Promise<void> {
    const at = this.parts.clock.now();
    const mergedPersonId = lineId === accountPersonId ? null : accountPersonId;
    await transaction.rows(enrolmentTable).save({
      ...{ personId, accountPersonId: lineId, mergedPersonId },
      ...{ status: 'open', openedAt: at, closedAt: null, openedBy },
    });
    const openedAt = at.toISOString();
    transaction.publish(
      message(
        creditAccounts,
        'ServiceOpened',
        { personId, accountPersonId, lineFen, openedAt },
        {
          id: derivedId('ServiceOpened', personId, accountPersonId, openedAt),
          time: at,
          source: 'credit',
          causedBy: cause,
        },
      ),
    );
  }
}
