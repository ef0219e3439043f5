import { fixedClock } from '@caretab/doubles';
import { type Store, TypeOrmStore } from '@caretab/store';
import { payment } from '../src';
import { till } from './till';

export const AFTER_THE_DAY = '2026-03-03T09:00:00+08:00';

/** Where a process clears, and the transaction before whose commit it stands still; 0: none. */
export interface Place {
  readonly url: string;
  readonly schema: string;
  readonly standsAt: number;
}

/** Run as a process of its own: clears a day in pages of two visits. */
export const run = async (given: string, day: string): Promise<void> => {
  const { url, schema, standsAt } = JSON.parse(given) as Place;
  const { tables, migrations } = payment;
  const real = await TypeOrmStore.open({ url, schema, poolMax: 2, tables, migrations });
  let nth = 0;
  const store: Store = Object.assign(Object.create(real) as Store, {
    transact: (work: Parameters<Store['transact']>[0]) =>
      real.transact(async (transaction) => {
        const result = await work(transaction);
        nth += 1;
        if (nth !== standsAt) return result;
        process.send!('stands still');
        return new Promise(() => undefined);
      }),
  });
  const { clearings } = till({ store, clock: fixedClock(AFTER_THE_DAY), pageVisits: 2 });
  process.send!(JSON.stringify(await clearings.clear(day)));
  await real.close();
};
