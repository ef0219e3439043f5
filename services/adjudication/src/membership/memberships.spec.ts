import type { Membership } from '@caretab/contracts';
import { MemoryStore } from '@caretab/store';
import { fixedClock } from '@caretab/doubles';
import { checkMemberships } from './membership-list';
import { memberTable } from './membership.table';
import { Memberships } from './memberships';

const personId = 'p-00000000-0000-4000-8000-000000000001';
const employee: Membership = {
  planId: 'employee-basic',
  psnType: '11',
  from: '2024-01-01',
  personalAccountYuan: '1200.50',
};
const store = new MemoryStore();
const clock = fixedClock('2026-03-02T01:00:00Z');
const memberships = new Memberships(store, clock);
const changedAt = () =>
  store
    .transact((transaction) => transaction.rows(memberTable).get({ personId }))
    .then((row) => row!.changedAt);

test('a person of whom nothing was told has no memberships', async () =>
  expect(await memberships.of('p-00000000-0000-4000-8000-000000000009')).toMatchObject({
    memberships: [],
    personalAccounts: [],
  }));

test('the same list again changes nothing; another list replaces the earlier one', async () => {
  const first = await memberships.replace(personId, [employee]);
  expect(first).toEqual({
    personId,
    memberships: [{ planId: 'employee-basic', psnType: '11', from: '2024-01-01', to: null }],
    personalAccounts: [{ planId: 'employee-basic', creditedFen: 120_050, usedFen: 0 }],
  });
  const toldAt = await changedAt();
  clock.advance(60_000);
  expect(await memberships.replace(personId, [employee])).toEqual(first);
  expect(await changedAt()).toEqual(toldAt);
  const replaced = await memberships.replace(personId, [
    { planId: 'resident-basic', psnType: '15', from: '2026-01-01', to: '2026-12-31' },
  ]);
  expect(replaced.memberships).toEqual([
    { planId: 'resident-basic', psnType: '15', from: '2026-01-01', to: '2026-12-31' },
  ]);
  expect(await changedAt()).toEqual(clock.now());
});

test('a person may change plans from one day to the next, and be retired in the same plan', async () => {
  const list = [
    { ...employee, to: '2026-05-31' },
    { ...employee, psnType: '12', from: '2026-06-01' },
  ];
  expect((await memberships.replace(personId, list)).memberships).toHaveLength(2);
});

test.each<[string, Membership[]]>([
  ['PLAN_UNKNOWN', [{ ...employee, planId: 'no-such-plan' }]],
  ['PERSON_TYPE_NOT_IN_PLAN', [{ ...employee, psnType: '1404' }]],
  ['MEMBERSHIP_PERIOD_INVALID', [{ ...employee, to: '2023-12-31' }]],
  [
    'PERSONAL_ACCOUNT_NOT_ALLOWED',
    [
      {
        planId: 'evergreen-supplement',
        psnType: '11',
        from: '2025-01-01',
        personalAccountYuan: '1',
      },
    ],
  ],
  ['MEMBERSHIPS_OVERLAP', [employee, { ...employee, from: '2025-01-01' }]],
  [
    'MEMBERSHIPS_OVERLAP',
    [employee, { planId: 'resident-basic', psnType: '15', from: '2025-01-01' }],
  ],
])('a list that cannot be is refused with %s, and nothing is changed', async (code, list) => {
  const before = await memberships.of(personId);
  await expect(memberships.replace(personId, list)).rejects.toThrow(code);
  expect(await memberships.of(personId)).toEqual(before);
});

test('a list with more plans on one day than can pay for one visit is refused', () => {
  const supplement = { planId: 'evergreen-supplement', psnType: '11' };
  const together = [employee, { ...supplement, from: '2026-01-01' }];
  expect(() => checkMemberships(together)).not.toThrow();
  expect(() => checkMemberships(together, { plansMax: 1 })).toThrow('MEMBERSHIPS_TOO_MANY');
  const oneAfterTheOther = [
    { ...employee, to: '2025-12-31' },
    { ...supplement, from: '2026-01-01' },
  ];
  expect(() => checkMemberships(oneAfterTheOther, { plansMax: 1 })).not.toThrow();
});
