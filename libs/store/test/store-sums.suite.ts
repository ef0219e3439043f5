import fc from 'fast-check';
import { type Store, type SumSource, type Transaction, UniqueViolation } from '../src/store';
import { hold, holdsTable, type Hold } from './holds';

const holds = (transaction: Transaction) => transaction.rows(holdsTable);
const numbered = (count: number, changes: (index: number) => Partial<Hold> = () => ({})) =>
  Array.from({ length: count }, (_, index) => hold(`v${100 + index}`, changes(index)));

const every: Partial<Hold> = {
  ...{ line: 9, expiresAt: new Date('2026-03-02T08:00:00Z') },
  ...{ reasons: [], reference: null, seal: null },
};
const { visitId, status } = { visitId: { of: 'visitId' }, status: { of: 'status' } } as const;

/** Amounts of the lines below `line`, by visit and status. */
const ownAmounts = (line: number): SumSource<Hold, Hold> => ({
  ...{ of: holdsTable, where: { line: { lte: line } } },
  adds: [{ to: { visitId, status }, amount: { of: 'amountFen' }, sign: 1 }],
});

/** What both stores promise about rows that are changed and added up where they are. */
export const sumsSuite = (storeNow: () => Store): void => {
  const inStore = <Result>(work: (transaction: Transaction) => Promise<Result>) =>
    storeNow().transact(work);
  const insert = (...rows: Hold[]) => inStore((transaction) => holds(transaction).insert(...rows));
  const amounts = async () =>
    (await inStore((transaction) => holds(transaction).find({ line: 9 }, { orderBy: 'visitId' })))
      .map((row) => `${row.visitId} ${row.status} ${row.amountFen}`)
      .sort();

  describe('fields of many rows', () => {
    test('are set where the rows fit, and nowhere else', async () => {
      await insert(...numbered(3), hold('w1'));
      await inStore(async (transaction) => {
        const rows = holds(transaction);
        await rows.get({ visitId: 'v100', line: 1 }, { lock: 'wait' });
        await rows.update(
          { visitId: { in: ['v100', 'v102'] } },
          { amountFen: 7, reasons: ['LIMIT'], reference: null },
        );
        // What was read before is not answered from memory.
        expect(await rows.get({ visitId: 'v100', line: 1 })).toMatchObject({ amountFen: 7 });
        await rows.update({ visitId: { in: [] } }, { amountFen: 0 });
      });
      expect(await inStore((transaction) => holds(transaction).find({ amountFen: 7 }))).toEqual([
        hold('v100', { amountFen: 7, reasons: ['LIMIT'] }),
        hold('v102', { amountFen: 7, reasons: ['LIMIT'] }),
      ]);
      await inStore((transaction) => holds(transaction).update({}, { status: 'free' }));
      expect(await inStore((transaction) => holds(transaction).count({ status: 'free' }))).toBe(4);
    });

    test('are never those of the primary key', async () => {
      const moving = inStore((transaction) => holds(transaction).update({}, { visitId: 'w' }));
      await expect(moving).rejects.toThrow('primary key');
    });

    test('are read alone in a page, whose rows are locked and read whole afterwards', async () => {
      await insert(...numbered(3, (index) => ({ amountFen: index })));
      await inStore(async (transaction) => {
        const rows = holds(transaction);
        const options = { orderBy: 'amountFen', countMax: 2, lock: 'wait' } as const;
        const { rows: page, next } = await rows.pageFields(['status', 'visitId'], {}, options);
        expect(page).toEqual([
          { status: 'held', visitId: 'v100' },
          { status: 'held', visitId: 'v101' },
        ]);
        expect(next).toEqual({ amountFen: 1, visitId: 'v101', line: 1 });
        expect(await rows.get({ visitId: 'v101', line: 1 })).toEqual(
          hold('v101', { amountFen: 1 }),
        );
        const last = await rows.pageFields(['visitId'], {}, { ...options, after: next });
        expect(last).toEqual({ rows: [{ visitId: 'v102' }], next: undefined });
      });
    });
  });

  describe('sums that become rows', () => {
    test('come to what adding the rows up one by one comes to', async () => {
      const line = fc.record({
        ...{ visitId: fc.constantFrom('v1', 'v2'), line: fc.integer({ min: 1, max: 4 }) },
        ...{ amountFen: fc.integer({ min: -2, max: 2 }), status: fc.constantFrom('held', 'due') },
      });
      const lines = fc.uniqueArray(line, { selector: (one) => `${one.visitId}/${one.line}` });
      const run = fc.asyncProperty(lines, async (some) => {
        await inStore((transaction) => holds(transaction).delete({}));
        await insert(...some.map((one) => hold(one.visitId, one)));
        const sums = new Map<string, number>();
        for (const one of some) {
          if (one.line > 3) continue;
          const name = `${one.visitId} ${one.status}`;
          sums.set(name, (sums.get(name) ?? 0) + one.amountFen);
        }
        const groups = await inStore((transaction) =>
          holds(transaction).insertSums([ownAmounts(3)], {
            ...{ sum: 'amountFen', by: ['visitId'] },
            // A row of a visit and line is there once.
            every: { ...every, line: 9 },
          }),
        ).catch((error: unknown) => {
          if (error instanceof UniqueViolation) return 'taken' as const;
          throw error;
        });
        const wanted = [...sums].filter(([, sum]) => sum !== 0);
        const visits = wanted.map(([name]) => name.split(' ')[0]!);
        if (new Set(visits).size < visits.length) return expect(groups).toBe('taken');
        expect(await amounts()).toEqual(wanted.map(([name, sum]) => `${name} ${sum}`).sort());
        expect(groups).toEqual(
          wanted
            .map(([name, sum]) => [name.split(' ')[0]!, sum] as const)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([of, amountFen]) => ({ values: { visitId: of }, count: 1, sums: { amountFen } })),
        );
      });
      await fc.assert(run, { numRuns: 20, seed: 20260302 });
    });

    test('take what their own transaction wrote, each row with those beside it, and constants', async () => {
      await insert(hold('v1', { amountFen: 5, status: 'a' }), hold('v2', { amountFen: 3 }));
      await inStore(async (transaction) => {
        const rows = holds(transaction);
        await rows.insert(hold('v1', { line: 2, amountFen: 20, status: 'b' }));
        await rows.get({ visitId: 'v2', line: 1 }, { lock: 'wait' });
        await rows.save(hold('v2', { amountFen: 4 }));
        const beside: SumSource<Hold, Hold, Hold> = {
          ...{ of: holdsTable, where: { line: 1, visitId: { in: ['v1', 'v2', 'v3'] } } },
          beside: { table: holdsTable, on: ['visitId'] },
          adds: [
            { to: { visitId, status: { beside: 'status' } }, amount: { of: 'amountFen' }, sign: 1 },
            {
              to: { visitId: { is: 'sum' }, status: { is: 'all' } },
              ...{ amount: { beside: 'amountFen' }, sign: -1 },
            },
          ],
        };
        const options = { sum: 'amountFen', by: ['status'] } as const;
        const groups = await rows.insertSums(
          [{ ...beside, where: { ...beside.where, visitId: 'v2' } }],
          {
            ...options,
            every,
          },
        );
        expect(groups).toEqual([
          { values: { status: 'all' }, count: 1, sums: { amountFen: -4 } },
          { values: { status: 'held' }, count: 1, sums: { amountFen: 4 } },
        ]);
        expect(await rows.insertSums([], { ...options, every })).toEqual([]);
      });
      expect(await amounts()).toEqual(['sum all -4', 'v2 held 4']);
      const sources: SumSource<Hold, Hold, Hold>[] = [
        {
          ...{ of: holdsTable, where: { visitId: 'v1', reference: null } },
          beside: { table: holdsTable, on: ['visitId', 'line'] },
          adds: [
            {
              to: { visitId: { is: 'w' }, status: { beside: 'status' } },
              ...{ amount: { of: 'amountFen' }, sign: -1 },
            },
          ],
        },
        {
          ...{ of: holdsTable, where: { amountFen: { gt: 10 } } },
          adds: [
            {
              to: { visitId: { is: 'w' }, status },
              ...{ amount: { of: 'amountFen' }, sign: 1 },
            },
          ],
        },
      ];
      await inStore((transaction) =>
        holds(transaction).insertSums(sources, { sum: 'amountFen', by: ['status'], every }),
      );
      // Of the second line what the one source takes the other gives: there is no row of nothing.
      expect(await amounts()).toEqual(['sum all -4', 'v2 held 4', 'w a -5']);
    });

    test('of a key that is taken break the transaction', async () => {
      await insert(hold('v1', { amountFen: 5 }), hold('v1', { line: 9 }));
      const taking = inStore((transaction) =>
        holds(transaction).insertSums([ownAmounts(1)], {
          sum: 'amountFen',
          by: ['visitId'],
          every,
        }),
      );
      await expect(taking).rejects.toThrow(UniqueViolation);
    });
  });
};
