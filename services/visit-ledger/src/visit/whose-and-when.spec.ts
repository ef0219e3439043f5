import type { Charge, ContractEvent, hospitalVisitEvents } from '@caretab/contracts';
import { specification } from '@caretab/doubles';
import { after } from '../../test/one-visit';
import { visit, type VisitCommand } from './visit';
import { assertTimely } from './visit-commands';
import { notOnTabOf } from './visit-state';

const { given } = specification(visit);
const A = 'p-11111111-1111-4111-8111-111111111111';
const B = 'p-22222222-2222-4222-8222-222222222222';
const place = { visitId: 'HZ001-V1', institutionId: 'HZ001', businessDate: '2026-03-02' };
const at = '2026-03-02T09:00:00+08:00';
const charge: Charge = {
  chargeId: 'T1',
  itemCode: '250101015',
  quantity: '1',
  unitPriceYuan: '20.00',
  amountFen: 2000,
  occurredAt: at,
};

const start: VisitCommand = {
  type: 'StartVisit',
  data: { ...place, personId: B, visitNumber: 'V1', visitClass: 'outpatient', startedAt: at },
};
const post = (personId?: string, changes: Partial<Charge> = {}): VisitCommand => ({
  type: 'PostCharge',
  data: { ...place, personId, charge: { ...charge, ...changes } },
});
const ready: readonly VisitCommand[] = [
  {
    type: 'RecordAuthorization',
    data: { accountPersonId: B, authorizationId: 'a1', heldFen: 30_000, expiresAt: at },
  },
  {
    type: 'RecordCoverage',
    data: {
      coverage: {
        coverageId: 'c',
        catalogueDate: '2026-03-02',
        hospitalLevel: 'level-3',
        plans: [],
      },
    },
  },
];

describe('a charge that came before its visit', () => {
  test('for another person is not on the tab, and stays that person’s', () =>
    given(...after(post(A)))
      .when(start)
      .then(
        { type: 'VisitOpened', data: { personId: B } },
        {
          type: 'ChargeNotDeferred',
          data: { personId: A, waited: true, reason: 'PERSON_DIFFERS' },
        },
      ));
  test('for another person is not for the patient of the visit to pay at the counter', () => {
    const visitOf = (...commands: readonly VisitCommand[]) =>
      commands.reduce(
        (state, command) => visit.decide(command, state).reduce(visit.evolve, state),
        visit.initial,
      );
    const of = (personId: string) =>
      notOnTabOf(
        visitOf(post(personId), start, { type: 'RecordDecline', data: { reason: 'NO_LINE' } }),
      );
    expect(of(A)).toEqual([]);
    expect(of(B)).toMatchObject([{ chargeId: 'T1', amountFen: 2000 }]);
  });
  test('for the same person, or without a name, waits and is deferred', () => {
    for (const personId of [B, undefined])
      expect(after(post(personId), start, ...ready).map(({ type }) => type)).toContain(
        'ChargeDeferred',
      );
  });
});

describe('on an open visit, a report that names another person is refused', () => {
  test.each<[string, VisitCommand]>([
    ['a charge', post(A)],
    ['an end', { type: 'EndVisit', data: { personId: A, endedAt: at } }],
    ['a cancellation', { type: 'CancelVisit', data: { personId: A, withdrawnAt: at } }],
    [
      'another department',
      { type: 'UpdateVisit', data: { personId: A, department: 'SURG', updatedAt: at } },
    ],
    [
      'a return',
      {
        type: 'ReturnCharge',
        data: { ...place, personId: A, returnId: 'R1', chargeId: 'T1', amountFen: 2000 },
      },
    ],
  ])('%s', (_what, command) =>
    given(...after(start, ...ready, post(B)))
      .when(command)
      .thenRefused('PERSON_DIFFERS'),
  );
});

describe('times', () => {
  test('an end before the start is refused', () =>
    given(...after(start, ...ready, post()))
      .when({ type: 'EndVisit', data: { endedAt: '2026-01-01T00:00:00+08:00' } })
      .thenRefused('END_BEFORE_START'));
  test('care of long before the visit is not on the tab, care of the days before is', () => {
    given(...after(start, ...ready))
      .when(post(B, { occurredAt: '2026-02-22T09:00:00+08:00' }))
      .then({ type: 'ChargeNotDeferred', data: { reason: 'CHARGE_OUTSIDE_VISIT' } });
    given(...after(start, ...ready))
      .when(post(B, { occurredAt: '2026-02-27T09:00:00+08:00' }))
      .then({ type: 'ChargeDeferred' });
  });
  test.each([
    ['2036-03-03T09:28:00+08:00', 'TIME_IN_FUTURE'],
    ['1999-01-01T00:00:00+08:00', 'TIME_TOO_OLD'],
  ])('a report of %s from the bus is refused with %s', (occurredAt, code) => {
    const event = {
      type: 'ChargePosted',
      data: { ...place, visitNumber: 'V1', charge: { ...charge, occurredAt } },
    } as unknown as ContractEvent<typeof hospitalVisitEvents>;
    const tolerances = { aheadMs: 7_200_000, behindMs: 1096 * 86_400_000, orderMs: 7_200_000 };
    expect(() => assertTimely(event, new Date('2026-03-02T10:00:00+08:00'), tolerances)).toThrow(
      expect.objectContaining({ code, details: { field: '/charge/occurredAt' } }),
    );
  });
});
