import fc from 'fast-check';
import { setTimeout as sleep } from 'node:timers/promises';
import { UniqueViolation, type Store, type Transaction } from '../src/store';
import { stream } from '../src/stream';
import { hold, holdsTable, type Hold } from './holds';

const holds = (transaction: Transaction) => transaction.rows(holdsTable);
const ids = (rows: readonly Hold[]) => rows.map(({ visitId }) => visitId);
const numbered = (count: number, changes: (index: number) => Partial<Hold> = () => ({})) =>
  Array.from({ length: count }, (_, index) => hold(`v${100 + index}`, changes(index)));

/** What both stores promise about many rows at once: adding, paging, and writing them. */
export const manySuite = (storeNow: () => Store): void => {
  const inStore = <Result>(work: (transaction: Transaction) => Promise<Result>) =>
    storeNow().transact(work);
  const insert = (...rows: Hold[]) => inStore((transaction) => holds(transaction).insert(...rows));
  const clear = () => inStore((transaction) => holds(transaction).delete({}));

  describe('rows that are added up', () => {
    const rowsOf = (
      parts: readonly (readonly [status: string, reference: boolean, amountFen: number])[],
    ) =>
      parts.map(([status, hasReference, amountFen], index) =>
        hold(`v${index}`, { status, amountFen, reference: hasReference ? `r${index % 3}` : null }),
      );

    test('are none, and their sum is 0', async () => {
      await inStore(async (transaction) => {
        expect(await holds(transaction).sum({}, 'amountFen')).toBe(0);
        expect(await holds(transaction).group({}, { by: ['status'] })).toEqual([]);
      });
    });

    test('come to what folding them one by one comes to', async () => {
      const part = fc.tuple(
        fc.constantFrom('held', 'due', 'free', '额度'),
        fc.constant(false),
        fc.integer({ min: -1_000_000, max: 9_000_000_000 }),
      );
      const run = fc.asyncProperty(fc.array(part, { maxLength: 40 }), async (parts) => {
        await clear();
        const rows = rowsOf(parts);
        await insert(...rows);
        const expected = new Map<string, { count: number; amountFen: number }>();
        for (const { status, amountFen } of rows) {
          const before = expected.get(status) ?? { count: 0, amountFen: 0 };
          expected.set(status, {
            count: before.count + 1,
            amountFen: before.amountFen + amountFen,
          });
        }
        await inStore(async (transaction) => {
          const groups = await holds(transaction).group({}, { by: ['status'], sum: ['amountFen'] });
          expect(
            new Map(groups.map(({ values, count, sums }) => [values.status, { count, ...sums }])),
          ).toEqual(expected);
          const big = rows.filter(({ amountFen }) => amountFen > 1_000);
          expect(await holds(transaction).sum({ amountFen: { gt: 1_000 } }, 'amountFen')).toBe(
            big.reduce((total, { amountFen }) => total + amountFen, 0),
          );
        });
      });
      await fc.assert(run, { numRuns: 25, seed: 20260302 });
    });

    test('are grouped by several values, NULL and dates among them, in the order of those values', async () => {
      const later = new Date('2026-03-03T00:00:00.001Z');
      await insert(
        hold('v1', { reference: 'r1', amountFen: 1 }),
        hold('v2', { amountFen: 2 }),
        hold('v3', { amountFen: 4, line: 7 }),
        hold('v4', { amountFen: 8, expiresAt: later }),
      );
      const groups = await inStore((transaction) =>
        holds(transaction).group(
          {},
          { by: ['reference', 'expiresAt'], sum: ['amountFen', 'line'] },
        ),
      );
      const { expiresAt } = hold('v1');
      expect(groups).toEqual([
        { values: { reference: 'r1', expiresAt }, count: 1, sums: { amountFen: 1, line: 1 } },
        { values: { reference: null, expiresAt }, count: 2, sums: { amountFen: 6, line: 8 } },
        {
          values: { reference: null, expiresAt: later },
          count: 1,
          sums: { amountFen: 8, line: 1 },
        },
      ]);
    });

    test('include what their own transaction has written', async () => {
      await insert(hold('v1', { amountFen: 1 }), hold('v2', { amountFen: 2 }));
      await inStore(async (transaction) => {
        await holds(transaction).delete({ visitId: 'v1' });
        await holds(transaction).save(hold('v3', { amountFen: 4 }));
        expect(await holds(transaction).sum({}, 'amountFen')).toBe(6);
      });
    });
  });

  describe('pages', () => {
    const pages = async (
      orderBy: 'amountFen' | undefined,
      descending: boolean,
      countMax: number,
    ) => {
      const read: Hold[][] = [];
      let after: Partial<Hold> | undefined;
      do {
        const page = await inStore((transaction) =>
          holds(transaction).page({}, { ...(orderBy && { orderBy }), descending, countMax, after }),
        );
        read.push([...page.rows]);
        after = page.next;
      } while (after);
      return read;
    };

    test('hold every row once, in order, and end with the last row', async () => {
      const rows = numbered(7, (index) => ({ amountFen: index % 3 }));
      await insert(...rows);
      expect((await pages(undefined, false, 3)).map(ids)).toEqual([
        ['v100', 'v101', 'v102'],
        ['v103', 'v104', 'v105'],
        ['v106'],
      ]);
      expect((await pages('amountFen', true, 4)).map(ids)).toEqual([
        ['v105', 'v102', 'v104', 'v101'],
        ['v106', 'v103', 'v100'],
      ]);
      expect((await pages(undefined, false, 7)).map(ids)).toEqual([ids(rows)]);
      await clear();
      expect(await pages(undefined, false, 7)).toEqual([[]]);
    });

    test('hold every row once, however many are inserted and deleted between them', async () => {
      const key = fc.integer({ min: 0, max: 30 });
      const run = fc.asyncProperty(
        fc.uniqueArray(key, { maxLength: 15 }),
        fc.array(fc.tuple(key, fc.boolean()), { maxLength: 20 }),
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        async (first, changes, countMax, descending) => {
          await clear();
          const rowOf = (one: number) => hold(`v${one}`, { amountFen: one % 5 });
          await insert(...first.map(rowOf));
          const changed = new Set(changes.map(([one]) => `v${one}`));
          const read: string[] = [];
          const queue = [...changes];
          let after: Partial<Hold> | undefined;
          do {
            const page = await inStore((transaction) =>
              holds(transaction).page({}, { orderBy: 'amountFen', descending, countMax, after }),
            );
            read.push(...ids(page.rows));
            after = page.next;
            for (const [one, isInsert] of queue.splice(0, 3))
              await inStore((transaction) =>
                isInsert
                  ? holds(transaction).save(rowOf(one))
                  : holds(transaction).delete({ visitId: `v${one}` }),
              );
          } while (after);
          const stayed = ids(first.map(rowOf)).filter((id) => !changed.has(id));
          expect(read.filter((id) => !changed.has(id)).sort()).toEqual(stayed.sort());
          // A row that is deleted and inserted again keeps its place here: it is behind the cursor.
          expect(new Set(read).size).toBe(read.length);
        },
      );
      await fc.assert(run, { numRuns: 25, seed: 20260302 });
    });

    test('come as a stream of batches, and are locked where that is asked for', async () => {
      await insert(...numbered(5), hold('w1', { status: 'free' }));
      await inStore(async (transaction) => {
        const batches: string[][] = [];
        const options = { countMax: 2, lock: 'wait' } as const;
        for await (const batch of stream(holds(transaction), { status: 'held' }, options)) {
          batches.push(ids(batch));
          await holds(transaction).save(...batch.map((row) => ({ ...row, amountFen: 0 })));
        }
        expect(batches).toEqual([['v100', 'v101'], ['v102', 'v103'], ['v104']]);
        expect(await holds(transaction).sum({ status: 'held' }, 'amountFen')).toBe(0);
      });
    });

    test('have no order by a field that may be NULL', async () => {
      const reading = inStore(async (transaction) =>
        holds(transaction).page({}, { orderBy: 'reference', countMax: 1 }),
      );
      await expect(reading).rejects.toThrow('never NULL');
    });
  });

  describe('many rows at once', () => {
    const keys = (...visitIds: string[]) => visitIds.map((visitId) => ({ visitId, line: 1 }));

    test('are locked by their keys: those that exist, in order, each once', async () => {
      await insert(...numbered(4));
      expect(
        ids(
          await inStore((transaction) =>
            holds(transaction).lockAll(keys('v103', 'v100', 'x', 'v101', 'v103')),
          ),
        ),
      ).toEqual(['v100', 'v101', 'v103']);
      expect(await inStore((transaction) => holds(transaction).lockAll([]))).toEqual([]);
    });

    test('are locked in one order, so that transactions that share them never deadlock', async () => {
      const count = 8;
      await insert(...numbered(count, () => ({ amountFen: 0 })));
      const run = fc.asyncProperty(
        fc.array(fc.uniqueArray(fc.integer({ min: 0, max: count - 1 }), { minLength: 1 }), {
          minLength: 2,
          maxLength: 6,
        }),
        async (sets) => {
          let attempts = 0;
          await Promise.all(
            sets.map((set) =>
              inStore(async (transaction) => {
                attempts += 1;
                const rows = await holds(transaction).lockAll(
                  keys(...set.map((index) => `v${100 + index}`)),
                );
                expect(rows).toHaveLength(set.length);
                await sleep(1);
                await holds(transaction).save(
                  ...rows.reverse().map((row) => ({ ...row, amountFen: row.amountFen + 1 })),
                );
              }),
            ),
          );
          // A transaction that loses a deadlock runs again.
          expect(attempts).toBe(sets.length);
        },
      );
      await fc.assert(run, { numRuns: 15, seed: 20260302 });
    });

    test('lose no change, whichever transactions share them', async () => {
      await insert(...numbered(6, () => ({ amountFen: 0 })));
      const all = keys('v100', 'v101', 'v102', 'v103', 'v104', 'v105');
      const addOne = (some: typeof all) =>
        inStore(async (transaction) => {
          const rows = await holds(transaction).lockAll(some);
          await holds(transaction).save(
            ...rows.map((row) => ({ ...row, amountFen: row.amountFen + 1 })),
          );
        });
      await Promise.all([all, [...all].reverse(), all.slice(3), all.slice(0, 3)].map(addOne));
      expect(
        await inStore((transaction) => holds(transaction).group({}, { by: ['amountFen'] })),
      ).toEqual([{ values: { amountFen: 3 }, count: 6, sums: {} }]);
    });

    test('are inserted where they are absent, and those come back', async () => {
      await insert(hold('v1', { status: 'first' }));
      const [fresh, again] = await inStore(async (transaction) => [
        await holds(transaction).insertAllAbsent([
          hold('v3', { seal: Buffer.from([0, 255]) }),
          hold('v1', { status: 'second' }),
          hold('v2', { status: 'first' }),
          hold('v2', { status: 'second' }),
        ]),
        await holds(transaction).insertAllAbsent([hold('v3'), hold('v1')]),
      ]);
      expect(fresh).toEqual([
        hold('v2', { status: 'first' }),
        hold('v3', { seal: Buffer.from([0, 255]) }),
      ]);
      expect(again).toEqual([]);
      expect(
        await inStore((transaction) => holds(transaction).find({}, { orderBy: 'visitId' })),
      ).toEqual([hold('v1', { status: 'first' }), ...fresh]);
    });

    test('go in once, however the batches overlap that insert them at once', async () => {
      const rows = numbered(30);
      const inserted = await Promise.all(
        [rows, [...rows].reverse(), rows.slice(10), rows.slice(0, 20).reverse()].map((some) =>
          inStore((transaction) => holds(transaction).insertAllAbsent(some)),
        ),
      );
      expect(ids(inserted.flat()).sort()).toEqual(ids(rows));
    });

    test('are saved at once by those who save them in other orders', async () => {
      const rows = numbered(30);
      await Promise.all(
        [rows, [...rows].reverse()].map((some, index) =>
          inStore((transaction) =>
            holds(transaction).save(...some.map((row) => ({ ...row, line: 1, amountFen: index }))),
          ),
        ),
      );
      expect(await inStore((transaction) => holds(transaction).count({}))).toBe(30);
    });

    test('are not inserted at all where two of them have one key', async () => {
      await expect(insert(hold('v1'), hold('v2'), hold('v1'))).rejects.toThrow(UniqueViolation);
      expect(await inStore((transaction) => holds(transaction).count({}))).toBe(0);
    });
  });
};
