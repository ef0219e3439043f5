import { cannotBe, type ContractEvent, type identityPersons } from '@caretab/contracts';
import { assert, DomainError } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import type { Account, Transfer } from '../account/account';
import { accountTable } from '../account/account.table';
import type { Accounts } from '../account/accounts';
import { type Arrears, PAYMENT_MISSED } from '../arrears/arrears';
import { arrearsTable } from '../arrears/arrears.table';
import { enrolmentTable } from '../enrolment/enrolment.table';
import type { Hold } from '../hold/hold';
import { holdTable } from '../hold/hold.table';
import type { Scores } from '../score/scores';
import { mergeTable, type MergeRow } from './merge.table';

type MergeEvent =
  | ContractEvent<typeof identityPersons, 'PersonsMerged'>
  | ContractEvent<typeof identityPersons, 'PersonsUnmerged'>;

/** Rows that stand on one account and go to another. */
interface Move {
  readonly where: { readonly accountPersonId: string; readonly mergedPersonId?: string };
  readonly to: { readonly accountPersonId: string; readonly mergedPersonId: string | null };
}

/** Holds of these have something of a line. */
const LIVE: readonly Hold['status'][] = ['asked', 'held', 'due'];

/**
 * Two persons are one, or are two again: whatever counts on the line of the one counts on the
 * survivor's, and goes back. Locks are taken in the order merge, enrolment, hold, account, arrears;
 * each by id.
 */
export class Merges {
  constructor(
    private readonly parts: {
      readonly accounts: Accounts;
      readonly arrears: Arrears;
      readonly scores: Scores;
    },
  ) {}

  /**
   * PersonsMerged, PersonsUnmerged. An older message changes nothing. Throws MERGE_AWAITED (awaited):
   * another merge, or the survivor's line, has to come before.
   */
  async record(event: MergeEvent, transaction: Transaction): Promise<void> {
    const { personId, survivorId, mergeId, revision } = event.data;
    if (personId === survivorId)
      throw cannotBe(event, '/survivorId', 'one person is merged into themself');
    const rows = transaction.rows(mergeTable);
    const fresh = { survivorId, mergeId, revision: 0, merged: false, statusBefore: null };
    await rows.insertIfAbsent({ ...fresh, personId, frozeSurvivor: false });
    const known = await rows.get({ personId }, { lock: 'wait' });
    assert(known, 'what was inserted is there');
    if (revision <= known.revision) return;
    const merged = event.type === 'PersonsMerged';
    const row = { ...known, survivorId, mergeId, revision, merged };
    if (merged && !known.merged) {
      await rows.save({ ...row, ...(await this.merge(transaction, row, event)) });
    } else {
      if (!merged && known.merged) await this.unmerge(transaction, known, event);
      await rows.save({ ...row, statusBefore: null, frozeSurvivor: false });
    }
  }

  private async merge(
    transaction: Transaction,
    { personId, survivorId, mergeId }: MergeRow,
    event: MergeEvent,
  ): Promise<Pick<MergeRow, 'statusBefore' | 'frozeSurvivor'>> {
    const to = { accountPersonId: survivorId, mergedPersonId: personId };
    const move: Move = { where: { accountPersonId: personId }, to };
    const live = await this.lock(transaction, move);
    const { own, survivor } = await this.accounts(transaction, personId, survivorId);
    if (!own) return { statusBefore: null, frozeSurvivor: false };
    // A merge is one step: who survives is not merged, and no one is merged into who is.
    const isChain =
      own.mergedInto !== null ||
      (await transaction.rows(mergeTable).count({ survivorId: personId, merged: true })) > 0;
    if (!survivor || survivor.mergedInto !== null || isChain) throw awaited();
    await this.assertAll(transaction, move, live);
    await this.go(transaction, move);
    const kinds = ['MergedOut', 'MergedIn'] as const;
    const after = await this.transfer(transaction, { live, from: own, to: survivor, kinds }, event);
    const { accounts } = this.parts;
    const set = { status: 'merged', mergedInto: survivorId } as const;
    const change = { kind: 'MergedOut', note: mergeId, set } as const;
    await accounts.post(transaction, after.from, change, event.id);
    const { frozenReason } = own;
    const frozeSurvivor = frozenReason !== null && survivor.frozenReason === null;
    if (frozeSurvivor) await accounts.setFrozen(transaction, after.to, frozenReason, event);
    return { statusBefore: own.status, frozeSurvivor };
  }

