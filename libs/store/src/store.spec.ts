import { MemoryDatabase } from './memory-database';
import { MemoryStore, type StorePoint } from './memory-store';
import { hold, holdsTable } from '../test/holds';
import { storeSuite } from '../test/store.suite';
import { withinSuite } from '../test/store-within.suite';

const row = hold('v1', { amountFen: 1, expiresAt: new Date(0) });
const clock = { now: () => new Date('2026-03-02T08:00:00Z') };

const empty = async (): Promise<MemoryStore> =>
  new MemoryStore({ database: new MemoryDatabase(clock) });
storeSuite('MemoryStore', empty);
withinSuite('MemoryStore', empty);

describe('MemoryStore in a simulation', () => {
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
  const work = (store: MemoryStore) =>
    store.transact((transaction) => transaction.rows(holdsTable).insert(row));
  const count = (store: MemoryStore) =>
    store.transact((transaction) => transaction.rows(holdsTable).count({}));

  test.each(['operation', 'commit'] as const)(
    'loses the whole transaction when it dies before the %s',
    async (point) => {
      const store = dyingAt(point);
      await expect(work(store)).rejects.toThrow('Killed');
      expect(await count(store)).toBe(0);
    },
  );

  test('keeps the whole transaction when it dies after the commit', async () => {
    const store = dyingAt('committed');
    await expect(work(store)).rejects.toThrow('Killed');
    expect(await count(store)).toBe(1);
  });
});

describe('MemoryStore', () => {
  const turn = () => new Promise((done) => setImmediate(done));
  const filled = async () => {
    const database = new MemoryDatabase();
    const store = new MemoryStore({ database });
    await store.transact((transaction) =>
      transaction.rows(holdsTable).insert(row, { ...row, visitId: 'v2' }),
    );
    return { database, store };
  };
  const addOne = (store: MemoryStore, visitId: string, lock: object) =>
    store.transact(async (transaction) => {
      const known = (await transaction.rows(holdsTable).get({ visitId }, lock))!;
      await turn();
      await transaction.rows(holdsTable).save({ ...known, amountFen: known.amountFen + 1 });
    });
  const amounts = async (store: MemoryStore) =>
    (
      await store.transact((transaction) =>
        transaction.rows(holdsTable).find({}, { orderBy: 'visitId' }),
      )
    ).map(({ amountFen }) => amountFen);

  test('loses a change that was made on a row read without a lock, as PostgreSQL does', async () => {
    const { store } = await filled();
    await Promise.all([addOne(store, 'v1', {}), addOne(store, 'v1', {})]);
    expect(await amounts(store)).toEqual([2, 1]);
    await Promise.all([
      addOne(store, 'v2', { lock: 'wait' }),
      addOne(store, 'v2', { lock: 'wait' }),
    ]);
    expect(await amounts(store)).toEqual([2, 3]);
  });

  test('shows nobody what is not committed', async () => {
    const { store } = await filled();
    const writing = store.transact(async (transaction) => {
      await transaction.rows(holdsTable).delete({});
      await turn();
      await turn();
    });
    await turn();
    expect(await amounts(store)).toEqual([1, 1]);
    await writing;
    expect(await amounts(store)).toEqual([]);
  });

  test('ends a circle of waiting and runs the loser again', async () => {
    const { store } = await filled();
    const both = (first: string, second: string) =>
      store.transact(async (transaction) => {
        for (const visitId of [first, second]) {
          const known = (await transaction.rows(holdsTable).get({ visitId }, { lock: 'wait' }))!;
          await turn();
          await transaction.rows(holdsTable).save({ ...known, amountFen: known.amountFen + 1 });
        }
      });
    await Promise.all([both('v1', 'v2'), both('v2', 'v1')]);
    expect(await amounts(store)).toEqual([3, 3]);
  });

  test('gives up the locks of a process that died, with nothing done', async () => {
    const { database, store } = await filled();
    const dying = new MemoryStore({
      database,
      at: (point) => (point === 'commit' ? new Promise<void>(() => undefined) : undefined),
    });
    void addOne(dying, 'v1', { lock: 'wait' });
    await turn();
    await turn();
    const waiting = addOne(store, 'v1', { lock: 'wait' });
    await turn();
    dying.kill();
    await waiting;
    expect(await amounts(store)).toEqual([2, 1]);
  });

  test('undoes what was open when the server ended its connections, and tells whoever waited for a lock', async () => {
    const { database, store } = await filled();
    const severed = new MemoryStore({ database });
    let lock: (() => void) | undefined;
    const holding = store.transact(async (transaction) => {
      await transaction.rows(holdsTable).get({ visitId: 'v1' }, { lock: 'wait' });
      await new Promise<void>((resolve) => (lock = resolve));
    });
    await turn();
    const writing = severed.transact(async (transaction) => {
      await transaction.rows(holdsTable).delete({ visitId: 'v2' });
      await turn();
      await turn();
    });
    const waiting = addOne(severed, 'v1', { lock: 'wait' });
    await turn();
    severed.sever();
    await expect(writing).rejects.toMatchObject({ code: '57P01' });
    await expect(waiting).rejects.toMatchObject({ code: '57P01' });
    lock!();
    await holding;
    await addOne(severed, 'v2', { lock: 'wait' });
    expect(await amounts(store)).toEqual([1, 2]);
  });

  test(
    'lets another relay begin when the connection that held the lock was ended, and ' +
      'does not end that one’s turn',
    async () => {
      const { database, store } = await filled();
      const severed = new MemoryStore({ database });
      let [endFirst, endSecond]: (() => void)[] = [];
      const first = severed.withRelayLock(
        () => new Promise<void>((resolve) => (endFirst = resolve)),
      );
      expect(await store.withRelayLock(async () => 'at work')).toBeUndefined();
      severed.sever();
      const second = store.withRelayLock(
        () => new Promise<void>((resolve) => (endSecond = resolve)),
      );
      endFirst!();
      await first;
      expect(await severed.withRelayLock(async () => 'at work')).toBeUndefined();
      endSecond!();
      await second;
      expect(await severed.withRelayLock(async () => 'at work')).toBe('at work');
    },
  );
});
