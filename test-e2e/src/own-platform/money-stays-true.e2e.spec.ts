import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@caretab/hospital';
import { caretabByTwo, caretabOn } from '../caretab';
import { bankBookOf } from '../bank-book';
import { CONSULTATION, sumFen } from '../catalogue';
import type { Citizen } from '../citizen';
import type { Hospital } from '../hospital';
import { Platform, removeFolder, temporaryFolder } from '../platform';
import { PlatformClock } from '../platform-clock';
import type { Visit } from '../visit';
import { World } from '../world';

const JOURNEY_TIMEOUT_MS = 120_000;
const HOUR_MS = 3_600_000;
const TREATMENT = { ...CONSULTATION, quantity: '30' };
const DUE_FEN = sumFen(TREATMENT);
const BY_LETTER = { evidence: 'bank letter 2026-117' };

/**
 * Shortened: an outcome is in doubt after two seconds instead of ten minutes, and a refused refund is
 * sent three times within a second instead of seven times in two days. A failed order is asked for twice
 * a second: an inquiry that is out while the clock leaps sets the next one by the new time. Days pass
 * by the clock.
 */
const SCHEDULES = {
  presence: { typed: 'collect' },
  attemptsMax: 2,
  leaseMs: 4000,
  resolveDelaysMs: [200, 500, 1000],
  unknownAfterMs: 2000,
  failedOrderDelaysMs: Array<number>(240).fill(500),
  refund: { delaysMs: [200, 300], refusedForGood: ['ACCOUNT_CLOSED'] },
  circuit: { opensAfter: 5, probeDelaysMs: [500, 1000] },
};

const dayOf = (atMs: number): string => new Date(atMs + 8 * HOUR_MS).toISOString().slice(0, 10);
/** The platform's clock stands at noon, so that no midnight passes unasked. */
const toNoonHours = 28 - ((((Date.now() / HOUR_MS + 8) % 24) + 24) % 24);
const today = dayOf(Date.now() + toNoonHours * HOUR_MS);
const tomorrow = dayOf(Date.now() + (toNoonHours + 26) * HOUR_MS);

const folder = temporaryFolder();
const clock = new PlatformClock();
let platform: Platform;
let world: World;
let hospital: Hospital;

beforeAll(async () => {
  const policy = join(folder, 'collection-policy.json');
  writeFileSync(policy, JSON.stringify(SCHEDULES));
  await clock.isAhead(toNoonHours);
  platform = await Platform.start({
    ...clock.settings,
    PAYMENT_POLICY_FILE: policy,
    PAYMENT_RETRY_DELAY_MS: String(24 * HOUR_MS),
  });
  world = new World('money-stays-true', platform.address);
  hospital = await world.hospital({ lateCharge: 'collect' });
}, 120_000);
afterAll(async () => {
  await platform?.remove();
  await removeFolder(folder);
});

const treated = async (citizen: Citizen, of = hospital) => {
  const visit = of.visitOf(citizen);
  const [charge, late] = visit.numbered([TREATMENT, TREATMENT]);
  expect(await visit.opens()).toBe('accepted');
  expect(await visit.chargesAgain([charge!])).toBe('accepted');
  expect(await visit.ends()).toBe('accepted');
  return { visit, charge: charge!, late: late! };
};

const paymentBecomes = ({ visitId }: Visit, expected: object): Promise<any> =>
  eventually(async () => {
    const payment = await world.paymentOf(visitId);
    expect(payment).toMatchObject(expected);
    return payment;
  });

const openCaseOf = ({ visitId }: Visit): Promise<any> =>
  eventually(async () => {
    const { cases } = await world.api.get(`/payment/cases?status=open&visitId=${visitId}`);
    expect(cases).toHaveLength(1);
    return cases[0];
  });

const ordersOf = async ({ visitId }: Visit): Promise<string[]> =>
  (await world.paymentOf(visitId)).orders.map(({ orderId }: { orderId: string }) => orderId);

