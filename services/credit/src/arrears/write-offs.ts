import type { ContractEvent, paymentPayments } from '@caretab/contracts';
import { assert, DomainError } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import type { Accounts } from '../account/accounts';
import type { Hold } from '../hold/hold';
import { holdTable } from '../hold/hold.table';
import type { Arrears } from './arrears';

type Said<Type extends 'DueWrittenOff' | 'WriteOffReduced'> = ContractEvent<
  typeof paymentPayments,
  Type
>;

/**
 * What a write-off means for a line: the due takes nothing of it any more. An account that is frozen
 * for it stays so until it is paid, or two persons unfreeze it. Locks are taken in the order hold,
 * account, arrears.
 */
export class WriteOffs {
  constructor(private readonly parts: { readonly accounts: Accounts; readonly arrears: Arrears }) {}

  /** DueWrittenOff → what is outstanding falls by it, once. Throws DUE_UNKNOWN (awaited). */
  async take(event: Said<'DueWrittenOff'>, transaction: Transaction): Promise<void> {
    const hold = await this.lock(transaction, event);
    // It was settled meanwhile.
    if (hold?.status === 'settled') return;
    // The verdict comes by another topic.
    if (hold?.status !== 'due')
      throw new DomainError('DUE_UNKNOWN', 'awaited', { field: '/visitId' });
    const owedFen = hold.dueFen - hold.paidFen;
    const writtenOffFen = Math.min(event.data.writtenOffFen, owedFen);
    const outstandingFen = owedFen - writtenOffFen;
    await transaction.rows(holdTable).save({ ...hold, writtenOffFen, outstandingFen });
    const account = await this.parts.accounts.lock(transaction, hold.accountPersonId);
    assert(account, 'a hold stands on an account');
    const change = {
      ...({ kind: 'WrittenOff', visitId: hold.visitId, note: event.data.reason } as const),
      outstandingFen: outstandingFen - hold.outstandingFen,
    };
    if (change.outstandingFen !== 0)
      await this.parts.accounts.post(transaction, account, change, event.id);
    await this.parts.arrears.writtenOff(transaction, hold.visitId);
  }

  /** WriteOffReduced → what was paid of it is no longer owed; nothing of the line changes. */
  async reduce(event: Said<'WriteOffReduced'>, transaction: Transaction): Promise<void> {
    const hold = await this.lock(transaction, event);
    const { writtenOffFen, reason } = event.data;
    // A revised verdict says by itself what is due.
    if (hold?.status !== 'due' || hold.writtenOffFen <= writtenOffFen || reason !== 'PAID') return;
    const paidFen = hold.paidFen + hold.writtenOffFen - writtenOffFen;
    await transaction.rows(holdTable).save({ ...hold, writtenOffFen, paidFen });
  }

  private lock(
    transaction: Transaction,
    { data: { visitId } }: Said<'DueWrittenOff' | 'WriteOffReduced'>,
  ): Promise<Hold | undefined> {
    return transaction.rows(holdTable).get({ visitId }, { lock: 'wait' });
  }
}
