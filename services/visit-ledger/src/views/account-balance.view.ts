import { fenColumn, textColumn, table } from '@caretab/store';
import { postingsOf } from '../visit/postings';
import type { View } from './view';

/**
 * What does each account of the double-entry book stand at? The sum over all accounts is the trial
 * balance: zero.
 */
export interface AccountBalanceRow {
  account: string;
  debitFen: number;
  creditFen: number;
}

const accountBalanceTable = table<AccountBalanceRow>({
  name: 'account_balance',
  columns: {
    account: textColumn('account', { primary: true }),
    debitFen: fenColumn('debit_fen'),
    creditFen: fenColumn('credit_fen'),
  },
});

export const accountBalanceView: View<AccountBalanceRow> = {
  table: accountBalanceTable,
  keyField: 'account',
  keysOf: (fact) => [...new Set(postingsOf(fact).map((posting) => posting.account))],
  apply: (row, fact, account) => {
    const posted = postingsOf(fact)
      .filter((posting) => posting.account === account)
      .map((posting) => posting.amountFen);
    const sum = (amounts: readonly number[]): number =>
      amounts.reduce((total, amount) => total + Math.abs(amount), 0);
    return {
      account,
      debitFen: (row?.debitFen ?? 0) + sum(posted.filter((amount) => amount > 0)),
      creditFen: (row?.creditFen ?? 0) + sum(posted.filter((amount) => amount < 0)),
    };
  },
};
