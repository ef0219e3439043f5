import 'reflect-metadata';
import { KeyFile } from '@caretab/security';
import { MemoryStore, type Table } from '@caretab/store';
import { till } from '../../test/till';
import { collectionTable } from '../collection/collection.table';
import { orderTable } from '../collection/order.table';
import { hospitalAccountTable } from '../payout/hospital-account.table';
import { payoutFileTable } from '../payout/payout-file.table';
import { refundTable } from '../refund/refund.table';
import { payment } from '..';
import { boundAccountTable } from './bound-account.table';
import { sealedTables } from './sealed-tables';
import { TokenVault } from './token-vault';

const FIRST = Buffer.alloc(32, 7).toString('base64');
const SECOND = Buffer.alloc(32, 8).toString('base64');
const earlier = new TokenVault(new KeyFile('KEYS', FIRST));
const later = new TokenVault(
  new KeyFile('KEYS', JSON.stringify({ current: 'b', keys: { first: FIRST, b: SECOND } })),
);
const withoutFirst = new TokenVault(
  new KeyFile('KEYS', JSON.stringify({ current: 'b', keys: { b: SECOND } })),
);

test('every table that keeps a token or anything sealed is among those that the new key seals', () => {
  const kept: readonly Table[] = [
    ...[boundAccountTable, collectionTable, orderTable, refundTable],
    ...[hospitalAccountTable, payoutFileTable],
  ];
  expect(sealedTables(later).map(({ table }) => table)).toEqual(kept);
  const isSealed = (field: string): boolean => /token$|^sealed/i.test(field);
  for (const table of kept) expect([...table.columns.keys()].filter(isSealed)).toHaveLength(1);
  const all = payment.tables.filter(({ columns }) => [...columns.keys()].some(isSealed));
  expect(new Set(all)).toEqual(new Set(kept));
});

test('a bound account is sealed by the new key, and paid from without the earlier one', async () => {
  const store = new MemoryStore();
  const { accounts } = till({ store });
  await accounts.bind('p-1', { channel: 'unionpay', token: 'a:ok' });
  const [tokens] = sealedTables(later);
  const renew = () =>
    store.transact(async (transaction) =>
      tokens!.renew(transaction, await transaction.rows(boundAccountTable).find({})),
    );
  expect(await renew()).toBe(1);
  expect(await renew()).toBe(0);
  const [row] = await store.transact((transaction) => transaction.rows(boundAccountTable).find({}));
  expect(withoutFirst.open(row!.sealedToken, 'p-1')).toBe('a:ok');
  expect(() => earlier.open(row!.sealedToken, 'p-1')).toThrow('the key b of a sealed value');
});
