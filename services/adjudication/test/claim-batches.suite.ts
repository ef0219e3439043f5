import { derivedId } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { accumulatorTable } from '../src/claim/accumulator.table';
import { AdjudicationStage, employee, evergreen, surgery } from './claims';

const BATCHES = 8;
const PERSONS = 6;

const personOf = (index: number): string => `p-${derivedId('batch person', String(index))}`;

/** Counts how often the work of a transaction begins: more often than asked for after a deadlock. */
const counting = (store: Store): { readonly store: Store; readonly begun: () => number } => {
  let begun = 0;
  const transact: Store['transact'] = (work) =>
    store.transact((transaction) => {
      begun += 1;
      return work(transaction);
    });
  return {
    store: new Proxy(store, {
      get: (target, name) => {
        if (name === 'transact') return transact;
        const value = target[name as keyof Store] as unknown;
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    }),
    begun: () => begun,
  };
};

/** Batches of visits' events, on a store of their own. */
export const claimBatchesSuite = (open: () => Promise<Store>): void => {
  test('batches that share persons in any order never deadlock, and each event counts once', async () => {
    const { store, begun } = counting(await open());
    const stage = new AdjudicationStage(store);
    await stage.registerHospital();
    const persons = Array.from({ length: PERSONS }, (_, index) => personOf(index));
    for (const personId of persons)
      await stage.memberships.replace(personId, [employee, evergreen]);
    const batches = Array.from({ length: BATCHES }, (_, batch) => {
      // Every other batch visits the persons the other way round, and gets its first event twice.
      const order = batch % 2 === 0 ? persons : [...persons].reverse();
      const events = order.flatMap((personId, index) => {
        const visitId = `HZ01-B${batch}V${index}`;
        return [
          stage.opened(visitId, { personId }),
          stage.closed(visitId, 1, [surgery], { personId }),
        ];
      });
      return [...events, events[0]!];
    });
    const before = begun();
    await Promise.all(batches.map((events) => stage.handle(events)));
    expect(begun() - before).toBe(BATCHES);
    await Promise.all(batches.map((events) => stage.handle(events)));
    const adjudicated = (await stage.published()).filter(({ type }) => type === 'ClaimAdjudicated');
    expect(adjudicated).toHaveLength(BATCHES * PERSONS);
    const used = await stage.read((transaction) =>
      transaction.rows(accumulatorTable).find({ planId: 'employee-basic' }),
    );
    expect(used.map(({ inScopeUsedFen }) => inScopeUsedFen)).toEqual(
      persons.map(() => BATCHES * surgery.amountFen),
    );
  });
};