  private async unmerge(
    transaction: Transaction,
    { personId, survivorId, statusBefore, mergeId, frozeSurvivor }: MergeRow,
    event: MergeEvent,
  ): Promise<void> {
    const where = { accountPersonId: survivorId, mergedPersonId: personId };
    const to = { accountPersonId: personId, mergedPersonId: null };
    const move: Move = { where, to };
    const live = await this.lock(transaction, move);
    const { own, survivor } = await this.accounts(transaction, personId, survivorId);
    if (statusBefore === null) return;
    assert(own && survivor, 'what was merged has two accounts');
    await this.assertAll(transaction, move, live);
    await this.go(transaction, move);
    const kinds = ['UnmergedOut', 'UnmergedIn'] as const;
    const after = await this.transfer(transaction, { live, from: survivor, to: own, kinds }, event);
    const { accounts, scores } = this.parts;
    const set = { status: statusBefore, mergedInto: null };
    const change = { kind: 'UnmergedIn', note: mergeId, set } as const;
    const back = await accounts.post(transaction, after.to, change, event.id);
    const came = own.frozenReason;
    const isTheirs = frozeSurvivor && survivor.frozenReason === came && came !== PAYMENT_MISSED;
    if (isTheirs) await accounts.setFrozen(transaction, after.from, null, event);
    else await this.followMissed(transaction, after.from, event);
    await scores.catchUp(transaction, await this.followMissed(transaction, back, event));
  }

  /** Locks what moves; gives the holds that have something of the line. */
  private async lock(transaction: Transaction, { where }: Move): Promise<Hold[]> {
    const wait = { lock: 'wait' } as const;
    await transaction.rows(enrolmentTable).find(where, { ...wait, orderBy: 'personId' });
    const live = { ...where, status: { in: LIVE } };
    return transaction.rows(holdTable).find(live, { ...wait, orderBy: 'visitId' });
  }

  private async accounts(transaction: Transaction, personId: string, survivorId: string) {
    const ids = [{ accountPersonId: personId }, { accountPersonId: survivorId }];
    const locked = await transaction.rows(accountTable).lockAll(ids);
    const of = (id: string) => locked.find(({ accountPersonId }) => accountPersonId === id);
    return { own: of(personId), survivor: of(survivorId) };
  }

  /** Behind the locks of both accounts nothing more comes: what came before they were taken, waits. */
  private async assertAll(
    transaction: Transaction,
    { where }: Move,
    live: readonly Hold[],
  ): Promise<void> {
    const there = await transaction
      .rows(holdTable)
      .find({ ...where, status: { in: LIVE } }, { orderBy: 'visitId' });
    const same = (hold: Hold, index: number): boolean => hold.visitId === live[index]?.visitId;
    if (there.length !== live.length || !there.every(same)) throw awaited();
  }

  private async go(transaction: Transaction, { where, to }: Move): Promise<void> {
    await transaction.rows(enrolmentTable).update(where, to);
    await transaction.rows(holdTable).update(where, to);
    const arrears = transaction.rows(arrearsTable);
    const open = await arrears.find(
      { ...where, endedAt: null },
      { lock: 'wait', orderBy: 'visitId' },
    );
    await arrears.update(where, to);
    // A line that is frozen on one side is not on the other: what is to be done next is another step.
    const next = open.map((row) => ({ ...row, ...to, nextAt: this.parts.arrears.nextOf(row) }));
    if (next.length > 0) await arrears.save(...next);
  }

  /** An entry on each side for each visit that has something of the line. */
  private async transfer(
    transaction: Transaction,
    {
      live,
      kinds: [out, into],
      ...sides
    }: {
      readonly live: readonly Hold[];
      readonly from: Account;
      readonly to: Account;
      readonly kinds: readonly [Transfer, Transfer];
    },
    { id, data: { mergeId } }: MergeEvent,
  ): Promise<{ readonly from: Account; readonly to: Account }> {
    const { accounts } = this.parts;
    let { from, to } = sides;
    for (const { visitId, heldFen, outstandingFen } of live) {
      if (heldFen + outstandingFen === 0) continue;
      const taken = { kind: out, visitId, note: mergeId };
      const less = { heldFen: -heldFen, outstandingFen: -outstandingFen };
      from = await accounts.post(transaction, from, { ...taken, ...less }, id);
      const more = { heldFen, outstandingFen };
      to = await accounts.post(transaction, to, { ...taken, kind: into, ...more }, id);
    }
    return { from, to };
  }

  /** A line is frozen for missed payments while there are some on it. */
  private async followMissed(
    transaction: Transaction,
    account: Account,
    event: MergeEvent,
  ): Promise<Account> {
    const { accounts, arrears } = this.parts;
    const { accountPersonId, frozenReason } = account;
    const due = await transaction.rows(holdTable).find({ accountPersonId, status: 'due' });
    const isMissed = due.some(({ missedAt }) => missedAt !== null);
    if (frozenReason === PAYMENT_MISSED && !isMissed)
      return accounts.setFrozen(transaction, account, null, event);
    if (frozenReason === null && isMissed && arrears.freezesAtOnce)
      return accounts.setFrozen(transaction, account, PAYMENT_MISSED, event);
    return account;
  }
}

const awaited = (): DomainError =>
  new DomainError('MERGE_AWAITED', 'awaited', { field: '/survivorId' });
