import { PERSON, till, VISIT } from '../../test/till';
import { captureTable } from '../collection/order.table';
import { journalEntryTable } from '../journal/journal-entry.table';
import { trialBalance } from '../journal/journal';
import { refundTable } from '../refund/refund.table';
import { Counter } from './counter';
import { Shifts } from './shifts';

const shift = { institutionId: 'H1', shiftId: '20260302-C4' };
const cashierId = 'staff:cashier-1';

const shop = async (token?: string) => {
  const made = till();
  if (token) await made.accounts.bind(PERSON, { channel: 'unionpay', token });
  const parts = { store: made.store, clock: made.clock, policy: made.policy };
  const [shifts, counter] = [new Shifts(parts), new Counter(parts)];
  await shifts.open(shift, cashierId);
  let movements = 0;
  const movement = (amountFen: number, changes: object = {}) => {
    movements += 1;
    return {
      ...{ ...shift, cashierId, tillReference: `T-${movements}`, visitId: VISIT },
      ...{ amountFen, way: 'cash' as const, ...changes },
    };
  };
  const books = async () =>
    trialBalance(
      await made.store.transact((transaction) => transaction.rows(journalEntryTable).find({})),
    );
  return { ...made, shifts, counter, movement, books };
};

describe('money at the counter of a hospital', () => {
  test('declined to the end, paid at the counter: the due is even, and the hospital has it already', async () => {
    const { adjudicate, collector, clock, counter, movement, payments, books, shifts } =
      await shop('a:declined');
    await adjudicate();
    for (const _ of [1, 2]) {
      await collector.runOnce();
      clock.advance(60_000);
    }
    expect(await payments.of(VISIT)).toMatchObject({ status: 'declined', owedFen: 30_000 });
    const receipt = await counter.pay(movement(30_000));
    expect(receipt).toMatchObject({ kind: 'payment', receiptNumber: 'H1-20260302-C4-00001' });
    expect(await payments.of(VISIT)).toMatchObject({ status: 'paid', paidFen: 30_000, owedFen: 0 });
    // Of 1000 yuan the insurer owes 700, and 300 are in the hospital's drawer.
    expect((await books()).accounts).toMatchObject({
      'payable/institution/H1': -70_000,
      'receivable/insurer/employee': 70_000,
      'receivable/patients': 0,
    });
    expect(await shifts.sheet(shift)).toMatchObject({ cashFen: 30_000, differenceFen: null });
  });

  test('what the counter took is cleared as the hospital’s own, and is on no statement', async () => {
    const { adjudicate, counter, movement, clock, clearings, reconciliations } = await shop();
    await adjudicate();
    await counter.pay(movement(30_000));
    clock.advance(24 * 3_600_000);
    await clearings.clear('2026-03-02');
    const { parties } = await clearings.get('2026-03-02');
    expect(parties).toEqual([
      { party: 'institution', partyId: 'H1', amountFen: 70_000 },
      { party: 'insurer', partyId: 'employee', amountFen: -70_000 },
    ]);
    expect(await reconciliations.of('2026-03-02')).toMatchObject({ agrees: true, matched: 0 });
  });

  test('a part leaves the rest as it was: no debit begins that had ended', async () => {
    const { adjudicate, collector, counter, movement, payments, memoryChannel } = await shop();
    await adjudicate();
    await collector.runOnce();
    expect((await payments.of(VISIT)).declineReason).toBe('NO_BOUND_ACCOUNT');
    await counter.pay(movement(10_000));
    await collector.runOnce();
    expect(await payments.of(VISIT)).toMatchObject({
      ...{ status: 'declined', owedFen: 20_000, declineReason: 'NO_BOUND_ACCOUNT' },
    });
    expect(memoryChannel.payments.size).toBe(0);
    await expect(counter.pay(movement(20_001))).rejects.toThrow('REQUEST_INVALID');
    await counter.pay(movement(20_000));
    expect((await payments.of(VISIT)).status).toBe('paid');
  });

  test('a planned debit takes what is left; while an order is out the counter takes nothing', async () => {
    const { adjudicate, collector, counter, movement, payments, clock } =
      await shop('a:no-answer-captured');
    await adjudicate();
    await counter.pay(movement(10_000));
    await collector.runOnce();
    await expect(counter.pay(movement(20_000))).rejects.toThrow('PAYMENT_UNDER_WAY');
    clock.advance(60_000);
    await collector.runOnce();
    expect(await payments.of(VISIT)).toMatchObject({ status: 'paid', paidFen: 30_000 });
  });

  test('the same reference again is the same receipt; with other content it is a conflict', async () => {
    const { adjudicate, counter, movement, payments } = await shop();
    await adjudicate();
    const once = movement(10_000);
    const receipt = await counter.pay(once);
    expect(await counter.pay(once)).toEqual(receipt);
    await expect(counter.pay({ ...once, amountFen: 9_999 })).rejects.toThrow('RECEIPT_CONFLICT');
    await expect(counter.giveBack(once)).rejects.toThrow('RECEIPT_CONFLICT');
    expect((await payments.of(VISIT)).paidFen).toBe(10_000);
  });

  test('two tills at once take no more than is owed', async () => {
    const { adjudicate, counter, movement, payments } = await shop();
    await adjudicate();
    const both = await Promise.allSettled([
      counter.pay(movement(30_000)),
      counter.pay(movement(30_000)),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect((await payments.of(VISIT)).paidFen).toBe(30_000);
  });

  test('money of a counter goes back at the counter, through the open shift, whatever shift took it', async () => {
    const { adjudicate, counter, movement, payments, shifts, openCases, refunder, store, books } =
      await shop();
    await adjudicate();
    await counter.pay(movement(30_000));
    await shifts.close(shift, cashierId, 30_000);
    await adjudicate({ revision: 2, patientDueFen: 20_000 });
    await refunder.runOnce();
    expect(await openCases()).toMatchObject([{ kind: 'refund', reason: 'AT_THE_COUNTER' }]);
    await expect(counter.giveBack(movement(10_000))).rejects.toThrow('SHIFT_CLOSED');
    const next = { ...shift, shiftId: '20260303-C4' };
    await shifts.open(next, cashierId);
    await expect(counter.giveBack(movement(9_999, next))).rejects.toThrow('REFUND_UNKNOWN');
    await counter.giveBack(movement(10_000, next));
    expect(await payments.of(VISIT)).toMatchObject({ status: 'paid', refundedFen: 10_000 });
    expect(await openCases()).toEqual([]);
    expect(await shifts.sheet(next)).toMatchObject({ cashFen: -10_000 });
    const [refund] = await store.transact((transaction) => transaction.rows(refundTable).find({}));
    expect(refund).toMatchObject({ status: 'completed', way: 'cash' });
    expect((await books()).differenceFen).toBe(0);
  });

  test('a shift is one cashier’s, closed once, and says what is missing from the drawer', async () => {
    const { adjudicate, counter, movement, shifts } = await shop();
    await adjudicate();
    await expect(counter.pay(movement(1, { cashierId: 'staff:cashier-2' }))).rejects.toThrow(
      'SHIFT_OF_ANOTHER',
    );
    await expect(shifts.open(shift, 'staff:cashier-2')).rejects.toThrow('SHIFT_OF_ANOTHER');
    await counter.pay(movement(20_000));
    await counter.pay(movement(10_000, { way: 'pos' }));
    const sheet = await shifts.close(shift, cashierId, 19_500);
    expect(sheet).toMatchObject({ cashFen: 20_000, countedFen: 19_500, differenceFen: -500 });
    expect(await shifts.close(shift, cashierId, 19_500)).toEqual(sheet);
    await expect(shifts.close(shift, cashierId, 20_000)).rejects.toThrow('SHIFT_CLOSED');
    await expect(counter.pay(movement(1))).rejects.toThrow('SHIFT_CLOSED');
    expect((await shifts.receipts(shift)).receipts.map(({ way }) => way)).toEqual(['cash', 'pos']);
  });

  test('a counter takes nothing for a visit of another hospital', async () => {
    const { adjudicate, counter, movement, shifts, store } = await shop();
    await adjudicate();
    const elsewhere = { ...shift, institutionId: 'H2' };
    await shifts.open(elsewhere, cashierId);
    await expect(counter.pay(movement(1, elsewhere))).rejects.toThrow('VISIT_UNKNOWN');
    expect(await store.transact((transaction) => transaction.rows(captureTable).count({}))).toBe(0);
  });
});
