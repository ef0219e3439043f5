import { FEN_MAX } from '@caretab/contracts';
import fc from 'fast-check';
import { PERSON, till, VISIT } from '../../test/till';
import type { Channel, PaymentOrder } from '../channel/channel';
import { captureTable } from '../collection/order.table';
import { FUNDER, net, type PartyAmount, positionOf, type VisitToClear } from './netting';

const fen = fc.integer({ min: 0, max: 10_000_000 });

/**
 * A visit whose gross is what insurers and patient pay, with any money held by channels, as it may
 * be half-way.
 */
const visits: fc.Arbitrary<VisitToClear> = fc
  .record({
    institutionId: fc.constantFrom('H1', 'H2'),
    dueFen: fen,
    insurers: fc.uniqueArray(
      fc.record({ payerId: fc.constantFrom('employee', 'resident', 'commercial'), amountFen: fen }),
      { selector: ({ payerId }) => payerId },
    ),
    channels: fc.uniqueArray(
      fc.record({ channel: fc.constantFrom('unionpay', 'alipay'), heldFen: fen }),
      { selector: ({ channel }) => channel },
    ),
    lender: fc.constantFrom<VisitToClear['lender']>(
      { party: 'funder', partyId: FUNDER },
      { party: 'institution', partyId: 'H1' },
    ),
    cashFen: fen,
  })
  .map((visit) => ({
    ...visit,
    grossFen: visit.dueFen + visit.insurers.reduce((sum, { amountFen }) => sum + amountFen, 0),
  }));

const total = (amounts: readonly PartyAmount[]): number =>
  amounts.reduce((sum, { amountFen }) => sum + amountFen, 0);

test('in every visit and overall, what is owed and what is owing balance to zero', () => {
  fc.assert(
    fc.property(fc.array(visits, { maxLength: 20 }), (day) => {
      for (const visit of day) expect(total(positionOf(visit))).toBe(0);
      expect(total(net(day.flatMap(positionOf)))).toBe(0);
    }),
  );
});

const unionpay = (amountFen: number) => ({ party: 'channel', partyId: 'unionpay', amountFen });

/** A bank whose clock is ahead of ours. */
const ahead = (real: Channel, aheadMs: number): Channel =>
  Object.assign(Object.create(real) as Channel, {
    pay: async (order: PaymentOrder) => {
      const outcome = await real.pay(order);
      return outcome.status === 'captured'
        ? { ...outcome, at: new Date(outcome.at.getTime() + aheadMs) }
        : outcome;
    },
  });

const captures = ({ store }: ReturnType<typeof till>) =>
  store.transact((transaction) => transaction.rows(captureTable).find({}));

