import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DAY_MS } from '@caretab/contracts';
import { fixedClock } from '@caretab/doubles';
import { MemoryStore } from '@caretab/store';
import { AgreementCodes } from './agreement-codes';
import { ClosingNotices } from './closing-notices';
import { Deliverer } from './deliverer';
import type { DeliveryPolicy } from './delivery-outcome';
import { Notices } from './notices';
import { PersonOutlets } from './person-outlets';
import type { ShortTexts } from './short-text';
import type { Phrases, Templates } from './templates';
import { WebhookSecrets } from './webhook-secrets';

const dataOf = (name: string): unknown =>
  JSON.parse(readFileSync(join(__dirname, `../../data/${name}.json`), 'utf8'));
const policy = dataOf('delivery-policy') as DeliveryPolicy;

test('a worker whose lease ran out makes no code: the one in the notice that came is the citizen’s', async () => {
  const clock = fixedClock('2026-03-02T09:00:00Z');
  const store = new MemoryStore();
  const codes = new AgreementCodes({ store, clock, randomness: randomBytes });
  const mails: string[] = [];
  const workerWith = (contacted: () => Promise<void>) =>
    new Deliverer({
      store,
      clock,
      policy,
      closing: new ClosingNotices(clock),
      secrets: new WebhookSecrets({ store, clock, key: 'a key for these tests', graceMs: DAY_MS }),
      people: new PersonOutlets({
        codes,
        wording: {
          templates: dataOf('templates') as Templates,
          phrases: dataOf('phrases') as Phrases,
          link: undefined,
        },
        shortTexts: dataOf('short-texts') as ShortTexts,
        app: undefined,
        sms: undefined,
        mailer: { send: async ({ text }) => (mails.push(text), 'sent') },
        contacts: {
          of: async () => {
            await contacted();
            return { email: 'a@mail.example', mobile: null, language: 'en' };
          },
        },
      }),
      webhooks: { post: async () => 'sent' },
    });
  const other = workerWith(async () => undefined);
  const slow = workerWith(async () => {
    clock.advance(policy.leaseMs + 1);
    await other.runOnce();
  });
  await store.transact((transaction) =>
    new Notices(clock, 'email').notifyAccount(transaction, 'p-1', {
      eventId: 'e1',
      time: '2026-03-02T09:00:00Z',
      template: 'late-charge',
      facts: { visitId: 'H1-V0001', chargeId: 'C1', amountFen: 2000 },
    }),
  );
  await slow.runOnce();
  expect(mails).toHaveLength(1);
  const [, code] = /Your code: (\S+)/.exec(mails[0]!)!;
  expect(await codes.resolve(code!)).toEqual({ visitId: 'H1-V0001', chargeId: 'C1' });
});
