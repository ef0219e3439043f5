import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messagingMigrations } from '@caretab/bus';
import { DAY_MS } from '@caretab/contracts';
import { countedWork, fixedClock, testDatabase, type TestDatabase } from '@caretab/doubles';
import { type Store, TypeOrmStore } from '@caretab/store';
import { notification } from '..';
import { institutionTable } from '../institution/institution.table';
import { ClosingNotices } from './closing-notices';
import { Deliverer } from './deliverer';
import type { DeliveryPolicy } from './delivery-outcome';
import { Notices } from './notices';
import { PersonOutlets } from './person-outlets';
import type { ShortTexts } from './short-text';
import type { Phrases, Templates } from './templates';
import { WebhookSecrets } from './webhook-secrets';

/** As many as are on their way at once: one claim takes them all. */
const BATCH = 24;
/** By number of attempts it is looked whether a clock was ahead: once a minute. */
const LOOKS = 4;
/** The claim, what came of all, a claim that finds nothing; and this test's count. */
const WEBHOOKS = { statements: 14, commits: LOOKS + 3 + 1 };
/** And, before mails leave, that they are being sent; and who of their persons has died. */
const MAILS = { statements: 19, commits: LOOKS + 4 + 1 };

const clock = fixedClock('2026-03-02T09:00:00Z');
const dataOf = (name: string): unknown =>
  JSON.parse(readFileSync(join(__dirname, `../../data/${name}.json`), 'utf8'));
const notices = new Notices(clock, 'email');
const about = (index: number) => ({
  ...{ eventId: `e-${index}`, time: '2026-03-02T09:00:00Z' },
  facts: { visitId: `H1-${index}`, amountFen: 500 },
});

const delivererOn = (store: Store): Deliverer =>
  new Deliverer({
    ...{ store, clock },
    policy: { ...(dataOf('delivery-policy') as DeliveryPolicy), retryDelaysMs: [1000] },
    closing: new ClosingNotices(clock),
    secrets: new WebhookSecrets({ store, clock, key: 'a webhook key for tests', graceMs: DAY_MS }),
    people: new PersonOutlets({
      codes: { issue: async () => 'a-code' },
      wording: {
        templates: dataOf('templates') as Templates,
        phrases: dataOf('phrases') as Phrases,
        link: undefined,
      },
      shortTexts: dataOf('short-texts') as ShortTexts,
      ...{ app: undefined, sms: undefined },
      mailer: { send: async () => 'sent' },
      contacts: { of: async () => ({ email: 'a@mail.example', mobile: null, language: 'zh' }) },
    }),
    webhooks: { post: async () => 'sent' },
  });

let database: TestDatabase;
beforeEach(async () => (database = await testDatabase()));
afterEach(() => database.drop());

/** What the delivery of that many notices asks of the database. */
const workOf = (notify: (store: Store) => Promise<unknown>) =>
  countedWork({
    url: database.url,
    open: (url) =>
      TypeOrmStore.open({
        url,
        schema: 'notification',
        tables: notification.tables,
        migrations: [...messagingMigrations, ...notification.migrations],
      }),
    given: notify,
    work: async (store) => {
      const deliverer = delivererOn(store);
      expect(await deliverer.runOnce()).toBe(BATCH);
      expect(await deliverer.countDue(DAY_MS)).toBe(0);
    },
  });

test('webhooks of one claim are begun with it, and what came of them is one transaction', async () => {
  const { statements, commits } = await workOf((store) =>
    store.transact(async (transaction) => {
      await transaction
        .rows(institutionTable)
        .save({ institutionId: 'H1', webhookUrl: 'https://h1.example/hooks', name: null });
      for (let index = 0; index < BATCH; index += 1)
        await notices.notifyInstitution(transaction, 'H1', {
          ...about(index),
          template: 'ChargeNotDeferred',
        });
    }),
  );
  expect(commits).toBe(WEBHOOKS.commits);
  expect(statements.length - 3 * LOOKS).toBeLessThanOrEqual(WEBHOOKS.statements);
});

test('mails of one claim are two transactions more: one before they leave, and one after', async () => {
  const { statements, commits } = await workOf((store) =>
    store.transact(async (transaction) => {
      for (let index = 0; index < BATCH; index += 1)
        await notices.notifyAccount(transaction, `p-${index}`, {
          ...about(index),
          template: 'refund-completed',
        });
    }),
  );
  expect(commits).toBe(MAILS.commits);
  expect(statements.length - 3 * LOOKS).toBeLessThanOrEqual(MAILS.statements);
});
