import { MemoryStore, type StorePoint } from './memory-store';
import { holdsTable, storeSuite } from './store.suite';

storeSuite('MemoryStore', async () => new MemoryStore({ clock: { now: () => new Date('2026-03-02T08:00:00Z') } }));

describe('MemoryStore in a simulation', () => {
  const row = { visitId: 'v1', line: 1, amountFen: 1, status: 'held', reference: null, expiresAt: new Date(0), reasons: [], seal: null };
  const dyingAt = (point: StorePoint) => {
    let armed = true;
    return new MemoryStore({
      at: (here) => {
        if (armed && here === point) {
          armed = false;
          throw new Error('Killed');
        }
      },
    });
  };
  const work = (store: MemoryStore) => store.transact((transaction) => transaction.rows(holdsTable).insert(row));
  const count = (store: MemoryStore) => store.transact((transaction) => transaction.rows(holdsTable).count({}));

  test.each(['operation', 'commit'] as const)('loses the whole transaction when it dies before the %s', async (point) => {
    const store = dyingAt(point);
    await expect(work(store)).rejects.toThrow('Killed');
    expect(await count(store)).toBe(0);
  });

  test('keeps the whole transaction when it dies after the commit', async () => {
    const store = dyingAt('committed');
    await expect(work(store)).rejects.toThrow('Killed');
    expect(await count(store)).toBe(1);
  });
});