const pays = ({ visitId }: Visit, account: string): Promise<unknown> =>
  world.api.done('POST', `/payment/visits/${visitId}/pay`, {
    channel: 'alipay',
    token: `tok-money-${account}:ok`,
  });

test('a due that rises again is covered by the refund that the bank refused: nothing is collected twice', async () => {
  const { visit, charge, late } = await treated(await world.citizen({ bank: 'refund-refused' }));
  await paymentBecomes(visit, { status: 'paid', paidFen: DUE_FEN });
  expect(await visit.takesBack(charge)).toBe('accepted');
  await paymentBecomes(visit, { status: 'refund-owed', dueFen: 0, refundOwedFen: DUE_FEN });
  expect(await visit.chargesAgain([late])).toBe('accepted');
  const payment = await paymentBecomes(visit, {
    status: 'paid',
    dueFen: DUE_FEN,
    paidFen: DUE_FEN,
    refundedFen: 0,
    owedFen: 0,
    refundOwedFen: 0,
  });
  expect(payment.orders).toHaveLength(1);
  expect(bankBookOf(world).capturedFen(await ordersOf(visit))).toBe(DUE_FEN);
  expect((await world.api.get(`/payment/cases?visitId=${visit.visitId}`)).cases).toEqual([]);
});

test.each([
  ['for good', 'refund-refused', 'ACCOUNT_CLOSED'],
  ['with a code that is in no list, as often as the schedule asks', 'refund-unforeseen', 'R0471'],
])(
  'a refund that the bank refuses %s is owed, has a case, and ends by another account',
  async (_how, bank, reason) => {
    const { visit, charge } = await treated(await world.citizen({ bank }));
    await world.becomes(visit.visitId, { status: 'settled', paidFen: DUE_FEN });
    await visit.takesBack(charge);
    const refused = await openCaseOf(visit);
    expect(refused).toMatchObject({ kind: 'refund', reason, owner: 'payment-desk' });
    expect(await world.paymentOf(visit.visitId)).toMatchObject({
      status: 'refund-owed',
      owedFen: -DUE_FEN,
      refundOwedFen: DUE_FEN,
    });
    await world.becomes(visit.visitId, {
      ...{ status: 'adjudicated', revision: 2, refundOwedFen: DUE_FEN },
    });

    await world.api.done('POST', `/payment/cases/${refused.caseId}/retry`);
    await eventually(async () => expect((await openCaseOf(visit)).caseId).not.toBe(refused.caseId));
    const again = await openCaseOf(visit);
    await world.api.doneByTwo('POST', `/payment/cases/${again.caseId}/resolution`, {
      ...BY_LETTER,
      resolution: 'other-account',
      channel: 'alipay',
      token: 'tok-money-other:ok',
    });
    await paymentBecomes(visit, { status: 'paid', refundedFen: DUE_FEN, owedFen: 0 });
    await world.becomes(visit.visitId, { status: 'settled', refundedFen: DUE_FEN });
    expect(bankBookOf(world).refundedFen(await ordersOf(visit))).toBe(DUE_FEN);
  },
);

test('an answer that says less was captured is booked as that part; the rest is owed, and paid once', async () => {
  const { visit } = await treated(await world.citizen({ bank: 'part' }));
  await paymentBecomes(visit, { paidFen: 12_000, owedFen: 18_000 });
  expect(bankBookOf(world).capturedFen(await ordersOf(visit))).toBe(12_000);
  await pays(visit, 'rest');
  await paymentBecomes(visit, { status: 'paid', paidFen: DUE_FEN, owedFen: 0 });
  await world.becomes(visit.visitId, { status: 'settled', paidFen: DUE_FEN });
  expect(bankBookOf(world).capturedFen(await ordersOf(visit))).toBe(DUE_FEN);
});

test('a day that is not over cannot be cleared', async () => {
  for (const businessDate of [today, '2099-12-31'])
    expect(await world.api.ask('POST', '/payment/clearings', { businessDate })).toMatchObject({
      status: 422,
      body: { code: 'DAY_NOT_OVER' },
    });
});

