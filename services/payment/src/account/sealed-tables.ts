import type { SealedTable } from '@caretab/host';
import type { Table } from '@caretab/store';
import { collectionTable } from '../collection/collection.table';
import { orderTable } from '../collection/order.table';
import { hospitalAccountTable } from '../payout/hospital-account.table';
import { accountOwnerOf } from '../payout/hospital-accounts';
import { payoutFileTable } from '../payout/payout-file.table';
import { contentOwnerOf } from '../payout/payout-files';
import { refundTable } from '../refund/refund.table';
import { boundAccountTable } from './bound-account.table';
import type { TokenVault } from './token-vault';

/** Rows whose `field` is sealed for their `owner`. */
const tokensOf = <Row extends object>(
  vault: TokenVault,
  table: Table<Row>,
  field: keyof Row & string,
  owner: (keyof Row & string) | ((row: Row) => string),
): SealedTable<Row> => ({
  table,
  renew: async (transaction, rows) => {
    const renewed = rows.flatMap((row) => {
      const sealed = row[field] as string | null;
      const ownedBy = (one: Row) => (typeof owner === 'function' ? owner(one) : String(one[owner]));
      const token = sealed === null ? undefined : vault.renewed(sealed, ownedBy(row));
      return token === undefined ? [] : [{ ...row, [field]: token }];
    });
    if (renewed.length > 0) await transaction.rows(table).save(...renewed);
    return renewed.length;
  },
});

/** All that payment keeps sealed. */
export const sealedTables = (vault: TokenVault): readonly SealedTable[] => [
  tokensOf(vault, boundAccountTable, 'sealedToken', 'personId'),
  tokensOf(vault, collectionTable, 'offeredToken', 'visitId'),
  tokensOf(vault, orderTable, 'sealedToken', 'orderId'),
  tokensOf(vault, refundTable, 'sealedToken', 'refundId'),
  tokensOf(vault, hospitalAccountTable, 'sealedAccount', accountOwnerOf),
  tokensOf(vault, payoutFileTable, 'sealedContent', ({ messageId }) => contentOwnerOf(messageId)),
];
