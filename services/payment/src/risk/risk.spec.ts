import fc from 'fast-check';
import { PERSON, policy, till, VISIT } from '../../test/till';
import { orderTable } from '../collection/order.table';
import { holding, type RiskRule, type RiskRules, riskRulesOf } from './risk-rules';

const TWO = { declaredBy: 'op-1', approvedBy: 'op-2', evidence: 'call of 2 March' };
const rulesOf = (...rules: readonly RiskRule[]): RiskRules => ({
  version: 'v1',
  rules: [...rules],
});
const large = { id: 'large', kind: 'amount', aboveFen: 10_000 } as const;

const shop = async (risk: RiskRules, token = 'a:ok') => {
  const made = till({ policy: { ...policy, risk } });
  await made.accounts.bind(PERSON, { channel: 'unionpay', token });
  const due = async (patientDueFen: number, visitId = VISIT, revision = 1) => {
    await made.adjudicate({ visitId, patientDueFen, revision });
    await made.collector.runOnce();
    return made.payments.of(visitId);
  };
  return { ...made, due };
};

describe('rules hold a debit for review', () => {
  test('it waits with a case that names the rules; released it is collected, and not held again', async () => {
    const { due, openCases, cases, collector, payments } = await shop(rulesOf(large));
    expect(await due(10_000, 'H1-1')).toMatchObject({ status: 'paid' });
    expect(await due(10_001)).toMatchObject({ status: 'in-review', orders: [] });
    const [held] = await openCases();
    expect(held).toMatchObject({
      ...{ kind: 'risk', reason: 'RISK_HELD', amountFen: 10_001, visitId: VISIT },
      asked: { rules: 'large', version: 'v1' },
    });
    await collector.runOnce();
    expect(await openCases()).toHaveLength(1);
    await cases.resolve(held!.caseId, { ...TWO, resolution: 'released' });
    await collector.runOnce();
    expect(await payments.of(VISIT)).toMatchObject({ status: 'paid', paidFen: 10_001 });
    expect(await openCases()).toEqual([]);
  });

  test('one person decides nothing, and refused it is the person’s own to pay', async () => {
    const { due, openCases, cases, collections, collector, payments } = await shop(rulesOf(large));
    await due(10_001);
    const [held] = await openCases();
    const decide = async (changes: object) =>
      cases.resolve(held!.caseId, { ...TWO, resolution: 'refused', ...changes });
    await expect(decide({ approvedBy: 'op-1' })).rejects.toThrow();
    await expect(decide({ resolution: 'theirs' })).rejects.toThrow('RESOLUTION_UNFIT');
    await decide({});
    expect(await payments.of(VISIT)).toMatchObject({
      ...{ status: 'declined', declineReason: 'RISK_REFUSED' },
    });
    await collections.payNow(VISIT, { channel: 'wechat', token: 'b:ok' });
    await collector.runOnce();
    expect(await payments.of(VISIT)).toMatchObject({ status: 'paid' });
  });

  test('while it is held the bound account is not debited by a click; another account pays', async () => {
    const { due, openCases, cases, collections, collector, payments } = await shop(rulesOf(large));
    await due(10_001);
    await expect(collections.payNow(VISIT, undefined)).rejects.toThrow('PAYMENT_IN_REVIEW');
    await collections.payNow(VISIT, { channel: 'wechat', token: 'b:ok' });
    await collector.runOnce();
    expect(await payments.of(VISIT)).toMatchObject({ status: 'paid' });
    const [held] = await openCases();
    await expect(cases.resolve(held!.caseId, { ...TWO, resolution: 'released' })).rejects.toThrow(
      'RESOLUTION_UNFIT',
    );
    await cases.resolve(held!.caseId, { ...TWO, resolution: 'noted' });
  });

  test('a due that is taken back closes the case; one that rises above what was released is held again', async () => {
    const { due, openCases, cases, adjudicate, payments } = await shop(rulesOf(large));
    await due(20_000);
    await adjudicate({ patientDueFen: 0, revision: 2 });
    expect(await openCases()).toEqual([]);
    expect(await payments.of(VISIT)).toMatchObject({ status: 'paid' });
    await due(20_000, VISIT, 3);
    const [held] = await openCases();
    await cases.resolve(held!.caseId, { ...TWO, resolution: 'released' });
    expect(await due(50_000, VISIT, 4)).toMatchObject({ status: 'in-review' });
  });

  test('many debits, much of a day, declines before, and a new account', async () => {
    const velocity = await shop(rulesOf({ id: 'v', kind: 'velocity', count: 2, withinHours: 1 }));
    expect((await velocity.due(100, 'H1-1')).status).toBe('paid');
    expect((await velocity.due(100, 'H1-2')).status).toBe('paid');
    expect((await velocity.due(100, 'H1-3')).status).toBe('in-review');
    velocity.clock.advance(3_600_000);
    expect((await velocity.due(100, 'H1-4')).status).toBe('paid');

    const sum = await shop(rulesOf({ id: 's', kind: 'sum', aboveFen: 300, withinHours: 24 }));
    expect((await sum.due(200, 'H1-1')).status).toBe('paid');
    expect((await sum.due(101, 'H1-2')).status).toBe('in-review');
    expect((await sum.due(100, 'H1-3')).status).toBe('paid');

    const young = { id: 'n', kind: 'new-account', aboveFen: 100, withinHours: 72 } as const;
    const fresh = await shop(rulesOf(young));
    expect((await fresh.due(101, 'H1-1')).status).toBe('in-review');
    fresh.clock.advance(72 * 3_600_000);
    expect((await fresh.due(101, 'H1-2')).status).toBe('paid');

    const declines = { id: 'd', kind: 'declines', count: 2, withinHours: 24 } as const;
    const bad = await shop(rulesOf(declines), 'a:declined');
    await bad.due(100, 'H1-1');
    bad.clock.advance(60_000);
    await bad.collector.runOnce();
    expect((await bad.due(100, 'H1-2')).status).toBe('in-review');
  });

  test('debits of one batch count for each other', async () => {
    const made = await shop(rulesOf({ id: 'v', kind: 'velocity', count: 3, withinHours: 1 }));
    for (const visit of [1, 2, 3, 4, 5])
      await made.adjudicate({ visitId: `H1-${visit}`, patientDueFen: 100 });
    await made.collector.runOnce();
    expect(made.memoryChannel.payments.size).toBe(3);
    expect(await made.openCases()).toHaveLength(2);
  });

  test('whatever the rules, a larger debit is never held by fewer of them', () =>
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 1000 }), { maxLength: 5 }),
        fc.integer({ min: 1, max: 1000 }),
        fc.integer({ min: 0, max: 1000 }),
        (limits, amountFen, more) => {
          const rules = rulesOf(
            ...limits.flatMap((aboveFen, at): RiskRule[] => [
              { id: `amount-${at}`, kind: 'amount', aboveFen },
              { id: `sum-${at}`, kind: 'sum', aboveFen, withinHours: 1 },
              { id: `new-${at}`, kind: 'new-account', aboveFen, withinHours: 1 },
            ]),
          );
          const past = () => ({ debits: 0, takenFen: 0, declines: 0 });
          const of = (fen: number) => holding(rules, { amountFen: fen, boundForMs: 0, past });
          expect(of(amountFen + more)).toEqual(expect.arrayContaining(of(amountFen)));
        },
      ),
    ));

  test('a rule that stands there twice is refused at the start', () =>
    expect(() => riskRulesOf('a file', rulesOf(large, large))).toThrow(/large stands there twice/));

  test('what is held has no order', async () => {
    const { due, store } = await shop(rulesOf(large));
    await due(10_001);
    expect(await store.transact((transaction) => transaction.rows(orderTable).count({}))).toBe(0);
  });
});
