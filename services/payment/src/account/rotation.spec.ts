import { KeyFile } from '@caretab/security';
import { MemoryStore } from '@caretab/store';
import { till } from '../../test/till';
import { collectionTable } from '../collection/collection.table';
import { orderTable } from '../collection/order.table';
import { refundTable } from '../refund/refund.table';
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

test('every table that keeps a token is among those that are sealed by the new key', () => {
  const kept = [boundAccountTable, collectionTable, orderTable, refundTable];
  expect(sealedTables(later).map(({ table }) => table)).toEqual(kept);
  for (const table of kept)
    expect([...table.columns.keys()].filter((field) => /token$/i.test(field))).toHaveLength(1);
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
