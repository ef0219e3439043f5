import { MemoryStore, textColumn, table } from '@caretab/store';
import { handleOnce } from './marked-transaction';

interface Tab {
  readonly tabId: string;
}
const tabTable = table<Tab>({
  name: 'tab',
  columns: { tabId: textColumn(undefined, { primary: true }) },
});
const EVENT = { id: 'm', type: 'TabRaised', data: { amountFen: 1 } };
const outgoing = { topic: 't', key: 'k', headers: {}, value: 1 };

describe('a message handled once', () => {
  const isMarked = (store: MemoryStore): Promise<boolean> =>
    store.transact((transaction) => transaction.markHandled('g', 'm')).then((isNew) => !isNew);

  test('leaves no mark when its handler touches nothing', async () => {
    const store = new MemoryStore();
    await store.transact((transaction) =>
      handleOnce(transaction, 'g', EVENT, async () => undefined),
    );
    expect(await isMarked(store)).toBe(false);
  });

  test('is marked by a row that its handler reads, and by a message that it publishes', async () => {
    const [reading, publishing] = [new MemoryStore(), new MemoryStore()];
    await reading.transact((transaction) =>
      handleOnce(transaction, 'g', EVENT, (marking) => marking.rows(tabTable).find({})),
    );
    await publishing.transact((transaction) =>
      handleOnce(transaction, 'g', EVENT, async (marking) => marking.publish(outgoing)),
    );
    expect([await isMarked(reading), await isMarked(publishing)]).toEqual([true, true]);
  });

  test('has no second effect: neither rows nor messages', async () => {
    const store = new MemoryStore();
    const handle = (tabId: string): Promise<void> =>
      store.transact((transaction) =>
        handleOnce(transaction, 'g', EVENT, async (marking) => {
          marking.publish(outgoing);
          await marking.rows(tabTable).insert({ tabId });
        }),
      );
    await handle('first');
    await handle('second');
    expect(await store.transact((transaction) => transaction.rows(tabTable).find({}))).toEqual([
      { tabId: 'first' },
    ]);
    expect(await store.unpublished(10)).toHaveLength(1);
  });

  test('under an id that another has is refused, before its handler did anything', async () => {
    const store = new MemoryStore();
    const handle = (amountFen: number): Promise<void> =>
      store.transact((transaction) =>
        handleOnce(transaction, 'g', { ...EVENT, data: { amountFen } }, (marking) =>
          marking.rows(tabTable).insert({ tabId: String(amountFen) }),
        ),
      );
    await handle(1);
    await handle(1);
    await expect(handle(2)).rejects.toMatchObject({ code: 'MESSAGE_CONFLICT' });
    expect(await store.transact((transaction) => transaction.rows(tabTable).find({}))).toEqual([
      { tabId: '1' },
    ]);
  });

  test('that failed before is not failed again once it is marked', async () => {
    const store = new MemoryStore();
    const fail = (): Promise<void> =>
      store.transact((transaction) =>
        handleOnce(transaction, 'g', EVENT, () => Promise.reject(new Error('poison'))),
      );
    await expect(fail()).rejects.toThrow('poison');
    await store.transact((transaction) => transaction.markHandled('g', 'm'));
    await expect(fail()).resolves.toBeUndefined();
  });
});
