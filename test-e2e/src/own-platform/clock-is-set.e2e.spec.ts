import { CONSULTATION, sumFen } from '../catalogue';
import { eventually } from '@caretab/hospital';
import { Platform } from '../platform';
import { PlatformClock } from '../platform-clock';
import { World } from '../world';

const JOURNEY_TIMEOUT_MS = 180_000;

/** An outpatient's hold lives two days without a sign of life. */
const AFTER_THE_HOLD = 49;

/** The day (Asia/Shanghai) it is by the platform's clock so many hours ahead. */
const dayIn = (hoursAhead: number): string =>
  new Date(Date.now() + (hoursAhead + 8) * 3_600_000).toISOString().slice(0, 10);

const clock = new PlatformClock();
let platform: Platform;
let world: World;
beforeAll(async () => {
  platform = await Platform.start({
    ...clock.settings,
    CREDIT_EXPIRY_INTERVAL_MS: '1000',
    PAYMENT_RETRY_DELAY_MS: '5000',
  });
  world = new World('clock-is-set', platform.address);
});
afterAll(() => platform?.remove());

test(
  'a hold whose visit died is released and told',
  async () => {
    const hospital = await world.hospital();
    const citizen = await world.citizen();
    const [empty, charged] = [hospital.visitOf(citizen), hospital.visitOf(citizen)];
    for (const visit of [empty, charged]) expect(await visit.opens()).toBe('accepted');
    expect(await charged.charges(CONSULTATION)).toBe('accepted');
    await world.becomes(charged.visitId, { status: 'open', chargesDeferred: 1 });
    await eventually(async () =>
      expect(await world.lineOf(citizen)).toMatchObject({ heldFen: 40_000 }),
    );

    // The hospital says nothing more, ever. A charge of which credit learns after the leap would be a
    // sign of life of that day.
    await world.quiet();
    await clock.isAhead(AFTER_THE_HOLD);
    await world.becomes(empty.visitId, { status: 'cancelled' });
    await world.becomes(charged.visitId, {
      status: 'settled',
      chargesDeferred: 1,
      grossFen: sumFen(CONSULTATION),
      paidFen: sumFen(CONSULTATION),
    });
    await eventually(async () =>
      expect(await world.lineOf(citizen)).toMatchObject({ heldFen: 0, outstandingFen: 0 }),
    );
    for (const { visitId } of [empty, charged])
      expect(
        (await world.historyOf(visitId)).filter(({ type }) => type === 'HoldExpired'),
      ).toHaveLength(1);
    await world.quiet();
    expect(
      world
        .webhooksTo(hospital)
        .map(({ body }) => [body.type, body.visitId])
        .sort(),
    ).toEqual([
      ['VisitCancelled', empty.visitId],
      ['VisitSettled', charged.visitId],
    ]);
    expect(
      world
        .mailsTo(citizen)
        .filter(({ source }) => source.includes(`for questions there): ${charged.visitNumber}`)),
    ).toHaveLength(1);
    expect((await world.paymentOf(charged.visitId)).orders).toHaveLength(1);
  },
  JOURNEY_TIMEOUT_MS,
);

test(
  'a clock that jumps back an hour: nothing stops for an hour, and nothing is done twice',
  async () => {
    const hospital = await world.hospital();
    const citizen = await world.citizen({ bank: 'declined-once' });
    await clock.isAhead(AFTER_THE_HOLD);
    const [closed, running] = [hospital.visitOf(citizen), hospital.visitOf(citizen)];
    for (const visit of [closed, running]) {
      expect(await visit.opens()).toBe('accepted');
      expect(await visit.charges(CONSULTATION)).toBe('accepted');
    }
    expect(await closed.ends()).toBe('accepted');
    // It was declined once, and is tried again in a moment, by the clock as it is now.
    await eventually(async () =>
      expect((await world.paymentOf(closed.visitId)).orders).toContainEqual(
        expect.objectContaining({ status: 'declined' }),
      ),
    );
    await clock.isAhead(AFTER_THE_HOLD - 1);

    expect(await running.charges(CONSULTATION)).toBe('accepted');
    expect(await running.ends()).toBe('accepted');
    await world.becomes(closed.visitId, { status: 'settled', paidFen: sumFen(CONSULTATION) });
    await world.becomes(running.visitId, {
      status: 'settled',
      chargesDeferred: 2,
      paidFen: sumFen(CONSULTATION, CONSULTATION),
    });
    await world.quiet();
    for (const { visitId } of [closed, running]) {
      const facts = await world.historyOf(visitId);
      expect(facts.map(({ revision }) => revision)).toEqual(facts.map((_, index) => index));
      expect(facts.filter(({ type }) => type === 'PaymentRecorded')).toHaveLength(1);
      expect(await world.paymentOf(visitId)).toMatchObject({ status: 'paid', owedFen: 0 });
      expect(
        (await world.paymentOf(visitId)).orders.filter(
          ({ status }: { status: string }) => status === 'captured',
        ),
      ).toHaveLength(1);
      expect(
        world
          .mailsTo(citizen)
          .filter(({ source }) =>
            source.includes(`for questions there): ${visitId.split('-')[1]}`),
          ),
      ).toHaveLength(1);
      expect(
        world.webhooksTo(hospital).filter(({ body }) => body.visitId === visitId),
      ).toHaveLength(1);
    }
    expect(await world.lineOf(citizen)).toMatchObject({ heldFen: 0, outstandingFen: 0 });
    expect(await world.api.get('/visit-ledger/trial-balance')).toMatchObject({ differenceFen: 0 });
    // Money is of the day on which the platform's clock recorded it, whatever the hospital named.
    expect(
      await world.api.done('POST', '/payment/clearings', { businessDate: '2026-03-02' }),
    ).toMatchObject({ balanceFen: 0, visits: 0 });
    await clock.isAhead(AFTER_THE_HOLD + 48);
    const bookedOn = dayIn(AFTER_THE_HOLD + 24);
    expect(
      await world.api.done('POST', '/payment/clearings', { businessDate: bookedOn }),
    ).toMatchObject({ balanceFen: 0, visits: 3 });
  },
  JOURNEY_TIMEOUT_MS,
);