test(
  'an order without an answer is ended by two persons, the visit paid otherwise, and the late capture ' +
    'goes back; the day is cleared, stays in pay-out until the bank’s line, and its chargeback is posted',
  async () => {
    const second = await world.hospital({ door: 'http' });
    const silent = await world.citizen({ bank: null });
    const unauthorized = await world.citizen({ bank: null });
    const bind = ({ personId }: Citizen, channel: string, behaviour: string): Promise<unknown> =>
      world.api.done('PUT', `/payment/accounts/${personId}`, {
        channel,
        token: `tok-money-${channel}:${behaviour}`,
      });
    await bind(silent, 'wechat', 'silent-24h');
    await bind(unauthorized, 'alipay', 'unauthorized-24h');
    const disputed = await treated(await world.citizen({ bank: 'charged-back' }), second);
    const away = await treated(unauthorized, second);
    const unanswered = await treated(silent, second);
    await paymentBecomes(disputed.visit, { status: 'paid' });

    // Unknown is not unpaid: no line is frozen, and it is seen.
    const doubt = await openCaseOf(unanswered.visit);
    expect(doubt).toMatchObject({ kind: 'order', reason: 'OUTCOME_UNKNOWN' });
    expect(await openCaseOf(away.visit)).toMatchObject({ reason: 'OUTCOME_UNKNOWN' });
    for (const citizen of [silent, unauthorized])
      expect(await world.lineOf(citizen)).toMatchObject({ frozenReason: null });
    await eventually(async () => {
      const { status, degraded } = await world.api.get('/health');
      expect(status).toBe('degraded');
      expect(JSON.stringify(degraded)).toMatch(/channel alipay.*401/);
    });

    const declaration = `/payment/orders/${doubt.subjectId}/declaration`;
    const failed = { ...BY_LETTER, outcome: 'failed' };
    expect(await world.api.ask('POST', declaration, failed)).toMatchObject({
      status: 409,
      body: { code: 'APPROVAL_NEEDED' },
    });
    await world.api.doneByTwo('POST', declaration, failed);
    await pays(unanswered.visit, 'instead');
    await paymentBecomes(unanswered.visit, { status: 'paid', paidFen: DUE_FEN, owedFen: 0 });

    await clock.isAhead(toNoonHours + 26);
    await paymentBecomes(away.visit, { status: 'paid', paidFen: DUE_FEN });
    await paymentBecomes(unanswered.visit, {
      status: 'paid',
      paidFen: 2 * DUE_FEN,
      refundedFen: DUE_FEN,
      owedFen: 0,
    });
    const book = bankBookOf(world);
    const orders = await ordersOf(unanswered.visit);
    expect(book.capturedFen(orders) - book.refundedFen(orders)).toBe(DUE_FEN);
    expect(book.capturedFen(await ordersOf(away.visit))).toBe(DUE_FEN);

    const rows = await world.api.done('POST', '/payment/reconciliations', { date: today });
    expect(rows).toMatchObject({ onlyTheirs: 0, amountsDiffer: 0, others: 1 });
    const { kept } = await world.api.get(`/payment/reconciliation/${today}`);
    expect(kept).toHaveLength(2);
    expect(kept).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          kind: 'chargeback',
          account: 'receivable/chargebacks',
          visitId: disputed.visit.visitId,
          amountFen: -DUE_FEN,
        }),
        expect.objectContaining({ kind: 'fee', account: 'expense/channel-fees', amountFen: 30 }),
      ]),
    );
    const booked = async (): Promise<Record<string, number>> => {
      const { trialBalance } = await world.api.get('/payment/summary');
      expect(trialBalance.differenceFen).toBe(0);
      return trialBalance.accounts;
    };
    expect(await booked()).toMatchObject({
      'receivable/chargebacks': DUE_FEN,
      'expense/channel-fees': 30,
    });

    // The dispute is lost: its money is a loss, and the day agrees.
    const [caretab, byTwo] = [caretabOn(world), caretabByTwo(world)];
    expect(caretab('statements', 'show', today)).toMatchObject({
      status: 1,
      out: expect.stringMatching(/^kept .* chargeback .* open$/m),
    });
    const dispute = JSON.parse(
      caretab('cases', 'list', '--kind', 'statement-row', '--json').out.trim(),
    );
    expect(dispute).toMatchObject({ reason: 'CHARGEBACK', visitId: disputed.visit.visitId });
    const two = ['--evidence', 'dispute 17 lost'];
    const noted = await byTwo('cases', 'resolve', dispute.caseId, '--as', 'noted', ...two);
    expect(noted).toMatchObject({
      status: 1,
      err: expect.stringContaining('RESOLUTION_UNFIT'),
    });
    const lost = await byTwo('cases', 'resolve', dispute.caseId, '--as', 'lost', ...two);
    expect(JSON.parse(lost.out)).toMatchObject({ status: 'closed', resolution: 'lost' });
    expect(await booked()).toMatchObject({
      'receivable/chargebacks': 0,
      'expense/chargebacks': DUE_FEN,
    });
    expect(caretab('statements', 'compare', today).status).toBe(0);
    expect(caretab('statements', 'list').out).toMatch(new RegExp(`^${today} .* agrees$`, 'm'));

    // Cleared is not paid.
    await world.quiet();
    const { parties } = await world.api.done('POST', '/payment/clearings', { businessDate: today });
    const party = { party: 'institution', partyId: second.institutionId };
    expect(parties).toContainEqual({ ...party, amountFen: 3 * DUE_FEN });
    const [payable, inPayout] = [
      `payable/institution/${party.partyId}`,
      `in-payout/institution/${party.partyId}`,
    ];
    expect(await booked()).toMatchObject({ [payable]: 0, [inPayout]: -3 * DUE_FEN });
    const line = [
      ...['--party', party.party, '--id', party.partyId, '--amount-fen', String(3 * DUE_FEN)],
      ...['--reference', 'b-77', '--value-date', tomorrow],
      ...['--evidence', 'statement, line 4'],
    ];
    expect(caretab('payouts', 'show', today).out).toMatch(
      new RegExp(`^institution +${party.partyId} +${3 * DUE_FEN} +0 +${3 * DUE_FEN}$`, 'm'),
    );
    const payouts = JSON.parse((await byTwo('payouts', 'book', today, ...line, '--json')).out);
    expect(payouts).toMatchObject({ payout: 'open' });
    expect(payouts.parties).toContainEqual(
      expect.objectContaining({ ...party, paidFen: 3 * DUE_FEN, openFen: 0 }),
    );
    expect(caretab('payouts', 'show', today).out).toContain(`line b-77  institution`);
    expect(await booked()).toMatchObject({ [inPayout]: 0, 'bank/settlement': -3 * DUE_FEN });
  },
  JOURNEY_TIMEOUT_MS,
);

test('an order without an answer is ended as captured by the command, with the bank’s reference', async () => {
  const citizen = await world.citizen({ bank: null });
  await world.api.done('PUT', `/payment/accounts/${citizen.personId}`, {
    channel: 'citizen-card',
    token: 'tok-money-captured:silent-24h',
  });
  const { visit } = await treated(citizen);
  const { subjectId, openedAt } = await openCaseOf(visit);
  const declare = ['cases', 'declare', subjectId, '--as', 'captured'];
  const declared = await caretabByTwo(world)(
    ...[...declare, '--amount-fen', String(DUE_FEN), '--reference', '4200001234'],
    ...['--at', openedAt, '--evidence', 'statement of 2 March'],
  );
  expect(declared).toMatchObject({ status: 0 });
  await paymentBecomes(visit, { status: 'paid', paidFen: DUE_FEN, owedFen: 0 });
});
