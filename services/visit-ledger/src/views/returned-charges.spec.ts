import { personId } from '../../test/facts';
import type { VisitEvent } from '../visit/visit-events';
import { type InstitutionDayRow, institutionDayView } from './institution-day.view';
import type { View } from './view';
import type { VisitRow } from './visit.table';
import { visitView } from './visit.view';

const place = { visitId: 'HZ001-V1', institutionId: 'HZ001', businessDate: '2026-03-02' };
const ref = { ...place, personId };
const charge = (chargeId: string) => ({
  ...{ chargeId, itemCode: '999', quantity: '3', unitPriceYuan: '10', amountFen: 3000 },
  occurredAt: '2026-03-02T09:00:00+08:00',
});
const refused = (chargeId: string, reason: string): VisitEvent => ({
  type: 'ChargeNotDeferred',
  data: { ...ref, charge: charge(chargeId), waited: false, reason },
});
const totals = { grossFen: 0, catalogueSelfPayFen: 0, scopes: [] } as never;
const returned = (chargeId: string, amountFen: number, more: object): VisitEvent => ({
  type: 'ChargeReturned',
  data: {
    ...{ ...ref, chargeId, returnId: `R-${amountFen}`, amountFen, wasDeferred: false },
    ...{ waited: false, totals, ...more },
  },
});
const folded = <Row extends object>({ apply }: View<Row>, facts: readonly VisitEvent[]): Row =>
  facts.reduce<Row | undefined>(
    (row, fact) => apply(row, { ...fact, recordedAt: new Date(0) }, 'HZ001/2026-03-02'),
    undefined,
  )!;

const opened: VisitEvent = {
  type: 'VisitOpened',
  data: { ...ref, visitNumber: 'V1', visitClass: 'outpatient', startedAt: '2026-03-02T08:00:00Z' },
};
const left = { quantity: '2', amountFen: 2000 };

test('what is returned of a charge that is not deferred is not to be paid at the counter', () => {
  const facts = [
    opened,
    refused('T1', 'ITEM_UNKNOWN'),
    refused('T2', 'ITEM_UNKNOWN'),
    returned('T1', 1000, { left, notDeferredFor: 'ITEM_UNKNOWN' }),
  ];
  const part = { chargesNotDeferred: 2, notDeferredFen: 5000, chargesReturned: 0 };
  expect(folded<VisitRow>(visitView, facts)).toMatchObject(part);
  expect(folded<InstitutionDayRow>(institutionDayView, facts)).toMatchObject({
    notDeferred: { ITEM_UNKNOWN: { count: 2, amountFen: 5000 } },
    returnedFen: 0,
  });
  const all = [...facts, returned('T1', 2000, { notDeferredFor: 'ITEM_UNKNOWN' })];
  const whole = { chargesNotDeferred: 1, notDeferredFen: 3000, chargesReturned: 1 };
  expect(folded<VisitRow>(visitView, all)).toMatchObject(whole);
  const none = [...all, returned('T2', 3000, { notDeferredFor: 'ITEM_UNKNOWN' })];
  expect(folded<VisitRow>(visitView, none)).toMatchObject({ notDeferredFen: 0 });
  expect(folded<InstitutionDayRow>(institutionDayView, none).notDeferred).toEqual({});
});

test('a fact of an earlier release says it by what it does not say', () => {
  const facts = [opened, refused('T1', 'OVER_LINE'), returned('T1', 3000, {})];
  expect(folded<VisitRow>(visitView, facts)).toMatchObject({
    ...{ chargesNotDeferred: 0, notDeferredFen: 0 },
  });
});

test('what is returned of a tab that was cancelled leaves the refused charges as they are', () => {
  const cancelled: VisitEvent = {
    type: 'VisitCancelled',
    data: { ...ref, cancelledAt: '2026-03-02T10:00:00Z', grossFen: 3000 },
  };
  const facts = [opened, refused('T1', 'OVER_LINE'), cancelled];
  expect(folded<VisitRow>(visitView, [...facts, returned('T9', 3000, {})])).toMatchObject({
    ...{ chargesNotDeferred: 1, notDeferredFen: 3000 },
  });
  const counted = [...facts, returned('T1', 3000, { notDeferredFor: 'OVER_LINE' })];
  expect(folded<VisitRow>(visitView, counted)).toMatchObject({ notDeferredFen: 0 });
});
