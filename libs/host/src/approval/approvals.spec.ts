import { MemoryStore, type Rows, type Store, type Transaction } from '@caretab/store';
import { approvalFaults, approvalsSuite } from '../../test/approvals.suite';

approvalsSuite('MemoryStore', async () => new MemoryStore(), 300);

/** As a store is whose `get` takes no lock. */
const withoutLocks = (store: Store): Store =>
  new Proxy(store, {
    get: (target, name: keyof Store) =>
      name === 'transact'
        ? (work: (transaction: Transaction) => Promise<unknown>) =>
            target.transact((transaction) =>
              work({
                ...{ publish: transaction.publish, markHandled: transaction.markHandled },
                rows: (table: never) => {
                  const rows = transaction.rows<any>(table);
                  return new Proxy(rows, {
                    get: (real, verb: keyof Rows<any>) =>
                      verb === 'get'
                        ? (where: object) => real.get(where)
                        : (real[verb] as (...given: unknown[]) => unknown).bind(real),
                  });
                },
              } as never),
            )
        : target[name],
  });

test('a use that takes no lock is found: it happens twice', async () => {
  const faults = await approvalFaults(async () => withoutLocks(new MemoryStore()), 2000);
  expect(faults).toContain('used twice');
}, 60_000);
