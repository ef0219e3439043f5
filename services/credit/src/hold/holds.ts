import { assert, type Clock, DomainError } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import { type Account, overLineFen } from '../account/account';
import type { Accounts } from '../account/accounts';
import { type Arrears, PAYMENT_MISSED } from '../arrears/arrears';
import type { Loans } from '../lender/loans';
import { assertMayBear, onBilledAccount } from './billed-account';
import { declinedHold, type Hold } from './hold';
import { alive, type HoldPolicy, isAging } from './hold-policy';
import { HoldPublisher, type VisitMessage } from './hold.publisher';
import { holdTable } from './hold.table';
import { assertOwes, assertSettles, lockHold } from './possible';

/**
 * What becomes of a hold, from its last increase to its settlement. Locks are always taken in the
 * order enrolment, hold, account, so that two visits of one line wait for each other and never
 * deadlock.
 */
export class Holds {
  constructor(
    private readonly parts: {
      readonly clock: Clock;
      readonly accounts: Accounts;
      readonly policy: HoldPolicy;
      readonly arrears: Arrears;
      readonly loans: Loans;
    },
  ) {}

  /**
   * VisitAdjudicated → the hold becomes the exact due, published as HoldReleased; a later revision
   * replaces the due. A due above the line is still owed. Throws VERDICT_CONFLICT (conflict)
   * when a revision comes again with another due.
   */
  async fixDue(event: VisitMessage<'VisitAdjudicated'>, transaction: Transaction): Promise<void> {
    const { visitId, personId, revision, patientDueFen: dueFen } = event.data;
    const held = await lockHold(transaction, event);
    await assertMayBear(transaction, held, event);
    const visit = { visitId, personId, visitClass: 'outpatient' } as const;
    const known = held ?? declinedHold(visit, event.data.accountPersonId, 'NOT_ENROLLED');
    if (revision < known.revision) return; // A later verdict counts already.
    if (revision === known.revision) {
      if (known.dueFen !== dueFen)
        throw new DomainError('VERDICT_CONFLICT', 'conflict', { visitId, revision });
      return;
    }
    if (known.status === 'declined' && dueFen === 0) return; // Never on the tab, nothing due.
    const { accounts } = this.parts;
    const { account, hold } = await onBilledAccount(transaction, accounts, known, event);
    const owedFen = Math.max(0, dueFen - hold.paidFen);
    const writtenOffFen = Math.min(hold.writtenOffFen, owedFen);
    const outstandingFen = owedFen - writtenOffFen;
    const after = await accounts.post(
      transaction,
      account,
      {
        kind: 'Due',
        visitId,
        heldFen: -hold.heldFen,
        outstandingFen: outstandingFen - hold.outstandingFen,
        note: `REVISION_${revision}`,
      },
      event.id,
    );
    const aboveFen = Math.min(dueFen, overLineFen(after));
    await transaction.rows(holdTable).save({
      ...hold,
      status: 'due',
      heldFen: 0,
      revision,
      dueFen,
      outstandingFen,
      writtenOffFen,
      overLineFen: aboveFen,
    });
    if (hold.lenderId !== null) await this.parts.loans.want(transaction, visitId, 'drawn', dueFen);
    const became = { becameDueFen: dueFen, overLineFen: aboveFen };
    const released = { ...hold, heldFen: known.heldFen };
    this.publisher(transaction).released(event, released, became, `revision ${revision}`);
  }

  /** VisitSettled → nothing of the visit is outstanding any more. */
  async payOff(event: VisitMessage<'VisitSettled'>, transaction: Transaction): Promise<void> {
    const { visitId, revision, paidFen, refundedFen } = event.data;
    const hold = await lockHold(transaction, event);
    // Nothing was held, or a later verdict counts.
    if (!hold || revision < hold.revision || hold.status === 'declined') return;
    if (hold.lenderId !== null) return; // The bank says what is repaid.
    assertSettles(event, hold);
    const account = await this.parts.accounts.lock(transaction, hold.accountPersonId);
    assert(account, 'a hold stands on an account');
    await transaction.rows(holdTable).save({
      ...hold,
      status: 'settled',
      heldFen: 0,
      outstandingFen: 0,
      paidFen: paidFen - refundedFen,
      writtenOffFen: 0,
      missedAt: null,
    });
    const taken = hold.heldFen > 0 || hold.outstandingFen > 0;
    const after = taken
      ? await this.parts.accounts.post(
          transaction,
          account,
          {
            kind: 'Settled',
            visitId,
            heldFen: -hold.heldFen,
            outstandingFen: -hold.outstandingFen,
          },
          event.id,
        )
      : account;
    if (hold.missedAt !== null) await this.parts.arrears.end(transaction, visitId);
    if (after.frozenReason === PAYMENT_MISSED && (await this.missed(transaction, after)) === 0)
      await this.parts.accounts.setFrozen(transaction, after, null, event);
  }

  /**
   * VisitCancelled → the hold is released. Throws HOLD_ALREADY_DUE (conflict): what was adjudicated
   * is not cancelled.
   */
  async cancel(event: VisitMessage<'VisitCancelled'>, transaction: Transaction): Promise<void> {
    const { visitId } = event.data;
    const hold = await lockHold(transaction, event);
    if (!hold || hold.status === 'declined' || hold.status === 'released') return;
    if (hold.status !== 'held' && hold.status !== 'asked')
      throw new DomainError('HOLD_ALREADY_DUE', 'conflict', { visitId });
    const account = await this.parts.accounts.lock(transaction, hold.accountPersonId);
    assert(account, 'a hold stands on an account');
    await this.parts.accounts.post(
      transaction,
      account,
      { kind: 'HoldReleased', visitId, heldFen: -hold.heldFen },
      event.id,
    );
    await transaction.rows(holdTable).save({ ...hold, status: 'released', heldFen: 0 });
    if (hold.lenderId !== null) await this.parts.loans.want(transaction, visitId, 'released', 0);
    const became = { becameDueFen: 0, overLineFen: 0 };
    this.publisher(transaction).released(event, hold, became, 'cancelled');
  }

