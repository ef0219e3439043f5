import type { SealedTable } from '@caretab/host';
import type { Table } from '@caretab/store';
import { collectionTable } from '../collection/collection.table';
import { orderTable } from '../collection/order.table';
import { refundTable } from '../refund/refund.table';
import { boundAccountTable } from './bound-account.table';
import type { TokenVault } from './token-vault';

/** Rows whose `field` is a token sealed for their `owner`. */
const tokensOf = <Row extends object>(
  vault: TokenVault,
  table: Table<Row>,
  field: keyof Row & string,
  owner: keyof Row & string,
): SealedTable<Row> => ({
  table,
  renew: async (transaction, rows) => {
    const renewed = rows.flatMap((row) => {
      const sealed = row[field] as string | null;
      const token = sealed === null ? undefined : vault.renewed(sealed, String(row[owner]));
      return token === undefined ? [] : [{ ...row, [field]: token }];
    });
    if (renewed.length > 0) await transaction.rows(table).save(...renewed);
    return renewed.length;
  },
});

/** Every token that payment keeps. */
export const sealedTables = (vault: TokenVault): readonly SealedTable[] => [
  tokensOf(vault, boundAccountTable, 'sealedToken', 'personId'),
  tokensOf(vault, collectionTable, 'offeredToken', 'visitId'),
  tokensOf(vault, orderTable, 'sealedToken', 'orderId'),
  tokensOf(vault, refundTable, 'sealedToken', 'refundId'),
];
