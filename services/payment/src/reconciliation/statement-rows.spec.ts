import { PERSON, till, VISIT } from '../../test/till';
import type { StatementEntry } from '../channel/channel';

const DAY = '2026-03-02';

/** A visit paid on the day, and a statement with more rows than our books. */
const world = async (extra: (orderId: string) => readonly StatementEntry[]) => {
  let orderId = '';
  const made = till({
    channel: (real) =>
      Object.assign(Object.create(real) as typeof real, {
        statement: async (date: string) => ({
          entries: date === DAY ? [...(await real.statement(date)).entries, ...extra(orderId)] : [],
        }),
      }),
  });
  await made.accounts.bind(PERSON, { channel: 'unionpay', token: 'a:ok' });
  await made.adjudicate();
  await made.workThrough(2);
  orderId = (await made.payments.of(VISIT)).orders[0]!.orderId;
  made.clock.set('2026-03-03T09:00:00+08:00');
  await made.reconciler.runOnce();
  const trialBalance = async () => (await made.payments.summary()).trialBalance;
  return { ...made, trialBalance, orderId };
};

const taken = (orderId: string): StatementEntry[] => [
  { kind: 'chargeback', id: orderId, amountFen: -30_000 },
  { kind: 'fee', id: 'march', amountFen: 3 },
];
const bothSay = { declaredBy: 'op-17', approvedBy: 'op-21', evidence: 'dispute 17 lost' };
const lost = { ...bothSay, resolution: 'lost' as const };
const noted = { ...bothSay, resolution: 'noted' as const };

test('a chargeback and a fee are rows of their own: posted once, shown, and the captures still match', async () => {
  const { reconciler, reconciliations, trialBalance, orderId } = await world(taken);
  await reconciler.reconcile(DAY);
  const { accounts, differenceFen } = await trialBalance();
  expect(differenceFen).toBe(0);
  expect(accounts).toMatchObject({
    'receivable/chargebacks': 30_000,
    'channel/unionpay': 0,
    'expense/channel-fees': 3,
    'channel/acquirer': -3,
  });
  const { matched, kept } = await reconciliations.of(DAY);
  expect(matched).toBe(1);
  expect(kept).toMatchObject([
    { kind: 'chargeback', id: orderId, visitId: VISIT, account: 'receivable/chargebacks' },
    { kind: 'fee', id: 'march', visitId: null, account: 'expense/channel-fees' },
  ]);
});

test('a chargeback has a case with an owner; decided by two, health recovers and stays so', async () => {
  const { cases, openCases, reconciler, trialBalance, orderId } = await world(taken);
  expect(reconciler.degradations()).toHaveLength(1);
  const [found, ...others] = await openCases();
  expect(others).toEqual([]);
  expect(found).toMatchObject({
    ...{ kind: 'statement-row', reason: 'CHARGEBACK', visitId: VISIT, amountFen: 30_000 },
    ...{ owner: 'payment-desk', asked: { kind: 'chargeback', id: orderId, date: DAY } },
  });
  await cases.own(found!.caseId, 'op-17');
  await expect(cases.resolve(found!.caseId, noted)).rejects.toThrow('RESOLUTION_UNFIT');
  const closed = await cases.resolve(found!.caseId, lost);
  expect(closed).toMatchObject({
    status: 'closed',
    resolution: 'lost',
    evidence: 'dispute 17 lost',
  });
  expect((await reconciler.list()).rows[0]).toMatchObject({ others: 0, differsSince: null });
  await reconciler.runOnce();
  expect(reconciler.degradations()).toEqual([]);
  // The bank states it at each comparison: nothing is posted or opened again.
  expect(await reconciler.reconcile(DAY)).toMatchObject({ others: 0, differsSince: null });
  expect(await openCases()).toEqual([]);
  expect(await trialBalance()).toMatchObject({
    differenceFen: 0,
    accounts: { 'receivable/chargebacks': 0, 'expense/chargebacks': 30_000, 'channel/unionpay': 0 },
  });
  await expect(cases.resolve(found!.caseId, lost)).rejects.toThrow('CASE_CLOSED');
});

