import { fixedClock, testDatabase, type TestDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { notification } from '..';
import { institutionTable } from '../institution/institution.table';
import { ClosingNotices } from './closing-notices';
import { Deliverer } from './deliverer';
import { failingByAge } from './metrics';
import { noticeTable } from './notice.table';
import { Notices } from './notices';
import type { SendOutcome } from './outlets';
import { WebhookSecrets } from './webhook-secrets';
import { NOT_ARRIVED_MS, WebhookWatch } from './webhook-watch';
import { WebhookNotices } from './webhooks';

const clock = fixedClock('2026-03-02T09:00:00Z');
const policy = {
  ...{ retryForMs: 345_600_000, retryDelaysMs: [1000, 3_600_000], leaseMs: 20_000 },
  nextWayAttempts: 3,
  circuit: { failuresMin: 3, delaysMs: [3_600_000] },
  slow: { answerMs: 900, lanesMax: 2, delayMs: 1000 },
};
const GOOD = 'http://good';

let database: TestDatabase;
let store: TypeOrmStore;
const open = () =>
  TypeOrmStore.open({
    ...{ url: database.url, schema: 'notification' },
    ...{ tables: notification.tables, migrations: notification.migrations },
  });
beforeAll(async () => {
  database = await testDatabase();
  store = await open();
});
afterAll(async () => {
  await store.close();
  await database.drop();
});

const tried: string[] = [];
/** One process; its circuits are its own. */
const started = () => {
  const lines: string[] = [];
  const log = (...[, line]: readonly unknown[]): void => void lines.push(String(line));
  const post = async ({ url }: { readonly url: string }): Promise<SendOutcome> => {
    tried.push(url);
    return url === GOOD ? 'sent' : 'not-sent';
  };
  const deliverer = new Deliverer({
    ...{ store, clock, policy, closing: new ClosingNotices(clock) },
    people: undefined as never,
    webhooks: { post },
    secrets: new WebhookSecrets({ store, clock, key: 'a webhook key of a test', graceMs: 0 }),
  });
  const watch = new WebhookWatch({ store, clock, logger: { warn: log, info: log } });
  return { deliverer, watch, lines, webhooks: new WebhookNotices({ store, clock }) };
};
const address = (webhookUrl: string): Promise<void> =>
  store.transact((transaction) =>
    transaction.rows(institutionTable).save({ institutionId: 'H1', webhookUrl, name: null }),
  );
const due = (eventId: string): Promise<void> =>
  store.transact((transaction) =>
    new Notices(clock, 'email').notifyInstitution(transaction, 'H1', {
      ...{ eventId, time: '2026-03-02T09:00:00Z', template: 'ChargeNotDeferred' },
      facts: { visitId: 'H1-1' },
    }),
  );
const statuses = async (): Promise<string[]> => {
  const rows = await store.transact((transaction) => transaction.rows(noticeTable).find({}));
  return rows.map(({ status }) => status).sort();
};

test('a receiver that is away is named since when, also after a restart; a new address is tried at once', async () => {
  let one = started();
  await address('http://bad');
  for (const id of ['a', 'b', 'c', 'd', 'e']) await due(id);
  await one.deliverer.runOnce();
  await one.deliverer.runOnce();
  const since = clock.now();
  await due('f');
  await one.deliverer.runOnce();
  clock.advance(NOT_ARRIVED_MS);
  await store.close();
  store = await open();
  one = started();
  await one.watch.look();
  expect(one.watch.degradations()).toEqual([
    { what: 'webhooks to H1', why: expect.stringMatching(/^6 do not arrive\. Check/), since },
  ]);
  expect(one.lines).toEqual([expect.stringContaining('webhooks do not arrive')]);
  expect((await failingByAge(store, clock))[0]).toEqual(['under 1 h', 6]);

  // This process finds the circuit open, too.
  await one.webhooks.resend({ institutionId: 'H1' });
  await one.deliverer.runOnce();
  tried.length = 0;
  const asked = await one.webhooks.resend({ institutionId: 'H1' });
  expect(asked.resent).toBe(6);
  await one.deliverer.runOnce();
  expect(tried).toEqual(['http://bad']);

  await address(GOOD);
  await store.transact((transaction) => one.webhooks.readdressed(transaction, 'H1'));
  await one.deliverer.runOnce();
  expect(tried.filter((url) => url === GOOD).length).toBeGreaterThan(0);
  clock.advance(2 * policy.slow.delayMs);
  await one.deliverer.runOnce();
  expect(await statuses()).toEqual(Array.from({ length: 6 }, () => 'sent'));
  await one.watch.look();
  expect(one.watch.degradations()).toEqual([]);
  expect(one.lines.at(-1)).toBe('webhooks do not wait any more');
});

test('what was given up is named until it is re-sent', async () => {
  await address('http://bad');
  await due('given-up');
  const one = started();
  await due('refused');
  const since = clock.now();
  await store.transact(async (transaction) => {
    const rows = await transaction.rows(noticeTable).find({ status: 'pending' });
    await transaction.rows(noticeTable).save(
      ...rows.map((row) => ({
        ...row,
        ...{ status: 'failed' as const, reason: 'ATTEMPTS_EXHAUSTED', nextAttemptAt: null },
        dueSince: since,
      })),
    );
  });
  await one.watch.look();
  expect(one.watch.degradations()).toEqual([
    { what: 'webhooks given up to H1', why: expect.stringMatching(/^2 never arrived/), since },
  ]);
  expect(one.lines).toEqual([expect.stringContaining('webhooks are given up')]);
  await address(GOOD);
  expect((await one.webhooks.resend({ institutionId: 'H1' })).resent).toBe(2);
  await one.deliverer.runOnce();
  await one.watch.look();
  expect(one.watch.degradations()).toEqual([]);
});
