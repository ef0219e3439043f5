import {
  cannotBe,
  type ErasedPerson,
  creditAccounts,
  creditErasures,
  message,
  personForgotten,
} from '@caretab/contracts';
import { forgetParked } from '@caretab/bus';
import { assert, type Clock, derivedId, DomainError } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import type { Account } from '../account/account';
import { type Accounts, type Cause, merged } from '../account/accounts';
import { holdTable } from '../hold/hold.table';
import { forgetLines } from '../lender/bank-consents';
import { scoreQueryTable } from '../score/score-query.table';
import { scoreTable } from '../score/score.table';
import { type EnrolmentRow, enrolmentTable, freshSubject, subjectTable } from './enrolment.table';

interface Standing {
  readonly held: number;
  readonly heldFen: number;
  readonly outstandingFen: number;
  /** Takes nothing of the line, and is still owed. */
  readonly writtenOffFen: number;
  readonly wards: number;
}

const FREE: Standing = { held: 0, heldFen: 0, outstandingFen: 0, writtenOffFen: 0, wards: 0 };

const isTaken = ({ held, heldFen, outstandingFen, writtenOffFen, wards }: Standing): boolean =>
  held > 0 || heldFen > 0 || outstandingFen > 0 || writtenOffFen > 0 || wards > 0;

const DESTROYED = { type: 'PersonalDataDestroyed' };

/**
 * Closes the service for a person: when the person wants it, and before an erasure. Locks are taken
 * in the order subject, enrolment, account, here and where the service is opened.
 */
