import fc from 'fast-check';
import type { Channel, PaymentOutcome, RefundOutcome } from '../channel/channel';
import { MemoryStore } from '@caretab/store';
import { referenceSuite } from '../../test/reference.suite';
import { PERSON, till, VISIT } from '../../test/till';

const TWO = { declaredBy: 'Li Na', approvedBy: 'Wang Wei', evidence: 'letter 2026-117' };
const SENT = '2026-03-02T09:00:00Z';
const HOUR_MS = 3_600_000;
type Made = Partial<{ at: Date; reference: string; clearingDate: string }>;

/** A till whose bank does what it is asked, and answers with other moments or references. */
const world = async (lie: { capture?: Made; refund?: Made } = {}) => {
  const bank = { lie };
  const told = (outcome: PaymentOutcome): PaymentOutcome =>
    outcome.status === 'captured' ? { ...outcome, ...bank.lie.capture } : outcome;
  const toldRefund = (outcome: RefundOutcome): RefundOutcome =>
    outcome.status === 'refunded' ? { ...outcome, ...bank.lie.refund } : outcome;
  const made = till({
    channel: (real): Channel => ({
      pay: async (order) => told(await real.pay(order)),
      findPayment: async (order) => told(await real.findPayment(order)),
      refund: async (order) => toldRefund(await real.refund(order)),
      findRefund: async (order) => toldRefund(await real.findRefund(order)),
      statement: (date) => real.statement(date),
    }),
  });
  await made.accounts.bind(PERSON, { channel: 'unionpay', token: 'acct-1:ok' });
  await made.adjudicate();
  const orderId = async (visitId = VISIT): Promise<string> =>
    (await made.payments.of(visitId)).orders[0]!.orderId;
  return { ...made, bank, orderId };
};

describe('a capture', () => {
  test.each<[string, Made]>([
    ['MOMENT_AHEAD', { at: new Date('2036-01-01'), clearingDate: '2036-01-01' }],
    ['MOMENT_AHEAD', { at: new Date('2026-03-03T09:00:01Z') }],
    ['MOMENT_TOO_EARLY', { at: new Date('1999-01-01') }],
    ['MOMENT_TOO_EARLY', { at: new Date('2026-03-01T08:59:59Z') }],
  ])('that cannot have been is %s, until the bank says what was (%j)', async (reason, capture) => {
    const { collector, payments, openCases, bank, workThrough, said } = await world({ capture });
    await collector.runOnce();
    expect(await payments.of(VISIT)).toMatchObject({ status: 'sending', paidFen: 0 });
    expect(await openCases()).toMatchObject([
      { kind: 'order', reason, answered: { capturedAt: capture.at?.toISOString() } },
    ]);
    expect(await said()).toMatchObject([{ type: 'PaymentContradicted', reason }]);
    bank.lie = {};
    await workThrough(3);
    expect(await payments.of(VISIT)).toMatchObject({ status: 'paid', paidFen: 30_000 });
    expect(await openCases()).toEqual([]);
  });

  test('by the reference of another order is a contradiction', async () => {
    const { collector, payments, openCases, adjudicate } = await world({
      capture: { reference: 'r-1' },
    });
    await collector.runOnce();
    await adjudicate({ visitId: 'H1-2' });
    await collector.runOnce();
    expect(await payments.of(VISIT)).toMatchObject({ status: 'paid' });
    expect(await payments.of('H1-2')).toMatchObject({ status: 'sending', paidFen: 0 });
    expect(await openCases()).toMatchObject([
      { visitId: 'H1-2', reason: 'REFERENCE_OF_ANOTHER', answered: { reference: 'r-1' } },
    ]);
  });

  test('is booked though our clock and the bank’s are an hour apart, or ours leaps by one', () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: -HOUR_MS, max: HOUR_MS }),
        fc.integer({ min: -HOUR_MS, max: HOUR_MS }),
        async (apartMs, leapMs) => {
          const { collector, payments, openCases, bank, clock } = await world();
          const at = new Date(Date.parse(SENT) + apartMs);
          bank.lie = { capture: { at: new Date(Number.NaN) } };
          Object.defineProperty(bank.lie.capture, 'at', {
            enumerable: true,
            get: () => {
              clock.set(new Date(Date.parse(SENT) + leapMs).toISOString());
              return at;
            },
          });
          await collector.runOnce();
          expect(await payments.of(VISIT)).toMatchObject({ status: 'paid' });
          expect(await openCases()).toEqual([]);
        },
      ),
      { numRuns: 30 },
    ));

  test('of an order that was stored by a clock days ahead is booked once the clock is right', async () => {
    const { collector, payments, clock, bank, workThrough } = await world();
    clock.set('2026-03-09T09:00:00Z');
    bank.lie = { capture: { at: new Date(SENT) } };
    await collector.runOnce();
    expect(await payments.of(VISIT)).toMatchObject({ status: 'sending' });
    clock.set(SENT);
    await workThrough(1);
    clock.set('2026-03-02T09:10:00Z');
    await workThrough(3);
    expect(await payments.of(VISIT)).toMatchObject({ status: 'paid' });
  });

  test('of an order that was declared failed is held against the same', async () => {
    const { collector, declarations, orderId, workThrough, openCases, payments } = await world({
      capture: { at: new Date('2036-01-01') },
    });
    await collector.runOnce();
    await declarations.declare(await orderId(), { ...TWO, outcome: 'failed' });
    await workThrough(3);
    expect(await payments.of(VISIT)).toMatchObject({ paidFen: 0 });
    expect((await openCases()).map(({ reason }) => reason)).toContain('MOMENT_AHEAD');
  });
});

