import { fixedClock } from '@caretab/doubles';
import { webhookSecret } from '@caretab/sandbox';
import { MemoryStore } from '@caretab/store';
import { WebhookSecrets } from './webhook-secrets';

const KEY = 'a webhook key for tests';
const GRACE_MS = 60_000;

const post = () => {
  const clock = fixedClock('2026-03-02T09:00:00Z');
  const store = new MemoryStore();
  const secrets = new WebhookSecrets({ store, clock, key: KEY, graceMs: GRACE_MS });
  const inForce = async (institutionId: string) =>
    (await store.transact((transaction) => secrets.inForce(transaction, [institutionId]))).get(
      institutionId,
    );
  return { clock, secrets, inForce };
};

test('an institution has a secret from the start', async () => {
  const { inForce } = post();
  expect(await inForce('H1')).toEqual([webhookSecret(KEY, 'H1')]);
});

test('after a renewal both secrets sign, and later the new one alone', async () => {
  const { clock, secrets, inForce } = post();
  const { secret, formerUntil } = await secrets.renew('H1');
  expect(formerUntil).toEqual(new Date('2026-03-02T09:01:00Z'));
  expect(await inForce('H1')).toEqual([webhookSecret(KEY, 'H1'), secret]);
  expect(await inForce('H2')).toEqual([webhookSecret(KEY, 'H2')]);
  clock.advance(GRACE_MS);
  expect(await inForce('H1')).toEqual([secret]);
});

test('a renewal whose answer was lost is made again, but not without end', async () => {
  const { clock, secrets, inForce } = post();
  const [first, second] = [await secrets.renew('H1'), await secrets.renew('H1')];
  expect(await inForce('H1')).toEqual([webhookSecret(KEY, 'H1'), first.secret, second.secret]);
  await expect(secrets.renew('H1')).rejects.toMatchObject({ code: 'WEBHOOK_SECRETS_TOO_MANY' });
  clock.advance(GRACE_MS);
  const third = await secrets.renew('H1');
  expect(await inForce('H1')).toEqual([second.secret, third.secret]);
  expect(new Set([first.secret, second.secret, third.secret]).size).toBe(3);
});
