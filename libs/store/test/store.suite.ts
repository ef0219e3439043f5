import { setTimeout as sleep } from 'node:timers/promises';
import {
  ROWS_MAX,
  TooManyRows,
  UniqueViolation,
  type OutgoingMessage,
  type Store,
  type Transaction,
} from '../src/store';
import { heldSuite } from './store-held.suite';
import { manySuite } from './store-many.suite';
import { sumsSuite } from './store-sums.suite';
import { hold, holdsTable, type Hold } from './holds';

const message = (key: string, value: unknown = {}): OutgoingMessage => ({
  topic: 'credit.authorizations',
  key,
  headers: { ce_id: key },
  value,
});

const holds = (transaction: Transaction) => transaction.rows(holdsTable);

/** What both stores promise. `makeStore` gives an empty one that knows holdsTable. */
export const storeSuite = (name: string, makeStore: () => Promise<Store>): void => {
  describe(name, () => {
    let store: Store;
    beforeEach(async () => void (store = await makeStore()));
    afterEach(() => store.close());

    const all = () =>
      store.transact((transaction) => holds(transaction).find({}, { orderBy: 'visitId' }));
    const insert = (...rows: Hold[]) =>
      store.transact((transaction) => holds(transaction).insert(...rows));

    describe('rows', () => {
      test('come back as they went in', async () => {
        const row = hold('v1', {
          amountFen: 9_007_199_254_740_991,
          reasons: ['LIMIT', '额度'],
          seal: Buffer.from([0, 255]),
          reference: 'r1',
        });
        await insert(row, hold('v2'));
        expect(await all()).toEqual([row, hold('v2')]);
      });

      test('cannot be changed from outside, neither through what went in nor through what came out', async () => {
        const row = hold('v1', { reasons: ['A'] });
        await insert(row);
        (row.reasons as string[]).push('B');
        row.expiresAt.setFullYear(1999);
        const [read] = await all();
        (read!.reasons as string[]).push('C');
        expect(await all()).toEqual([hold('v1', { reasons: ['A'] })]);
      });

      test('are found by value, by NULL, by an upper limit and by a set of values', async () => {
        const late = new Date('2026-03-03T00:00:00Z');
        await insert(
          hold('v1', { reference: 'r1' }),
          hold('v2', { amountFen: 1 }),
          hold('v3', { expiresAt: late }),
        );
        const ids = (where: Parameters<ReturnType<typeof holds>['find']>[0]) =>
          store.transact(async (transaction) =>
            (await holds(transaction).find(where, { orderBy: 'visitId' })).map(
              (row) => row.visitId,
            ),
          );
        expect(await ids({ visitId: 'v2', line: 1 })).toEqual(['v2']);
        expect(await ids({ reference: null })).toEqual(['v2', 'v3']);
        expect(await ids({ amountFen: { lte: 1 } })).toEqual(['v2']);
        expect(await ids({ amountFen: { gt: 1 } })).toEqual(['v1', 'v3']);
        expect(await ids({ expiresAt: { lte: new Date('2026-03-02T08:00:00.123Z') } })).toEqual([
          'v1',
          'v2',
        ]);
        expect(await ids({ expiresAt: late, status: 'held' })).toEqual(['v3']);
        expect(await ids({ visitId: { in: ['v3', 'v1', 'v9'] } })).toEqual(['v1', 'v3']);
        expect(await ids({ visitId: { in: [] } })).toEqual([]);
      });

      test('are ordered, cut and counted', async () => {
        await insert(
          hold('v1', { amountFen: 3 }),
          hold('v2', { amountFen: 1 }),
          hold('v3', { amountFen: 2 }),
        );
        await store.transact(async (transaction) => {
          const largest = await holds(transaction).find(
            {},
            { orderBy: 'amountFen', descending: true, countMax: 2 },
          );
          expect(largest.map((row) => row.visitId)).toEqual(['v1', 'v3']);
          expect(await holds(transaction).count({ amountFen: { lte: 2 } })).toBe(2);
          expect(await holds(transaction).get({ visitId: 'v9' })).toBeUndefined();
        });
      });

      test('are replaced whole when saved, the last of the same key winning', async () => {
        await insert(hold('v1', { reference: 'r1' }));
        await store.transact((transaction) =>
          holds(transaction).save(
            hold('v1', { status: 'due' }),
            hold('v2'),
            hold('v2', { status: 'free' }),
          ),
        );
        expect(await all()).toEqual([
          hold('v1', { status: 'due' }),
          hold('v2', { status: 'free' }),
        ]);
      });

      test.each([
        ['without bytes', null],
        ['with bytes', Buffer.from([0, 255])],
      ])('are replaced by the dozen as they are one by one, %s', async (_, seal) => {
        const many = (changes: Partial<Hold>) =>
          Array.from({ length: 40 }, (_row, index) =>
            hold(`v${10 + index}`, { line: 9_007_199_254_740_991 - index, seal, ...changes }),
          );
        await store.transact((transaction) =>
          holds(transaction).save(...many({ reasons: ['LIMIT'] }).slice(0, 20)),
        );
        const rows = many({
          reasons: ['"\\ \n额度', '\u2028'],
          status: 'it\'s {due}, \\N "now"',
          reference: null,
          expiresAt: new Date('1999-12-31T23:59:59.999Z'),
        });
        await store.transact((transaction) => holds(transaction).save(...rows));
        expect(await all()).toEqual(rows);
      });

      test('are all deleted where there is no condition', async () => {
        await insert(hold('v1'), hold('v2', { status: 'free' }));
        await store.transact((transaction) => holds(transaction).delete({}));
        expect(await all()).toEqual([]);
      });

      test('are deleted by condition', async () => {
        await insert(hold('v1'), hold('v2', { status: 'free' }), hold('v3', { status: 'free' }));
        await store.transact((transaction) => holds(transaction).delete({ status: 'free' }));
        expect(await all()).toEqual([hold('v1')]);
      });

      test('are not touched by a condition whose value is missing', async () => {
        await insert(hold('v1'));
        await expect(
          store.transact((transaction) =>
            holds(transaction).delete({ visitId: undefined as never }),
          ),
        ).rejects.toThrow('has a value');
        expect(await all()).toHaveLength(1);
      });

      test('are inserted in their thousands, and never read whole when they are too many', async () => {
        await insert(...Array.from({ length: ROWS_MAX + 1 }, (_, index) => hold(`v${index}`)));
        expect(await store.transact((transaction) => holds(transaction).count({}))).toBe(
          ROWS_MAX + 1,
        );
        await expect(all()).rejects.toThrow(TooManyRows);
        await store.transact(async (transaction) => {
          const most = await holds(transaction).find({}, { countMax: ROWS_MAX });
          expect(most).toHaveLength(ROWS_MAX);
        });
      });
    });

    describe('unique keys', () => {
      test('refuse a second row of the same primary key', async () => {
        await insert(hold('v1'));
        await expect(insert(hold('v1', { status: 'other' }))).rejects.toMatchObject({
          name: 'UniqueViolation',
          table: 'holds',
        });
        expect(await all()).toEqual([hold('v1')]);
      });

      test('refuse a second row of the same unique index, inserted or saved, but not a second NULL', async () => {
        await insert(hold('v1', { reference: 'r1' }), hold('v2'), hold('v3'));
        await expect(insert(hold('v4', { reference: 'r1' }))).rejects.toThrow(UniqueViolation);
        await expect(
          store.transact((transaction) => holds(transaction).save(hold('v2', { reference: 'r1' }))),
        ).rejects.toThrow(UniqueViolation);
        await expect(
          store.transact((transaction) =>
            holds(transaction).insertIfAbsent(hold('v5', { reference: 'r1' })),
          ),
        ).rejects.toThrow(UniqueViolation);
        expect(await all()).toEqual([hold('v1', { reference: 'r1' }), hold('v2'), hold('v3')]);
      });

      test('are free again after a row is deleted or changed', async () => {
        await insert(hold('v1', { reference: 'r1' }), hold('v2', { reference: 'r2' }));
        await store.transact(async (transaction) => {
          await holds(transaction).delete({ visitId: 'v1' });
          await holds(transaction).save(hold('v2'));
          await holds(transaction).insert(
            hold('v3', { reference: 'r1' }),
            hold('v4', { reference: 'r2' }),
          );
        });
        expect(await all()).toHaveLength(3);
      });

      test('say nothing about the values that clashed', async () => {
        await insert(hold('v1', { reference: '110101199003070038' }));
        const error = await insert(hold('v2', { reference: '110101199003070038' })).catch(
          (caught: unknown) => caught as Error,
        );
        expect(
          JSON.stringify([error, (error as Error).message, String((error as Error).cause)]),
        ).not.toContain('110101199003070038');
      });
    });

    describe('a row inserted if absent', () => {
      test('keeps the first content, whether the same or another comes again', async () => {
        const again = (row: Hold) =>
          store.transact((transaction) => holds(transaction).insertIfAbsent(row));
        expect([
          await again(hold('v1')),
          await again(hold('v1')),
          await again(hold('v1', { status: 'other' })),
        ]).toEqual([true, false, false]);
        expect(await all()).toEqual([hold('v1')]);
      });

      test('goes in once, however many insert it at once', async () => {
        const answers = await Promise.all(
          Array.from({ length: 8 }, () =>
            store.transact((transaction) => holds(transaction).insertIfAbsent(hold('v1'))),
          ),
        );
        expect(answers.filter(Boolean)).toHaveLength(1);
      });
    });

    describe('a transaction', () => {
      test('that throws leaves no row, no mark and no message', async () => {
        await insert(hold('v1', { reference: 'r1' }), hold('v2'));
        const failing = store.transact(async (transaction) => {
          await holds(transaction).insert(hold('v3', { reference: 'r3' }));
          await holds(transaction).save(hold('v1', { status: 'due', reference: 'r9' }));
          await holds(transaction).delete({ visitId: 'v2' });
          await transaction.markHandled('credit.hold', 'm1');
          transaction.publish(message('v1'));
          throw new Error('The power went');
        });
        await expect(failing).rejects.toThrow('The power went');
        expect(await all()).toEqual([hold('v1', { reference: 'r1' }), hold('v2')]);
        expect(await store.unpublished(10)).toEqual([]);
        expect(
          await store.transact((transaction) => transaction.markHandled('credit.hold', 'm1')),
        ).toBe(true);
        await insert(hold('v4', { reference: 'r3' }), hold('v5', { reference: 'r9' }));
        await expect(insert(hold('v6', { reference: 'r1' }))).rejects.toThrow(UniqueViolation);
      });

      test('that swallows a failure is not committed all the same', async () => {
        await insert(hold('v1'));
        const swallowing = store.transact(async (transaction) => {
          await holds(transaction).insert(hold('v2'));
          await holds(transaction)
            .insert(hold('v1'))
            .catch(() => undefined);
        });
        await expect(swallowing).rejects.toThrow(UniqueViolation);
        expect(await all()).toEqual([hold('v1')]);
      });

      test('sees its own changes', async () => {
        await store.transact(async (transaction) => {
          await holds(transaction).insert(hold('v1'));
          expect(await holds(transaction).get({ visitId: 'v1' })).toEqual(hold('v1'));
        });
      });

      test('is not opened inside another', async () => {
        await expect(store.transact(() => store.transact(async () => 1))).rejects.toThrow(
          'inside another',
        );
        expect(await store.transact(async () => 2)).toBe(2);
      });

      test('that locks a row makes the next wait, so that no change is lost', async () => {
        await insert(hold('v1', { amountFen: 0 }));
        const addOne = () =>
          store.transact(async (transaction) => {
            const row = (await holds(transaction).get({ visitId: 'v1' }, { lock: 'wait' }))!;
            await sleep(2);
            await holds(transaction).save({ ...row, amountFen: row.amountFen + 1 });
          });
        await Promise.all(Array.from({ length: 10 }, addOne));
        expect(await all()).toEqual([hold('v1', { amountFen: 10 })]);
      });

      test('that skips locked rows takes none that another took', async () => {
        await insert(...Array.from({ length: 12 }, (_, index) => hold(`v${index}`)));
        const take = () =>
          store.transact(async (transaction) => {
            const taken = await holds(transaction).find(
              { status: 'held' },
              { orderBy: 'visitId', countMax: 4, lock: 'skip' },
            );
            await sleep(10);
            await holds(transaction).save(...taken.map((row) => ({ ...row, status: 'free' })));
            return taken.map((row) => row.visitId);
          });
        const taken = (await Promise.all([take(), take(), take()])).flat();
        expect(new Set(taken).size).toBe(12);
      });
    });

    manySuite(() => store);
    sumsSuite(() => store);
    heldSuite(() => store);

    describe('marks of what was handled', () => {
      const mark = (group: string, id: string) =>
        store.transact((transaction) => transaction.markHandled(group, id));
      const markAll = (...messages: [messageId: string, content?: string][]) =>
        store.transact((transaction) =>
          transaction.markAllHandled(
            'a.x',
            messages.map(([messageId, content]) => ({ messageId, content })),
          ),
        );

      test('are set for a batch as they are one by one', async () => {
        await mark('a.x', 'm2');
        expect(await markAll()).toEqual([]);
        expect(await markAll(['m3', 'paid 1'], ['m2'], ['m1'], ['m3', 'paid 1'])).toEqual([
          true,
          false,
          true,
          false,
        ]);
        expect(await markAll(['m1'], ['m3'], ['m2', 'anything'], ['m4'])).toEqual([
          false,
          false,
          false,
          true,
        ]);
      });

      test('refuse a batch in which one id says something else, and mark nothing of it', async () => {
        await markAll(['m1', 'paid 1']);
        const conflict = { code: 'MESSAGE_CONFLICT', details: { messageId: 'm1' } };
        await expect(markAll(['m2'], ['m1', 'paid 2'])).rejects.toMatchObject(conflict);
        await expect(markAll(['m3', 'paid 1'], ['m3', 'paid 2'])).rejects.toMatchObject({
          code: 'MESSAGE_CONFLICT',
        });
        expect(await markAll(['m2'], ['m3'])).toEqual([true, true]);
      });

      test('are set once, however the batches overlap that set them at once', async () => {
        const ids = Array.from({ length: 20 }, (_, index) => `m${index}`);
        const batches = await Promise.all(
          [ids, [...ids].reverse(), ids.slice(5), ids.slice(0, 15).reverse()].map((some) =>
            markAll(...some.map((id): [string] => [id])),
          ),
        );
        expect(batches.flat().filter(Boolean)).toHaveLength(20);
      });

      test('are set once per group', async () => {
        expect([
          await mark('a.x', 'm1'),
          await mark('a.x', 'm1'),
          await mark('a.y', 'm1'),
          await mark('a.x', 'm2'),
        ]).toEqual([true, false, true, true]);
      });

      test('tell a message that comes again from another one under the same id, which is a conflict', async () => {
        const says = (content?: string) =>
          store.transact((transaction) => transaction.markHandled('a.x', 'm1', content));
        expect([await says('paid 1'), await says('paid 1'), await says()]).toEqual([
          true,
          false,
          false,
        ]);
        await expect(says('paid 2')).rejects.toMatchObject({
          code: 'MESSAGE_CONFLICT',
          kind: 'conflict',
          details: { messageId: 'm1' },
        });
        expect(await says('paid 1')).toBe(false);
        // Within one transaction too, and one that swallows it is not committed all the same.
        const swallowing = store.transact(async (transaction) => {
          await transaction.markHandled('a.x', 'm2', 'paid 1');
          await transaction.markHandled('a.x', 'm2', 'paid 2').catch(() => undefined);
        });
        await expect(swallowing).rejects.toMatchObject({ code: 'MESSAGE_CONFLICT' });
        expect(await mark('a.x', 'm2')).toBe(true);
        expect(
          await store.transact((transaction) => transaction.markHandled('a.x', 'm2', 'anything')),
        ).toBe(false); // Marked without content: the id alone tells.
      });

      test('are set once, however many set them at once', async () => {
        expect(
          (await Promise.all(Array.from({ length: 8 }, () => mark('a.x', 'm1')))).filter(Boolean),
        ).toHaveLength(1);
      });

      test('are forgotten when they are old enough', async () => {
        await mark('a.x', 'm1');
        expect(await store.pruneHandled(new Date('2001-01-01T00:00:00Z'))).toBe(0);
        expect(await mark('a.x', 'm1')).toBe(false);
        expect(await store.pruneHandled(new Date('9999-01-01T00:00:00Z'))).toBe(1);
        expect(await mark('a.x', 'm1')).toBe(true);
      });
    });

    test('a position follows what was handled, stays at a gap, and does not go back', async () => {
      const handled = (from: number, next: number) =>
        store.advance('a.x', 'sales', { partition: 1, from, next });
      const offset = async () => (await store.positions(['a.x'])).map((one) => one.offset);
      await store.place({ group: 'a.x', topic: 'sales', partition: 1, offset: 0 });
      await handled(0, 3);
      await handled(2, 5);
      expect(await offset()).toEqual([5]);
      await handled(3, 4);
      await handled(7, 9);
      expect(await offset()).toEqual([5]);
      await store.place({ group: 'a.x', topic: 'sales', partition: 1, offset: 7 });
      await handled(7, 9);
      await store.advance('a.y', 'sales', { partition: 0, from: 4, next: 6 });
      expect(await store.positions(['a.y', 'a.x', 'a.z'])).toEqual([
        { group: 'a.x', topic: 'sales', partition: 1, offset: 9 },
        { group: 'a.y', topic: 'sales', partition: 0, offset: 6 },
      ]);
    });

    test('a transaction that handles messages advances their position when it commits', async () => {
      const handling = (from: number, next: number, work: () => Promise<void>) =>
        store.transact(work, {
          handles: { group: 'a.z', topic: 'sales', range: { partition: 2, from, next } },
        });
      const offsets = async () => (await store.positions(['a.z'])).map((one) => one.offset);
      await handling(0, 3, async () => undefined);
      expect(await offsets()).toEqual([3]);
      const failed = handling(3, 5, async () => {
        throw new Error('it fails');
      });
      await expect(failed).rejects.toThrow('it fails');
      await handling(7, 9, async () => undefined);
      expect(await offsets()).toEqual([3]);
    });

    describe('the outbox', () => {
      const publish = (...messages: OutgoingMessage[]) =>
        store.transact(async (transaction) => transaction.publish(...messages));

      test('gives messages back as they were published, oldest first, until they are marked', async () => {
        await publish(message('v1', { amountFen: 1, note: '额度' }), message('v2', null));
        await publish(message('v3', [1]));
        expect([await store.pending(2), await store.pending(10)]).toEqual([2, 3]);
        const waiting = await store.unpublished(2);
        expect(waiting).toEqual(
          [message('v1', { amountFen: 1, note: '额度' }), message('v2', null)].map((one) => ({
            ...one,
            id: expect.any(String) as string,
          })),
        );
        await store.markPublished(waiting.map(({ id }) => id));
        await store.markPublished([]);
        expect((await store.unpublished(10)).map(({ key }) => key)).toEqual(['v3']);
        expect(await store.pending(10)).toBe(1);
      });

      test('leaves out topics that cannot be published now, and takes what is behind them', async () => {
        await publish(message('v1', 1), message('v2', 2));
        await publish({ ...message('v3', 3), topic: 'another.topic' });
        const { topic } = message('v1', 1);
        const keys = async (...except: string[]) =>
          (await store.unpublished(2, except)).map(({ key }) => key);
        expect(await keys()).toEqual(['v1', 'v2']);
        expect(await keys(topic)).toEqual(['v3']);
        expect(await keys('another.topic', 'no.topic')).toEqual(['v1', 'v2']);
        expect(await keys(topic, 'another.topic')).toEqual([]);
      });

      test('keeps one key in commit order, however many publish at once', async () => {
        await insert(hold('v1', { amountFen: 0 }));
        const next = () =>
          store.transact(async (transaction) => {
            const row = (await holds(transaction).get({ visitId: 'v1' }, { lock: 'wait' }))!;
            transaction.publish(message('v1', row.amountFen));
            await sleep(1);
            await holds(transaction).save({ ...row, amountFen: row.amountFen + 1 });
          });
        await Promise.all(Array.from({ length: 10 }, next));
        expect((await store.unpublished(20)).map(({ value }) => value)).toEqual([
          0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
        ]);
      });

      test('wakes its listener after a commit that published, and at no other time', async () => {
        const seen: number[] = [];
        const stop = store.onPublish(
          () => void store.unpublished(10).then((waiting) => seen.push(waiting.length)),
        );
        await insert(hold('v1'));
        await store
          .transact(async (transaction) => {
            transaction.publish(message('v1'));
            throw new Error('No');
          })
          .catch(() => undefined);
        await publish(message('v1'));
        await sleep(50);
        stop();
        await publish(message('v2'));
        await sleep(20);
        expect(seen).toEqual([1]);
      });
    });
  });
};
