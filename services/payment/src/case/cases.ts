import { type Clock, derivedId, DomainError } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { accountsOf } from '../account/account-choice';
import type { TokenVault } from '../account/token-vault';
import type { ChannelBook } from '../channel/channel-book';
import { type CollectionRow, collectionTable } from '../collection/collection.table';
import { channelDayOf } from '../journal/book-day';
import type { Calendars } from '../collection/policy';
import { fieldRefused, whyOfMoment } from '../collection/plausible';
import { statementRowTable } from '../reconciliation/statement-row.table';
import { bookChargeback, isChargeback } from '../reconciliation/chargebacks';
import { noteRow } from '../reconciliation/statement-rows';
import { completeRefund, refundMomentFault } from '../refund/refund-outcome';
import { AT_THE_COUNTER, type RefundRow, refundTable } from '../refund/refund.table';
import { freshRefund } from '../refund/request-refund';
import { endWaiting, hasEnded, isWaiting, OF_AN_ORDER, OF_REFUNDS, OF_THE_BANK } from './case-ends';
import { type CaseRow, caseTable, type GivenResolution } from './case.table';
import { closeCases, type Decided, openCase } from './open-case';
import type { CaseCursor } from './cursor';
import { decidedByTwo } from './two-names';

export interface Resolution extends Decided {
  /** `noted`, or what fits the kind of its case. */
  readonly resolution: GivenResolution;
  /** When the money was paid back; now, where nothing is said. */
  readonly paidAt?: string | undefined;
  /** For `other-account`; the bound one, where there is none. */
  readonly account?: { readonly channel: string; readonly token: string } | undefined;
}

interface RefundInDoubt {
  readonly collection: CollectionRow;
  readonly refund: RefundRow;
  readonly now: Date;
}

interface OpenCase {
  readonly row: CaseRow;
  /** None of a statement's row. */
  readonly collection: CollectionRow | undefined;
}

const PAGE_ROWS = 100;

const whereOf = ({
  status,
  visitId,
}: {
  status: CaseRow['status'];
  visitId?: string | undefined;
}) => (visitId === undefined ? { status } : { status, visitId });