  /**
   * HoldLowered → the ledger decides within less from now on: the rest is free. More than is held, or
   * of a hold that does not stand any more, changes nothing.
   */
  async lower(event: VisitMessage<'HoldLowered'>, transaction: Transaction): Promise<void> {
    const { visitId, heldFen } = event.data;
    const hold = await lockHold(transaction, event);
    if (hold?.status !== 'held' || heldFen >= hold.heldFen) return;
    const account = await this.parts.accounts.lock(transaction, hold.accountPersonId);
    assert(account, 'a hold stands on an account');
    const freed = { heldFen: heldFen - hold.heldFen, note: LESS_COMING };
    const change = { kind: 'HoldReleased', visitId, ...freed } as const;
    await this.parts.accounts.post(transaction, account, change, event.id);
    await transaction.rows(holdTable).save({ ...hold, heldFen });
    if (hold.lenderId !== null)
      await this.parts.loans.want(transaction, visitId, 'reserved', heldFen);
  }

  /**
   * PaymentMissed → the due is in arrears until the visit is settled, and the account frozen as the
   * policy says; the debt stays. An outcome that is unknown is no missed payment, although older
   * releases published it as one.
   */
  async miss(event: VisitMessage<'PaymentMissed'>, transaction: Transaction): Promise<void> {
    if (event.data.reason === OUTCOME_UNKNOWN) return;
    const { visitId, owedFen } = event.data;
    const hold = await lockHold(transaction, event);
    if (!hold || hold.status !== 'due') return;
    if (hold.lenderId !== null) return; // The debt is the bank's.
    assertOwes(event, hold);
    const account = await this.parts.accounts.lock(transaction, hold.accountPersonId);
    assert(account, 'a hold stands on an account');
    // What was paid of the due, where a part was, frees as much of the line.
    const writtenOffFen = Math.min(hold.writtenOffFen, owedFen);
    const leftFen = owedFen - writtenOffFen;
    const paid = { outstandingFen: leftFen, paidFen: hold.dueFen - owedFen, writtenOffFen };
    await transaction.rows(holdTable).save({ ...hold, ...paid, missedAt: this.parts.clock.now() });
    const outstandingFen = leftFen - hold.outstandingFen;
    const change = { kind: 'Due', visitId, outstandingFen, note: 'PAID_IN_PART' } as const;
    const { accounts } = this.parts;
    const after = outstandingFen
      ? await accounts.post(transaction, account, change, event.id)
      : account;
    const { arrears } = this.parts;
    if (after.frozenReason === null && arrears.freezesAtOnce)
      await accounts.setFrozen(transaction, after, PAYMENT_MISSED, event);
    const { accountPersonId, mergedPersonId } = hold;
    const since = new Date(event.time);
    const missed = { visitId, accountPersonId, mergedPersonId, owedFen, since };
    await arrears.begin(transaction, missed);
  }

  /**
   * Every fact of a visit is a sign of life of its hold. It is written only once less than half of
   * the hold's life is left, so that charges cost no write each.
   */
  async agingAmong(visitIds: readonly string[], transaction: Transaction): Promise<string[]> {
    if (visitIds.length === 0) return [];
    const held = await transaction
      .rows(holdTable)
      .find({ visitId: { in: visitIds }, status: 'held' }, { countMax: visitIds.length });
    return this.aging(held).map(({ visitId }) => visitId);
  }

  /** Lets the holds of `agingAmong` live as long as new ones. */
  async prolong(visitIds: readonly string[], transaction: Transaction): Promise<void> {
    if (visitIds.length === 0) return;
    const rows = transaction.rows(holdTable);
    const locked = await rows.lockAll(visitIds.map((visitId) => ({ visitId })));
    await rows.save(...this.aging(locked).map((hold) => this.alive(hold)));
  }

  /** VisitUpdated → the hold of a visit that became an admission lives as long as one. */
  async reclassify(event: VisitMessage<'VisitUpdated'>, transaction: Transaction): Promise<void> {
    const { visitClass } = event.data;
    if (!visitClass) return;
    const hold = await lockHold(transaction, event);
    if (hold?.status !== 'held' && hold?.status !== 'asked') return;
    if (hold.visitClass === visitClass) return;
    await transaction
      .rows(holdTable)
      .save({ ...this.alive({ ...hold, visitClass }), expiredAt: null });
  }

  private aging(holds: readonly Hold[]): Hold[] {
    const { policy, clock } = this.parts;
    const now = clock.now();
    return holds.filter((hold) => hold.status === 'held' && isAging(policy, hold, now));
  }

  private alive(hold: Hold): Hold {
    return alive(this.parts.policy, hold, hold.visitClass, this.parts.clock.now());
  }

  private async missed(transaction: Transaction, { accountPersonId }: Account): Promise<number> {
    const due = await transaction.rows(holdTable).find({ accountPersonId, status: 'due' });
    return due.filter(({ missedAt }) => missedAt !== null).length;
  }

  private publisher(transaction: Transaction): HoldPublisher {
    return new HoldPublisher(transaction, this.parts.clock);
  }
}

const OUTCOME_UNKNOWN = 'OUTCOME_UNKNOWN';
const LESS_COMING = 'LESS_COMING';
