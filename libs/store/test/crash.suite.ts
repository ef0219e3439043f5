import type { Store, TransactOptions } from '../src/store';
import { hold, holdsTable } from './holds';

export interface CrashingStores {
  /** Two processes on one database that knows holdsTable. */
  readonly stores: readonly [Store, Store];
  /** The database loses all that it may lose; it is up again when this resolves. */
  crash(): Promise<void>;
  close(): Promise<void>;
}

const ASYNCHRONOUS: TransactOptions = { commit: 'asynchronous' };

/** What both stores promise of a database that crashes while its processes live. */
export const crashSuite = (name: string, open: () => Promise<CrashingStores>): void => {
  describe(name, () => {
    let world: CrashingStores;
    beforeAll(async () => void (world = await open()), 60_000);
    afterAll(() => world.close());

    const save = (visitId: string, options?: TransactOptions, amountFen = 1) =>
      world.stores[0].transact(
        (transaction) => transaction.rows(holdsTable).save(hold(visitId, { amountFen })),
        options,
      );
    const amounts = (from: Store = world.stores[0]) =>
      from.transact(async (transaction) => {
        const rows = await transaction.rows(holdsTable).find({}, { orderBy: 'visitId' });
        return rows.map(({ visitId, amountFen }) => `${visitId}: ${amountFen}`);
      });

    test('what is committed asynchronously is seen by others at once', async () => {
      await save('v0', ASYNCHRONOUS);
      expect(await amounts(world.stores[1])).toEqual(['v0: 1']);
    });

    test('a crash loses asynchronous commits from some point on, and none before a durable one', async () => {
      await save('v1');
      await save('v2', ASYNCHRONOUS);
      await save('v1', ASYNCHRONOUS, 2);
      await save('v3');
      await save('v1', ASYNCHRONOUS, 3);
      await save('v4', ASYNCHRONOUS);
      await world.crash();
      expect(await amounts()).toEqual(['v0: 1', 'v1: 2', 'v2: 1', 'v3: 1']);
    }, 60_000);

    test('a row that was deleted asynchronously is there again', async () => {
      await world.stores[0].transact(
        (transaction) => transaction.rows(holdsTable).delete({ visitId: 'v3' }),
        ASYNCHRONOUS,
      );
      expect(await amounts()).toHaveLength(3);
      await world.crash();
      expect(await amounts()).toHaveLength(4);
      expect(await amounts(world.stores[1])).toHaveLength(4);
    }, 60_000);

    test('an asynchronous transaction that fails leaves nothing', async () => {
      const failing = world.stores[0].transact(async (transaction) => {
        await transaction.rows(holdsTable).insert(hold('v9'));
        throw new Error('no');
      }, ASYNCHRONOUS);
      await expect(failing).rejects.toThrow('no');
      expect(await amounts()).toHaveLength(4);
    });

    test('what is marked as handled, or published, is committed durably', async () => {
      const [store] = world.stores;
      const message = { topic: 'credit.authorizations', key: 'v1', headers: {}, value: {} };
      await expect(
        store.transact((transaction) => transaction.markHandled('a', 'm1'), ASYNCHRONOUS),
      ).rejects.toThrow('committed durably');
      await expect(
        store.transact(async (transaction) => transaction.publish(message), ASYNCHRONOUS),
      ).rejects.toThrow('committed durably');
      const marked = store.transact((transaction) => transaction.markHandled('a', 'm1'));
      expect(await marked).toBe(true);
    });
  });
};