/** Orders, refunds and statement rows that an operator has to look at, and what ends them. */
export class Cases {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly vault: TokenVault;
      readonly channels: ChannelBook;
      readonly policy: Calendars;
    },
  ) {}

  /** A page of cases, the oldest first; `after` is `next` of the page before. */
  list(
    where: { readonly status: CaseRow['status']; readonly visitId?: string | undefined },
    after?: CaseCursor,
  ): Promise<{
    readonly cases: readonly CaseRow[];
    readonly next: CaseCursor | undefined;
  }> {
    return this.parts.store.transact(async (transaction) => {
      const { rows, next } = await transaction
        .rows(caseTable)
        .page(whereOf(where), { orderBy: 'openedAt', countMax: PAGE_ROWS, after });
      return {
        cases: rows,
        next: next && { openedAt: next.openedAt!, caseId: next.caseId! },
      };
    });
  }

  /** Throws CASE_UNKNOWN (not-found). */
  show(caseId: string): Promise<CaseRow> {
    return this.parts.store.transact((transaction) => this.read(transaction, caseId));
  }

  /** Gives a case an owner. Throws CASE_UNKNOWN (not-found), CASE_CLOSED (conflict). */
  own(caseId: string, owner: string): Promise<CaseRow> {
    return this.parts.store.transact(async (transaction) => {
      const { row } = await this.lockOpen(transaction, caseId);
      const owned = { ...row, owner };
      await transaction.rows(caseTable).save(owned);
      return owned;
    });
  }

  /**
   * Has a refused refund sent once more, to the account that paid. Throws CASE_UNKNOWN (not-found);
   * CASE_CLOSED, RESOLUTION_UNFIT (conflict).
   */
  retry(caseId: string, declaredBy: string): Promise<CaseRow> {
    return this.parts.store.transact(async (transaction) => {
      const { row, collection } = await this.lockOpen(transaction, caseId);
      const { refund, now } = await this.lockRefund(transaction, { row, collection });
      if (refund.status !== 'refused' || refund.reason === AT_THE_COUNTER)
        throw unfit(row, 'no channel refused the refund');
      await transaction
        .rows(refundTable)
        .save({ ...refund, status: 'due', refusals: 0, inquiries: 0, nextAttemptAt: now });
      return this.close(transaction, row, 'retry', { declaredBy });
    });
  }

  /**
   * Ends a case by evidence, decided by two people. Throws CASE_UNKNOWN (not-found); CASE_CLOSED,
   * RESOLUTION_UNFIT, NO_BOUND_ACCOUNT (conflict); REQUEST_INVALID (invalid).
   */
  resolve(caseId: string, given: Resolution): Promise<CaseRow> {
    const decided = decidedByTwo(given);
    return this.parts.store.transact(async (transaction) => {
      const { row, collection } = await this.lockOpen(transaction, caseId);
      const { resolution } = given;
      if (row.kind === 'statement-row') await this.endRow(transaction, row, resolution);
      else if (isWaiting(row)) {
        const end = { kind: row.kind, resolution, now: this.parts.clock.now() };
        const why = await endWaiting(transaction, collection!, end);
        if (why) throw unfit(row, why);
      } else if (OF_THE_BANK.has(row.kind) && resolution !== 'noted') throw unfit(row, ONLY_NOTED);
      else if (resolution === 'noted' && !(await hasEnded(transaction, row)))
        throw unfit(row, `the ${row.kind} has not ended`);
      if (!OF_AN_ORDER.has(row.kind) || resolution === 'noted')
        return this.close(transaction, row, resolution, decided);
      const doubt = await this.lockRefund(transaction, { row, collection });
      if (!OF_REFUNDS.has(resolution)) throw unfit(row, 'it is the case of a refund');
      const isOut = doubt.refund.status === 'sending';
      const isIdle = doubt.refund.status === 'refused' || doubt.refund.status === 'due';
      if (resolution === 'made' || resolution === 'not-made' ? !isOut && !isIdle : !isIdle)
        throw unfit(row, isOut ? 'the outcome of the refund is not known' : 'the refund is over');
      const closed = await this.close(transaction, row, resolution, decided);
      if (resolution === 'not-made') await this.refuse(transaction, doubt);
      else if (resolution === 'other-account') await this.redirect(transaction, doubt, given);
      else await this.complete(transaction, doubt, given);
      return closed;
    });
  }

  /** A chargeback is won or lost, and booked so; any other row is noted. */
  private async endRow(
    transaction: Transaction,
    row: CaseRow,
    resolution: Resolution['resolution'],
  ): Promise<void> {
    const found = await transaction.rows(statementRowTable).get({ rowId: row.subjectId });
    const isDisputed = found !== undefined && isChargeback(found);
    const isDecided = resolution === 'won' || resolution === 'lost';
    if (isDisputed ? !isDecided : resolution !== 'noted')
      throw unfit(row, isDisputed ? 'a chargeback is won or lost' : ONLY_NOTED);
    const recorded = { now: this.parts.clock.now(), policy: this.parts.policy };
    if (isDecided) await bookChargeback(transaction, found!, { outcome: resolution, recorded });
    await noteRow(transaction, row.subjectId, recorded.now);
  }

  /** The money went back, by whatever way. */
  private async complete(
    transaction: Transaction,
    { collection, refund, now }: RefundInDoubt,
    { resolution, evidence, paidAt }: Resolution,
  ): Promise<void> {
    const refundedAt = paidAt === undefined ? now : new Date(paidAt);
    const fault = await refundMomentFault(transaction, refund, { at: refundedAt, now });
    if (fault && paidAt !== undefined) throw fieldRefused('paidAt', whyOfMoment[fault]);
    const byHand = resolution === 'cash' || resolution === 'transfer';
    const made = {
      ...refund,
      lease: refund.lease + 1,
      reference: evidence,
      refundedAt,
      // What goes from hand to hand is on no statement of the channel.
      ...(byHand
        ? { channelDate: null, isChannelDateGiven: false }
        : channelDayOf({ at: refundedAt }, this.parts.policy)),
      way: byHand ? resolution : refund.way,
    };
    return completeRefund(transaction, collection, made, { now, policy: this.parts.policy });
  }

  /** The channel did not make it: a case until there is another way. */
  private async refuse(transaction: Transaction, { refund, now }: RefundInDoubt): Promise<void> {
    const reason = 'DECLARED_NOT_MADE';
    await transaction.rows(refundTable).save({
      ...refund,
      lease: refund.lease + 1,
      status: 'refused',
      reason,
      nextAttemptAt: null,
    });
    const { refundId, orderId, visitId, amountFen } = refund;
    const asked = { refundId, orderId, amountFen };
    await openCase(
      transaction,
      { kind: 'refund', subjectId: refundId, visitId, amountFen, reason, asked, answered: null },
      now,
    );
  }

  /** Another refund of the same money takes its place, to another account. */
  private async redirect(
    transaction: Transaction,
    { collection, refund, now }: RefundInDoubt,
    { account }: Resolution,
  ): Promise<void> {
    const { channel, token } = account ?? (await this.boundAccount(transaction, collection));
    this.parts.channels.mustTakeBack(channel, refund.channel);
    const refundId = derivedId('refund', refund.refundId, 'account');
    const { visitId, orderId, amountFen } = refund;
    const rows = transaction.rows(refundTable);
    await rows.save({ ...refund, status: 'void', sealedToken: null, nextAttemptAt: null });
    await rows.insert({
      ...freshRefund(now),
      refundId,
      visitId,
      orderId,
      amountFen,
      channel,
      way: 'account',
      sealedToken: this.parts.vault.seal(token, refundId),
    });
  }

  private async boundAccount(
    transaction: Transaction,
    { accountPersonId, visitId }: CollectionRow,
  ): Promise<{ readonly channel: string; readonly token: string }> {
    const bound = (await accountsOf(transaction, [accountPersonId])).get(accountPersonId)?.[0];
    if (!bound) throw new DomainError('NO_BOUND_ACCOUNT', 'conflict', { visitId });
    const { channel, sealedToken, personId } = bound;
    return { channel, token: this.parts.vault.open(sealedToken, personId) };
  }

  private async close(
    transaction: Transaction,
    row: CaseRow,
    resolution: NonNullable<CaseRow['resolution']>,
    decided: Partial<Decided>,
  ): Promise<CaseRow> {
    const now = this.parts.clock.now();
    await closeCases(transaction, row.subjectId, { resolution, now, decided });
    return this.read(transaction, row.caseId);
  }

  private async read(transaction: Transaction, caseId: string): Promise<CaseRow> {
    const row = await transaction.rows(caseTable).get({ caseId });
    if (!row) throw new DomainError('CASE_UNKNOWN', 'not-found', { caseId });
    return row;
  }

  /** Locks the visit's collection first, as everything does that moves its money; or the row. */
  private async lockOpen(transaction: Transaction, caseId: string): Promise<OpenCase> {
    const { kind, subjectId, visitId } = await this.read(transaction, caseId);
    const lock = { lock: 'wait' } as const;
    const isRow = kind === 'statement-row' || OF_THE_BANK.has(kind);
    if (kind === 'statement-row')
      await transaction.rows(statementRowTable).get({ rowId: subjectId }, lock);
    const collection =
      isRow || visitId === null
        ? undefined
        : await transaction.rows(collectionTable).get({ visitId }, lock);
    const row = await this.read(transaction, caseId);
    if (row.status !== 'open' || (!collection && !isRow))
      throw new DomainError('CASE_CLOSED', 'conflict', { caseId, resolution: row.resolution });
    return { row, collection };
  }

  private async lockRefund(
    transaction: Transaction,
    { row, collection }: OpenCase,
  ): Promise<RefundInDoubt> {
    if (row.kind === 'order') throw unfit(row, 'it is the case of an order: declare its outcome');
    if (!collection) throw unfit(row, ONLY_NOTED);
    const where = { refundId: row.subjectId };
    const refund = await transaction.rows(refundTable).get(where, { lock: 'wait' });
    if (!refund) throw unfit(row, 'the refund is not known');
    return { collection, refund, now: this.parts.clock.now() };
  }
}

const ONLY_NOTED = 'only noted ends it, with what was done about it';
const unfit = ({ caseId, kind }: CaseRow, why: string): DomainError =>
  new DomainError('RESOLUTION_UNFIT', 'conflict', { caseId, kind, why });
