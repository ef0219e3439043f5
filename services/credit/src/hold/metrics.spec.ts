import { fixedClock } from '@caretab/doubles';
import { MemoryStore } from '@caretab/store';
import { Accounts } from '../account/accounts';
import { Arrears } from '../arrears/arrears';
import { arrearsPolicy } from '../arrears/arrears-policy';
import { Loans } from '../lender/loans';
import { grantedHold } from './hold';
import { HoldExpiry } from './hold-expiry';
import { holdPolicy } from './hold-policy';
import { holdTable } from './hold.table';
import { Holds } from './holds';
import { overdueStays } from './metrics';

const PERSON = 'p-11111111-2222-3333-4444-555555555555';
const DAY_MS = 24 * 3_600_000;

test('a stay that is asked about is counted as overdue from then until its next sign of life', async () => {
  const clock = fixedClock('2026-03-02T08:00:00Z');
  const store = new MemoryStore();
  const expiry = new HoldExpiry({ store, clock, policy: holdPolicy });
  const accounts = new Accounts({ store, clock });
  const arrears = new Arrears({ store, clock, accounts, policy: arrearsPolicy });
  const loans = new Loans({
    ...{ store, clock, accounts, policy: holdPolicy, lender: undefined },
    count: () => undefined,
  });
  const holds = new Holds({ clock, accounts, policy: holdPolicy, arrears, loans });
  const granted = {
    ...{ accountPersonId: PERSON, mergedPersonId: null, heldFen: 100 },
    openedOn: '2026-03-02',
    expiresAt: new Date('2026-03-10T08:00:00Z'),
  };
  await store.transact((transaction) =>
    transaction
      .rows(holdTable)
      .insert(
        grantedHold({ visitId: 'H1-V1', personId: PERSON, visitClass: 'inpatient' }, granted),
        grantedHold({ visitId: 'H1-V2', personId: PERSON, visitClass: 'outpatient' }, granted),
      ),
  );
  expect(await overdueStays(store, clock.now())).toMatchObject({ count: 0 });
  clock.set('2026-03-10T08:00:01Z');
  await expiry.runOnce();
  const since = clock.now();
  clock.advance(3 * DAY_MS);
  expect(await overdueStays(store, clock.now())).toEqual({ count: 1, oldest: since });
  await store.transact(async (transaction) => {
    const aging = await holds.agingAmong(['H1-V1'], transaction);
    await holds.prolong(aging, transaction);
  });
  expect(await overdueStays(store, clock.now())).toEqual({ count: 0, oldest: undefined });
});
