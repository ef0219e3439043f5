import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, pause } from '@caretab/hospital';
import { bankBookOf } from '../bank-book';
import { CONSULTATION, sumFen } from '../catalogue';
import type { Citizen } from '../citizen';
import { ROOT } from '../launcher';
import { Platform, removeFolder, temporaryFolder } from '../platform';
import { MachineClock } from '../platform-clock';
import type { Visit } from '../visit';
import { World } from '../world';

const JOURNEY_TIMEOUT_MS = 180_000;
const HOUR_MS = 3_600_000;
/** An order without an answer is asked for after this time; the next time would be in half an hour. */
const ASKED_AFTER_MS = 20_000;
/** That, and what a busy machine needs. */
const SETTLE_TIMEOUT_MS = 90_000;

const POLICY = JSON.parse(
  readFileSync(join(ROOT, 'services/payment/data/collection-policy.json'), 'utf8'),
);
const DUE_FEN = sumFen(CONSULTATION);

const folder = temporaryFolder();
const clock = new MachineClock();
let platform: Platform;
let world: World;
beforeAll(async () => {
  const policy = join(folder, 'collection-policy.json');
  const resolveDelaysMs = [ASKED_AFTER_MS, HOUR_MS / 2];
  writeFileSync(
    policy,
    JSON.stringify({ ...POLICY, resolveDelaysMs, unknownAfterMs: 2 * HOUR_MS }),
  );
  platform = await Platform.start({
    ...clock.settings,
    PAYMENT_POLICY_FILE: policy,
    PAYMENT_RETRY_DELAY_MS: String(HOUR_MS / 2),
  });
  world = new World('machine-clock-leaps', platform.address);
});
afterAll(async () => {
  await platform?.remove();
  await removeFolder(folder);
});

/** A visit that has ended; its payment came to this. */
const ended = async (citizen: Citizen, isSo: (payment: any) => boolean): Promise<Visit> => {
  const visit = (await world.hospital()).visitOf(citizen);
  expect(await visit.opens()).toBe('accepted');
  expect(await visit.charges(CONSULTATION)).toBe('accepted');
  expect(await visit.ends()).toBe('accepted');
  await eventually(async () => expect(isSo(await world.paymentOf(visit.visitId))).toBe(true));
  return visit;
};

/** The bank's silence is recorded: a lease is shorter. */
const isAskedLater = ({ orders: [order], nextAttemptAt }: any): boolean =>
  order?.status === 'sending' &&
  Date.parse(nextAttemptAt) - Date.parse(order.startedAt) > POLICY.leaseMs + 1;

const isDeclined = ({ orders: [order] }: any): boolean => order?.status === 'declined';

const ordersOf = async ({ visitId }: Visit): Promise<readonly any[]> =>
  (await world.paymentOf(visitId)).orders;

/** What the process takes for the machine's time, by its last line of log. */
const hoursByLog = (): number => {
  const times = [...platform.log.matchAll(/"time":"([^"]+)"/g)];
  return Math.round((Date.parse(times.at(-1)![1]!) - Date.now()) / HOUR_MS);
};

test.each([
  ['back', -1],
  ['ahead', 1],
])(
  'the machine’s clock leaps an hour %s: what is due in seconds is done in seconds, once, and nothing early',
  async (_way, hours) => {
    const declined = await ended(await world.citizen({ bank: 'declined-once' }), isDeclined);
    const citizen = await world.citizen({ bank: 'no-answer-captured' });
    const unanswered = await ended(citizen, isAskedLater);

    await clock.isAhead(hours);
    await eventually(
      async () =>
        expect(await world.api.get(`/v1/visits/${unanswered.visitId}`)).toMatchObject({
          ...{ status: 'settled', paidFen: DUE_FEN },
        }),
      SETTLE_TIMEOUT_MS,
    );
    expect(hoursByLog()).toBe(hours);
    // Half an hour has not passed, whatever the machine says.
    await pause(2000);
    expect(await ordersOf(declined)).toHaveLength(1);

    await clock.isAhead(0);
    await world.quiet();
    expect(await ordersOf(declined)).toHaveLength(1);
    const orders = (await ordersOf(unanswered)).map(({ orderId }) => orderId);
    expect(orders).toHaveLength(1);
    expect(bankBookOf(world).capturedFen(orders)).toBe(DUE_FEN);
  },
  JOURNEY_TIMEOUT_MS,
);