test('what the bank took back, or may, does not go back a second time; won, it is sent again', async () => {
  for (const outcome of ['open', 'lost', 'won'] as const) {
    const made = await world(taken);
    const { adjudicate, cases, openCases, payments, memoryChannel, workThrough } = made;
    const resolution = outcome === 'open' ? undefined : outcome;
    if (resolution) await cases.resolve((await openCases())[0]!.caseId, { ...bothSay, resolution });
    await adjudicate({ revision: 2, patientDueFen: 0 });
    await workThrough();
    const isBack = outcome === 'won';
    expect(memoryChannel.refunds.size).toBe(isBack ? 1 : 0);
    expect((await payments.of(VISIT)).refundedFen).toBe(isBack ? 30_000 : 0);
    const refunds = (await openCases()).filter(({ kind }) => kind === 'refund');
    expect(refunds.map(({ reason }) => reason)).toEqual(isBack ? [] : ['CHARGED_BACK']);
    if (outcome !== 'open') continue;
    const dispute = (await openCases()).find(({ kind }) => kind === 'statement-row')!;
    await cases.resolve(dispute.caseId, { ...bothSay, resolution: 'won' });
    await cases.retry(refunds[0]!.caseId, 'op-17');
    await workThrough();
    expect((await payments.of(VISIT)).refundedFen).toBe(30_000);
  }
});

test('a chargeback that is won is owed by its channel again, and the visit stays paid', async () => {
  const { cases, openCases, trialBalance, payments, orderId } = await world((id) => [
    ...taken(id),
    { kind: 'chargeback', id: 'no-order-of-ours', amountFen: 500 },
  ]);
  const won = { ...bothSay, resolution: 'won' as const };
  const before = await payments.of(VISIT);
  for (const { caseId } of await openCases()) await cases.resolve(caseId, won);
  expect(await trialBalance()).toMatchObject({
    differenceFen: 0,
    accounts: {
      'receivable/chargebacks': 0,
      'channel/unionpay': 30_000,
      'channel/acquirer': -3,
    },
  });
  expect((await trialBalance()).accounts).not.toHaveProperty('expense/chargebacks');
  expect(await payments.of(VISIT)).toEqual(before);
  expect(before.orders[0]!.orderId).toBe(orderId);
});

test('a row that nobody knows or reads is not posted, has a case, and is noted without a visit', async () => {
  const { cases, openCases, reconciler, trialBalance } = await world(() => [
    { kind: 'bonus', id: 'b', amountFen: 7 },
    { kind: 'unreadable', id: 'row 3', amountFen: null },
  ]);
  const before = await trialBalance();
  const open = await openCases();
  expect(open.map(({ reason, visitId }) => [reason, visitId])).toEqual([
    ['STATEMENT_ROW_UNKNOWN', null],
    ['STATEMENT_ROW_UNKNOWN', null],
  ]);
  await cases.resolve(open[0]!.caseId, noted);
  expect((await reconciler.list()).rows[0]).toMatchObject({ others: 1 });
  await cases.resolve(open[1]!.caseId, noted);
  expect((await reconciler.list()).rows[0]).toMatchObject({ others: 0, differences: [] });
  expect(await trialBalance()).toEqual(before);
});

test('the same chargeback twice on a statement is two rows, two postings and two cases', async () => {
  const chargeback = { kind: 'chargeback', id: 'unknown', amountFen: 500 };
  const { openCases, trialBalance } = await world(() => [chargeback, chargeback]);
  expect(await openCases()).toHaveLength(2);
  expect((await trialBalance()).accounts).toMatchObject({ 'receivable/chargebacks': 1000 });
});

test('nothing of a visit goes back by the case of a row, and a row of another kind is not won', async () => {
  const { cases, openCases } = await world(() => [{ kind: 'bonus', id: 'b', amountFen: 7 }]);
  const [{ caseId } = { caseId: '' }] = await openCases();
  await expect(cases.resolve(caseId, { ...bothSay, resolution: 'cash' })).rejects.toThrow(
    'RESOLUTION_UNFIT',
  );
  await expect(cases.resolve(caseId, lost)).rejects.toThrow('RESOLUTION_UNFIT');
  await expect(cases.retry(caseId, 'op-17')).rejects.toThrow('RESOLUTION_UNFIT');
});