describe('a business day', () => {
  const day = async () => {
    const world = till();
    await world.accounts.bind(PERSON, { channel: 'unionpay', token: 'a:ok' });
    await world.adjudicate({ visitId: 'H1-1', patientDueFen: 30_000 });
    await world.workThrough();
    const another = { channel: 'unionpay', token: 'a:declined', approvedBy: 'op-2' };
    await world.accounts.bind(PERSON, another);
    await world.adjudicate({
      visitId: 'H2-1',
      institutionId: 'H2',
      patientDueFen: 10_000,
      grossFen: 50_000,
    });
    await world.workThrough();
    world.clock.set('2026-03-03T00:00:00+08:00');
    // A visit of the day before, by its hospital; it is recorded today.
    await world.adjudicate({ visitId: 'H1-2', patientDueFen: 0 });
    return world;
  };

  test('nets what each institution is owed against insurers, channel and the fund, and posts it', async () => {
    const world = await day();
    const cleared = await world.clearings.clear('2026-03-02');
    expect(cleared).toMatchObject({ businessDate: '2026-03-02', visits: 2, balanceFen: 0 });
    expect(cleared.parties).toEqual([
      { party: 'channel', partyId: 'unionpay', amountFen: -30_000 },
      { party: 'funder', partyId: FUNDER, amountFen: -10_000 },
      { party: 'institution', partyId: 'H1', amountFen: 100_000 },
      { party: 'institution', partyId: 'H2', amountFen: 50_000 },
      { party: 'insurer', partyId: 'employee', amountFen: -110_000 },
    ]);
    const { trialBalance } = await world.payments.summary();
    expect(trialBalance.differenceFen).toBe(0);
    expect(trialBalance.accounts).toMatchObject({
      'payable/institution/H2': 0,
      'in-payout/institution/H2': -50_000,
      'in-payout/channel/unionpay': 30_000,
      'channel/unionpay': 0,
      'receivable/patients': 10_000,
      [`payable/funder/${FUNDER}`]: -10_000,
    });
  });

  test('where the hospital waits, no fund pays what is due: it is paid with the patient’s own money', async () => {
    const world = till();
    const due = { lender: { kind: 'hospital' as const }, grossFen: 50_000, patientDueFen: 10_000 };
    await world.accounts.bind(PERSON, { channel: 'unionpay', token: 'a:declined' });
    await world.adjudicate(due);
    await world.workThrough();
    world.clock.set('2026-03-03T00:00:00+08:00');
    expect((await world.clearings.clear('2026-03-02')).parties).toEqual([
      { party: 'institution', partyId: 'H1', amountFen: 40_000 },
      { party: 'insurer', partyId: 'employee', amountFen: -40_000 },
    ]);
    await world.collections.payNow(VISIT, { channel: 'alipay', token: 'b:part' });
    await world.workThrough();
    world.clock.set('2026-03-04T00:00:00+08:00');
    expect((await world.clearings.clear('2026-03-03')).parties).toEqual([
      { party: 'channel', partyId: 'alipay', amountFen: -10_000 },
      { party: 'institution', partyId: 'H1', amountFen: 10_000 },
    ]);
    const { accounts } = (await world.payments.summary()).trialBalance;
    expect(accounts).toMatchObject({ 'payable/institution/H1': 0, 'receivable/patients': 0 });
  });

  test('where another fund lends, it is the one that pays, and that bears a write-off', async () => {
    const world = till();
    const lender = { kind: 'fund' as const, lenderId: 'city-health-fund' };
    await world.adjudicate({ lender, grossFen: 50_000, patientDueFen: 10_000 });
    await world.workThrough();
    await world.writeOffs.writeOff(VISIT, {
      ...{ amountFen: 10_000, reason: 'UNTRACEABLE', evidence: 'minutes 7 of 2026' },
      ...{ declaredBy: 'op-1', approvedBy: 'op-2' },
    });
    world.clock.set('2026-03-03T00:00:00+08:00');
    expect((await world.clearings.clear('2026-03-02')).parties).toContainEqual({
      ...{ party: 'funder', partyId: 'city-health-fund', amountFen: -10_000 },
    });
    const { accounts } = (await world.payments.summary()).trialBalance;
    expect(accounts).toMatchObject({
      ...{ 'payable/funder/city-health-fund': 0, 'receivable/patients': 0 },
    });
  });

  test('of a large region is cleared, though one party’s net is more than any single amount may be', async () => {
    const world = till();
    for (const visitId of ['H1-1', 'H1-2', 'H1-3'])
      await world.adjudicate({ visitId, grossFen: FEN_MAX, patientDueFen: 0 });
    world.clock.set('2026-03-03T00:00:00+08:00');
    expect((await world.clearings.clear('2026-03-02')).parties).toContainEqual({
      party: 'insurer',
      partyId: 'employee',
      amountFen: -3 * FEN_MAX,
    });
  });

  test('is cleared once: the same day again gives the first answer, and a later day takes only the rest', async () => {
    const world = await day();
    const first = await world.clearings.clear('2026-03-02');
    await world.collections.payNow('H2-1', { channel: 'alipay', token: 'b:ok' });
    await world.workThrough();
    expect(await world.clearings.clear('2026-03-02')).toEqual(first);
    expect(await world.clearings.get('2026-03-02')).toEqual(first);
    world.clock.set('2026-03-04T00:00:00+08:00');
    const next = await world.clearings.clear('2026-03-03');
    expect(next.parties).toEqual([
      { party: 'channel', partyId: 'alipay', amountFen: -10_000 },
      { party: 'funder', partyId: FUNDER, amountFen: 10_000 },
      { party: 'institution', partyId: 'H1', amountFen: 100_000 },
      { party: 'insurer', partyId: 'employee', amountFen: -100_000 },
    ]);
  });

  test('of a verdict revised after its clearing goes negative into the next', async () => {
    const world = await day();
    await world.clearings.clear('2026-03-02');
    await world.adjudicate({
      visitId: 'H1-1',
      revision: 2,
      grossFen: 90_000,
      patientDueFen: 20_000,
    });
    await world.workThrough();
    world.clock.set('2026-03-10T00:00:00+08:00');
    expect((await world.clearings.clear('2026-03-09')).parties).toContainEqual({
      party: 'channel',
      partyId: 'unionpay',
      amountFen: 10_000,
    });
  });

  test('takes what our clock recorded on it, whatever day the bank and the hospital say', async () => {
    const world = till({ channel: (real) => ahead(real, 2000) });
    await world.accounts.bind(PERSON, { channel: 'unionpay', token: 'a:ok' });
    world.clock.set('2026-03-31T23:59:58.900+08:00');
    await world.adjudicate({ visitId: 'H1-1', closedAt: '2026-04-01T00:30:00+08:00' });
    await world.collector.runOnce();
    const [capture] = await captures(world);
    expect(capture).toMatchObject({ bookedOn: '2026-03-31', channelDate: '2026-04-01' });
    world.clock.set('2026-04-02T00:00:00+08:00');
    const march = await world.clearings.clear('2026-03-31');
    expect(march.parties).toContainEqual(unionpay(-30_000));
    expect((await world.clearings.clear('2026-04-01')).parties).toEqual([]);
  });

  test('that is cleared late leaves to the next day what was booked on that', async () => {
    const world = till();
    await world.accounts.bind(PERSON, { channel: 'unionpay', token: 'a:ok' });
    world.clock.set('2026-03-31T23:50:00+08:00');
    await world.adjudicate({ visitId: 'H1-1', patientDueFen: 30_000 });
    world.clock.set('2026-04-01T09:00:00+08:00');
    await world.workThrough();
    await world.adjudicate({ visitId: 'H1-1', revision: 2, patientDueFen: 20_000 });
    await world.workThrough();
    world.clock.set('2026-04-02T00:00:00+08:00');
    const march = await world.clearings.clear('2026-03-31');
    expect(march.parties).toEqual([
      { party: 'funder', partyId: FUNDER, amountFen: -30_000 },
      { party: 'institution', partyId: 'H1', amountFen: 100_000 },
      { party: 'insurer', partyId: 'employee', amountFen: -70_000 },
    ]);
    const april = await world.clearings.clear('2026-04-01');
    expect(april.parties).toEqual([
      unionpay(-20_000),
      { party: 'funder', partyId: FUNDER, amountFen: 30_000 },
      { party: 'insurer', partyId: 'employee', amountFen: -10_000 },
    ]);
  });

  test('before one that is cleared already has nothing left', async () => {
    const world = await day();
    world.clock.set('2026-03-04T00:00:00+08:00');
    expect((await world.clearings.clear('2026-03-03')).visits).toBe(3);
    expect(await world.clearings.clear('2026-03-02')).toMatchObject({ visits: 0, parties: [] });
  });

  test.each([
    ['today', '2026-03-03'],
    ['tomorrow', '2026-03-04'],
    ['in a hundred years', '2126-03-03'],
  ])('%s is not cleared: it is not over', async (_what, businessDate) => {
    const world = await day();
    await expect(world.clearings.clear(businessDate)).rejects.toMatchObject({
      code: 'DAY_NOT_OVER',
      kind: 'unprocessable',
    });
    await expect(world.clearings.get(businessDate)).rejects.toMatchObject({
      code: 'CLEARING_UNKNOWN',
    });
    expect((await world.clearings.clear('2026-03-02')).visits).toBe(2);
  });

  test('that has not begun is not compared with the bank', async () => {
    const world = await day();
    await expect(world.reconciliations.of('2026-03-04')).rejects.toMatchObject({
      code: 'DAY_NOT_BEGUN',
    });
  });

  test('that nobody cleared is not known', async () => {
    await expect(till().clearings.get('2026-03-02')).rejects.toMatchObject({
      code: 'CLEARING_UNKNOWN',
    });
  });
});
