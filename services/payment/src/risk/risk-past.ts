import type { Transaction } from '@caretab/store';
import { type OrderRow, orderTable } from '../collection/order.table';
import type { AccountPast } from './risk-rules';

const HOUR_MS = 3_600_000;
const NOTHING: AccountPast = { debits: 0, takenFen: 0, declines: 0 };

/** What orders did with accounts, by the hours looked back; it counts the orders of a batch too. */
export class RiskPast {
  private readonly pasts = new Map<string, AccountPast>();

  private constructor(private readonly windows: readonly number[]) {}

  /** One statement a window, whatever the number of accounts. */
  static async of(
    transaction: Transaction,
    accountIds: readonly string[],
    { windows, now }: { readonly windows: readonly number[]; readonly now: Date },
  ): Promise<RiskPast> {
    const past = new RiskPast(windows);
    if (accountIds.length === 0) return past;
    for (const withinHours of windows) {
      const startedAt = { gt: new Date(now.getTime() - withinHours * HOUR_MS) };
      const groups = await transaction
        .rows(orderTable)
        .group(
          { accountId: { in: accountIds }, startedAt },
          { by: ['accountId', 'status'], sum: ['amountFen'] },
        );
      for (const { values, count, sums } of groups)
        past.note(withinHours, values.accountId!, {
          ...{ status: values.status, count, amountFen: sums.amountFen },
        });
    }
    return past;
  }

  get(accountId: string, withinHours: number): AccountPast {
    return this.pasts.get(`${withinHours} ${accountId}`) ?? NOTHING;
  }

  /** An order of this batch: a debit that is under way. */
  add(accountId: string, amountFen: number): void {
    for (const withinHours of this.windows)
      this.note(withinHours, accountId, { status: 'sending', count: 1, amountFen });
  }

  private note(
    withinHours: number,
    accountId: string,
    orders: Pick<OrderRow, 'status' | 'amountFen'> & { readonly count: number },
  ): void {
    const { status, count, amountFen } = orders;
    const before = this.get(accountId, withinHours);
    const isDeclined = status === 'declined';
    this.pasts.set(`${withinHours} ${accountId}`, {
      debits: before.debits + count,
      takenFen: before.takenFen + (isDeclined ? 0 : amountFen),
      declines: before.declines + (isDeclined ? count : 0),
    });
  }
}