export class Closings {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly accounts: Accounts;
    },
  ) {}

  /**
   * Closes the service. Repeatable. Throws NOT_ENROLLED (not-found), SERVICE_IN_USE (conflict): a
   * hold stands, something is owed, written off or not, or a child is on the line; PERSON_MERGED (conflict).
   */
  close(personId: string): Promise<void> {
    return this.parts.store.transact(async (transaction) => {
      const known = await transaction.rows(enrolmentTable).get({ personId }, { lock: 'wait' });
      if (!known) throw new DomainError('NOT_ENROLLED', 'not-found', { personId });
      if (known.mergedPersonId === personId) throw merged(personId, known.accountPersonId);
      if (known.status !== 'closed') await this.endOrRefuse(transaction, known);
    });
  }

  /** Closes the service of who took consents back, once nothing stands in the way; returns whether. */
  closeEnding(personId: string): Promise<boolean> {
    return this.parts.store.transact(async (transaction) => {
      const known = await transaction.rows(enrolmentTable).get({ personId }, { lock: 'wait' });
      if (known?.status !== 'ending') return false;
      const account = await this.parts.accounts.lock(transaction, known.accountPersonId);
      assert(account, 'an enrolment has an account');
      if (isTaken(await this.standing(transaction, account, known))) return false;
      await this.end(transaction, known, { account });
      return true;
    });
  }

  /**
   * What stands in the way of erasing a person. Where nothing does and `close` is set, the service
   * is closed, and is not opened again before PersonalDataDestroyed, whatever identity had published
   * before arrives meanwhile. What became owed since takes such a closing back. Repeatable.
   */
  closeForErasure(
    personId: string,
    close: boolean,
  ): Promise<{ holds: number; debts: number; wards: number; closed: boolean }> {
    return this.parts.store.transact(async (transaction) => {
      const subjects = transaction.rows(subjectTable);
      // A person of whom nothing has arrived yet, too: their registration may be on its way.
      if (close) await subjects.insertIfAbsent(freshSubject(personId));
      const subject = await subjects.get({ personId }, { lock: 'wait' });
      const known = await transaction.rows(enrolmentTable).get({ personId }, { lock: 'wait' });
      const account = known && (await this.parts.accounts.lock(transaction, known.accountPersonId));
      const { held, heldFen, outstandingFen, writtenOffFen, wards } =
        known && account ? await this.standing(transaction, account, known) : FREE;
      const holds = Math.max(held, heldFen > 0 ? 1 : 0);
      const debts = outstandingFen + writtenOffFen > 0 ? 1 : 0;
      const closed = close && holds + debts + wards === 0;
      if (closed && known && known.status !== 'closed')
        await this.end(transaction, known, { account });
      if (close && subject && !subject.erased) await subjects.save({ ...subject, erasing: closed });
      return { holds, debts, wards, closed };
    });
  }

  /**
   * PersonalDataDestroyed: what credit knew of the person itself goes, and what a score said beside its
   * figure; lines and figures stay. Throws
   * MESSAGE_IMPOSSIBLE (conflict) while the service is open: identity has it closed first.
   */
  async forget(event: ErasedPerson, transaction: Transaction): Promise<void> {
    const { personId } = event.data;
    const enrolment = await transaction.rows(enrolmentTable).get({ personId }, { lock: 'wait' });
    if (enrolment && enrolment.status !== 'closed')
      throw cannotBe(DESTROYED, '/personId', 'the service of the person was not closed');
    const subjects = transaction.rows(subjectTable);
    const rows = await subjects.count({ personId, erased: false });
    const known = await subjects.get({ personId }, { lock: 'wait' });
    const { revoked, consentRevision, died, deathRevision } = known ?? freshSubject(personId);
    const kept = { revoked, consentRevision, died, deathRevision };
    // What they took back stays taken back, should they come again.
    await subjects.save({ ...freshSubject(personId), ...kept, erased: true });
    await transaction.rows(scoreQueryTable).delete({ personId });
    await forgetLines(transaction, personId, this.parts.clock.now());
    await transaction.rows(scoreTable).get({ personId }, { lock: 'wait' });
    await transaction.rows(scoreTable).update({ personId }, { details: null });
    const time = this.parts.clock.now();
    const destroyed = [
      { table: 'subject', rows },
      { table: 'parked', rows: await forgetParked(transaction, personId, time) },
    ];
    transaction.publish(...personForgotten(creditErasures, event, { destroyed, time }));
  }

  /** The enrolment is over, and a line of the person's own with it. */
  async end(
    transaction: Transaction,
    enrolment: EnrolmentRow,
    { account, cause }: { readonly account?: Account | undefined; readonly cause?: Cause } = {},
  ): Promise<void> {
    const at = this.parts.clock.now();
    const { personId } = enrolment;
    const id = derivedId('ServiceClosed', personId, at.toISOString());
    await transaction.rows(enrolmentTable).save({ ...enrolment, status: 'closed', closedAt: at });
    if (account?.accountPersonId === personId)
      await this.parts.accounts.post(
        transaction,
        account,
        { kind: 'Closed', set: { status: 'closed', closedAt: at } },
        id,
      );
    transaction.publish(
      message(
        creditAccounts,
        'ServiceClosed',
        { personId, closedAt: at.toISOString() },
        { id, time: at, source: 'credit', causedBy: cause },
      ),
    );
  }

  private async endOrRefuse(transaction: Transaction, known: EnrolmentRow): Promise<void> {
    const account = await this.parts.accounts.lock(transaction, known.accountPersonId);
    assert(account, 'an enrolment has an account');
    const standing = await this.standing(transaction, account, known);
    const { held: _, ...taken } = standing;
    if (isTaken(standing)) throw new DomainError('SERVICE_IN_USE', 'conflict', { ...taken });
    await this.end(transaction, known, { account });
  }

  /** What the person takes of a line; of a line of their own, all that is taken of it. */
  private async standing(
    transaction: Transaction,
    account: Account,
    { personId }: EnrolmentRow,
  ): Promise<Standing> {
    const taken = await transaction
      .rows(holdTable)
      .find({ personId, status: { in: ['asked', 'held', 'due'] } });
    const held = taken.filter(({ status }) => status !== 'due').length;
    if (account.accountPersonId !== personId)
      return {
        held,
        heldFen: taken.reduce((sum, hold) => sum + hold.heldFen, 0),
        outstandingFen: taken.reduce((sum, hold) => sum + hold.outstandingFen, 0),
        writtenOffFen: taken.reduce((sum, hold) => sum + hold.writtenOffFen, 0),
        wards: await this.wardsOfMerged(transaction, personId),
      };
    const open = await transaction
      .rows(enrolmentTable)
      .find({ accountPersonId: personId, status: { in: ['open', 'ending'] } });
    // Who is merged into the person is no ward.
    const isWard = (each: EnrolmentRow): boolean =>
      each.personId !== personId && each.mergedPersonId !== each.personId;
    const { heldFen, outstandingFen } = account;
    const owed = { accountPersonId: personId, status: 'due' } as const;
    const writtenOffFen = await transaction.rows(holdTable).sum(owed, 'writtenOffFen');
    return { held, heldFen, outstandingFen, writtenOffFen, wards: open.filter(isWard).length };
  }

  private async wardsOfMerged(transaction: Transaction, personId: string): Promise<number> {
    const where = { mergedPersonId: personId, status: { in: ['open', 'ending'] as const } };
    const open = await transaction.rows(enrolmentTable).find(where);
    return open.filter((each) => each.personId !== personId).length;
  }
}
