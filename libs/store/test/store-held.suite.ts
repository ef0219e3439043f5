import fc from 'fast-check';
import type { Rows, Store } from '../src/store';
import { hold, holdsTable, type Hold } from './holds';

/** One thing that a transaction does with the rows of three visits, two lines each. */
type Step = (rows: Rows<Hold>, model: Map<string, Hold>) => Promise<void>;

const keyOf = ({ visitId, line }: Pick<Hold, 'visitId' | 'line'>): string => `${visitId}/${line}`;
const inOrder = (rows: Iterable<Hold>): Hold[] =>
  [...rows].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));

const visits = ['v1', 'v2', 'v3'];
const key = fc.record({ visitId: fc.constantFrom(...visits), line: fc.constantFrom(1, 2) });
const row = fc
  .tuple(key, fc.integer({ min: 0, max: 9 }), fc.constantFrom('held', 'due'))
  .map(([{ visitId, line }, amountFen, status]) =>
    hold(visitId, { line, amountFen, status, reasons: [status] }),
  );
const lock = fc.constantFrom<'wait' | undefined>('wait', undefined);

const reading: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(key, lock).map(([one, how]): Step => async (rows, model) => {
    expect(await rows.get(one, how && { lock: how })).toEqual(model.get(keyOf(one)));
  }),
  fc.tuple(fc.constantFrom(...visits), lock).map(([visitId, how]): Step => async (rows, model) => {
    const found = await rows.find({ visitId }, { orderBy: 'line', ...(how && { lock: how }) });
    expect(found).toEqual(inOrder(model.values()).filter((one) => one.visitId === visitId));
  }),
  fc.constantFrom(...visits).map((visitId): Step => async (rows, model) => {
    const [last] = await rows.find(
      { visitId, amountFen: { gt: 4 } },
      { orderBy: 'line', descending: true, countMax: 1 },
    );
    const fitting = inOrder(model.values()).filter(
      (one) => one.visitId === visitId && one.amountFen > 4,
    );
    expect(last).toEqual(fitting.at(-1));
  }),
  fc.constant<Step>(async (rows, model) => {
    const due = [...model.values()].filter(({ status }) => status === 'due');
    expect(await rows.count({ status: 'due' })).toBe(due.length);
    expect(await rows.sum({ status: 'due' }, 'amountFen')).toBe(
      due.reduce((total, { amountFen }) => total + amountFen, 0),
    );
  }),
  fc.array(key, { maxLength: 4 }).map((keys): Step => async (rows, model) => {
    const wanted = new Set(keys.map(keyOf));
    expect(await rows.lockAll(keys)).toEqual(
      inOrder(model.values()).filter((one) => wanted.has(keyOf(one))),
    );
  }),
  fc.uniqueArray(fc.constantFrom(...visits)).map(
    (some): Step =>
      (rows) =>
        rows.gather('visitId', some),
  ),
);

const writing: fc.Arbitrary<Step> = fc.oneof(
  fc.array(row, { maxLength: 3 }).map((saved): Step => async (rows, model) => {
    await rows.save(...saved);
    for (const one of saved) model.set(keyOf(one), one);
  }),
  row.map((inserted): Step => async (rows, model) => {
    if (model.has(keyOf(inserted))) return;
    await rows.insert(inserted);
    model.set(keyOf(inserted), inserted);
  }),
  fc.array(row, { maxLength: 3 }).map((some): Step => async (rows, model) => {
    const absent = new Map<string, Hold>();
    for (const one of some)
      if (!model.has(keyOf(one)) && !absent.has(keyOf(one))) absent.set(keyOf(one), one);
    expect(await rows.insertAllAbsent(some)).toEqual(inOrder(absent.values()));
    for (const [name, one] of absent) model.set(name, one);
  }),
  fc.constantFrom(...visits).map((visitId): Step => async (rows, model) => {
    await rows.delete({ visitId });
    for (const [name, one] of model) if (one.visitId === visitId) model.delete(name);
  }),
);

/** What both stores promise of rows that one transaction reads and writes again and again. */
export const heldSuite = (storeNow: () => Store): void => {
  describe('rows that one transaction reads and writes again', () => {
    test('are as if each step were a statement of its own', async () => {
      const steps = fc.array(fc.oneof(reading, writing), { minLength: 1, maxLength: 12 });
      const run = fc.asyncProperty(fc.array(steps, { maxLength: 3 }), async (transactions) => {
        await storeNow().transact((transaction) => transaction.rows(holdsTable).delete({}));
        const model = new Map<string, Hold>();
        for (const one of transactions)
          await storeNow().transact(async (transaction) => {
            for (const step of one) await step(transaction.rows(holdsTable), model);
          });
        const all = await storeNow().transact((transaction) =>
          transaction.rows(holdsTable).find({}),
        );
        expect(inOrder(all)).toEqual(inOrder(model.values()));
      });
      await fc.assert(run, { numRuns: 150 });
    });

    test('are not written where the transaction fails afterwards', async () => {
      const failing = storeNow().transact(async (transaction) => {
        await transaction.rows(holdsTable).insert(hold('v1'));
        throw new Error('afterwards');
      });
      await expect(failing).rejects.toThrow('afterwards');
      const count = () =>
        storeNow().transact((transaction) => transaction.rows(holdsTable).count({}));
      expect(await count()).toBe(0);
    });

    test('pass a unique value on within one transaction', async () => {
      const after = await storeNow().transact(async (transaction) => {
        const rows = transaction.rows(holdsTable);
        await rows.insert(hold('v1', { reference: 'r1' }), hold('v2'));
        const [first, second] = await rows.lockAll([hold('v1'), hold('v2')]);
        await rows.save({ ...first!, reference: null });
        await rows.save({ ...second!, reference: 'r1' });
        await rows.insert(hold('v3', { reference: 'r3' }));
        return rows.find({}, { orderBy: 'visitId' });
      });
      expect(after.map(({ reference }) => reference)).toEqual([null, 'r1', 'r3']);
    });
  });
};