describe('a declaration', () => {
  test.each([
    ['/capturedAt', { capturedAt: '2036-01-01T00:00:00Z' }],
    ['/capturedAt', { capturedAt: '1999-01-01T00:00:00Z' }],
    ['/capturedAt', { capturedAt: '2026-03-01T08:00:00Z' }],
    ['/channelReference', { channelReference: 'r-1' }],
  ])('that cannot be is refused by its field %s (%j)', async (field, changes) => {
    const { collector, declarations, orderId, adjudicate, bank, payments, openCases } = await world(
      { capture: { reference: 'r-1' } },
    );
    await collector.runOnce();
    bank.lie = { capture: { at: new Date('2036-01-01') } };
    await adjudicate({ visitId: 'H1-2' });
    await collector.runOnce();
    const declared = {
      ...{ ...TWO, outcome: 'captured' as const, amountFen: 30_000 },
      ...{ channelReference: 'r-2', capturedAt: SENT },
    };
    const id = await orderId('H1-2');
    await expect(declarations.declare(id, { ...declared, ...changes })).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
      details: { faults: [{ field, why: expect.any(String) }] },
    });
    expect(await payments.of('H1-2')).toMatchObject({ paidFen: 0 });
    expect(await openCases()).toHaveLength(1);
    await declarations.declare(id, declared);
    expect(await payments.of('H1-2')).toMatchObject({ status: 'paid' });
  });
});

describe('a refund', () => {
  test.each<[string, Made]>([
    ['MOMENT_AHEAD', { at: new Date('2036-01-01') }],
    ['MOMENT_TOO_EARLY', { at: new Date('1999-01-01') }],
  ])('that cannot have been is %s, until it is right or declared so', async (reason, refund) => {
    const { workThrough, adjudicate, openCases, cases, payments, refunder } = await world({
      refund,
    });
    await workThrough(1);
    await adjudicate({ revision: 2, patientDueFen: 0 });
    await refunder.runOnce();
    const [open] = await openCases();
    expect(open).toMatchObject({ kind: 'refund', reason });
    expect(await payments.of(VISIT)).toMatchObject({ refundedFen: 0 });
    const made = { ...TWO, resolution: 'made' as const };
    for (const paidAt of ['2036-01-01T00:00:00Z', '1999-01-01T00:00:00Z'])
      await expect(cases.resolve(open!.caseId, { ...made, paidAt })).rejects.toMatchObject({
        details: { faults: [{ field: '/paidAt' }] },
      });
    await cases.resolve(open!.caseId, { ...made, paidAt: '2026-03-02T10:00:00Z' });
    expect(await payments.of(VISIT)).toMatchObject({ refundedFen: 30_000 });
  });
});

referenceSuite(() => new MemoryStore());
