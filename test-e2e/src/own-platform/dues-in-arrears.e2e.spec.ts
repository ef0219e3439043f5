import { eventually } from '@caretab/hospital';
import { bankBookOf } from '../bank-book';
import { CONSULTATION, sumFen } from '../catalogue';
import type { Citizen } from '../citizen';
import { Platform } from '../platform';
import { PlatformClock } from '../platform-clock';
import type { Visit } from '../visit';
import { World } from '../world';

const JOURNEY_TIMEOUT_MS = 240_000;
const DAY_HOURS = 24;
const DUE_FEN = sumFen(CONSULTATION);
const clock = new PlatformClock();
let platform: Platform;
let world: World;
/** Days that went by; each begins an hour after the one before. */
let hours = 0;
beforeAll(async () => {
  platform = await Platform.start({
    ...clock.settings,
    CREDIT_EXPIRY_INTERVAL_MS: '500',
    // The second attempt comes when the clock is set.
    PAYMENT_RETRY_DELAY_MS: '1800000',
  });
  world = new World('dues-in-arrears', platform.address);
});
afterAll(() => platform?.remove());

const passes = (more: number): Promise<void> => clock.isAhead((hours += more));

/** A visit of one consultation, which its hospital has ended. */
const ended = async (citizen: Citizen): Promise<Visit> => {
  const visit = (await world.hospital()).visitOf(citizen);
  expect(await visit.opens()).toBe('accepted');
  expect(await visit.charges(CONSULTATION)).toBe('accepted');
  await world.becomes(visit.visitId, { chargesDeferred: 1 });
  expect(await visit.ends()).toBe('accepted');
  return visit;
};

/** The bank has declined once, and the second attempt is an hour away. */
const isDeclinedOnce = ({ visitId }: Visit): Promise<void> =>
  eventually(async () =>
    expect(await world.paymentOf(visitId)).toMatchObject({
      ...{ status: 'due', orders: [{ status: 'declined' }] },
    }),
  );

const refused = async (citizen: Citizen, reason: string): Promise<void> => {
  const visit = (await world.hospital()).visitOf(citizen);
  expect(await visit.opens()).toBe('accepted');
  expect(await visit.charges(CONSULTATION)).toBe('accepted');
  await world.becomes(visit.visitId, { chargesDeferred: 0, chargesNotDeferred: 1 });
  const facts = await world.historyOf(visit.visitId);
  expect(facts.find(({ type }) => type === 'ChargeNotDeferred').data.reason).toBe(reason);
};

const mails = (citizen: Citizen, words: string): number =>
  world.mailsTo(citizen).filter(({ source }) => source.includes(words)).length;

test(
  'a due that was missed: frozen, reminded, announced; paid, the person is free and nothing is reported',
  async () => {
    const citizen = await world.citizen({ bank: 'declined' });
    const visit = await ended(citizen);
    await isDeclinedOnce(visit);
    await passes(1);
    await world.becomes(visit.visitId, { missedReason: 'INSUFFICIENT_FUNDS', paidFen: 0 });
    await eventually(async () =>
      expect(await world.lineOf(citizen)).toMatchObject({
        ...{ frozenReason: 'PAYMENT_MISSED', outstandingFen: DUE_FEN },
      }),
    );
    await refused(citizen, 'FROZEN');

    await passes(3 * DAY_HOURS + 1);
    await eventually(() => expect(mails(citizen, 'still to be paid')).toBe(1));
    await passes(17 * DAY_HOURS);
    await eventually(() => expect(mails(citizen, 'a default will be reported')).toBe(1));
    const path = `/credit/persons/${citizen.personId}/arrears`;
    expect(await world.api.get(path)).toMatchObject({
      arrears: [{ visitId: visit.visitId, owedFen: DUE_FEN, reportedAt: null }],
    });

    await world.api.done('POST', `/payment/visits/${visit.visitId}/pay`, {
      ...{ channel: 'wechat', token: 'tok-dues-in-arrears:ok' },
    });
    await world.becomes(visit.visitId, { status: 'settled', paidFen: DUE_FEN });
    await eventually(async () =>
      expect(await world.lineOf(citizen)).toMatchObject({ frozenReason: null, outstandingFen: 0 }),
    );
    await eventually(() => expect(mails(citizen, 'is usable again')).toBe(1));
    const next = (await world.hospital()).visitOf(citizen);
    expect(await next.opens()).toBe('accepted');
    expect(await next.charges(CONSULTATION)).toBe('accepted');
    await world.becomes(next.visitId, { chargesDeferred: 1 });
    await passes(11 * DAY_HOURS);
    await world.quiet();
    expect((await world.api.get<any>('/credit/default-reports')).reports).toEqual([]);
    expect(mails(citizen, 'still to be paid')).toBeLessThanOrEqual(2);
  },
  JOURNEY_TIMEOUT_MS,
);

test(
  'a death with an open due: nothing is debited, held or said; taken back, it goes on',
  async () => {
    const citizen = await world.citizen({ bank: 'declined-once' });
    const visit = await ended(citizen);
    await isDeclinedOnce(visit);
    const path = `/identity/persons/${citizen.personId}/death`;
    const diedOn = new Date(clock.now()).toISOString().slice(0, 10);
    await world.api.doneByTwo('PUT', path, { diedOn, paper: 'D-17' });
    await world.quiet();
    await refused(citizen, 'PERSON_DIED');
    await passes(1);
    await eventually(async () =>
      expect(await world.paymentOf(visit.visitId)).toMatchObject({
        ...{ status: 'declined', declineReason: 'PERSON_DIED', orders: [{ status: 'declined' }] },
      }),
    );
    await world.becomes(visit.visitId, { missedReason: 'PERSON_DIED', paidFen: 0 });
    const before = world.mailsTo(citizen).length;
    await passes(4 * DAY_HOURS);
    await world.quiet();
    expect(world.mailsTo(citizen)).toHaveLength(before);

    await world.api.doneByTwo('DELETE', `${path}?paper=D-18`);
    await world.becomes(visit.visitId, { status: 'settled', paidFen: DUE_FEN });
    const { orders } = await world.paymentOf(visit.visitId);
    const orderIds = orders.map(({ orderId }: { orderId: string }) => orderId);
    expect(bankBookOf(world).capturedFen(orderIds)).toBe(DUE_FEN);
    await eventually(async () =>
      expect(await world.lineOf(citizen)).toMatchObject({ frozenReason: null, outstandingFen: 0 }),
    );
    const next = (await world.hospital()).visitOf(citizen);
    expect(await next.opens()).toBe('accepted');
    expect(await next.charges(CONSULTATION)).toBe('accepted');
    await world.becomes(next.visitId, { chargesDeferred: 1 });
  },
  JOURNEY_TIMEOUT_MS,
);
