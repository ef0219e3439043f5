import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DAY_MS } from '@caretab/contracts';
import { fixedClock } from '@caretab/doubles';
import { MemoryStore } from '@caretab/store';
import { deathTable } from '../institution/institution.table';
import { preferenceTable } from '../preference/preference.table';
import { ClosingNotices } from './closing-notices';
import { Deliverer } from './deliverer';
import type { DeliveryPolicy } from './delivery-outcome';
import { noticeTable } from './notice.table';
import { Notices } from './notices';
import type { SendOutcome } from './outlets';
import { PersonOutlets } from './person-outlets';
import type { ShortTexts } from './short-text';
import type { Phrases, Templates } from './templates';
import { WebhookSecrets } from './webhook-secrets';
import type { Way } from './ways';

const dataOf = (name: string): unknown =>
  JSON.parse(readFileSync(join(__dirname, `../../data/${name}.json`), 'utf8'));
const PERSON = 'p-00000000-0000-4000-8000-000000000001';
const closed = {
  eventId: 'e1',
  time: '2026-03-02T09:00:00Z',
  template: 'service-closed',
  facts: {},
};

/** A person who can be reached by all ways, and how each of them answers. */
const reached = async (
  answers: Partial<Record<Way, SendOutcome>>,
  options: {
    readonly wants?: readonly Way[];
    readonly contact?: 'erased' | { readonly email: string | null; readonly mobile: string | null };
    readonly has?: readonly Way[];
    readonly died?: boolean;
  } = {},
) => {
  const { wants, contact = { email: 'a@mail.example', mobile: '13957100001' } } = options;
  const { has = ['app', 'sms', 'email'] } = options;
  const clock = fixedClock('2026-03-02T09:00:00Z');
  const store = new MemoryStore();
  const tried: Way[] = [];
  const by = (way: Way) => ({
    send: () => {
      tried.push(way);
      return Promise.resolve(answers[way] ?? ('sent' as const));
    },
  });
  const people = new PersonOutlets({
    codes: { issue: () => Promise.resolve('a-code') },
    wording: {
      templates: dataOf('templates') as Templates,
      phrases: dataOf('phrases') as Phrases,
      link: undefined,
    },
    shortTexts: dataOf('short-texts') as ShortTexts,
    mailer: by('email'),
    app: has.includes('app') ? by('app') : undefined,
    sms: has.includes('sms') ? by('sms') : undefined,
    contacts: {
      of: () =>
        Promise.resolve(contact === 'erased' ? contact : { ...contact, language: 'zh' as const }),
    },
  });
  const deliverer = new Deliverer({
    store,
    clock,
    closing: new ClosingNotices(clock),
    people,
    policy: { ...(dataOf('delivery-policy') as DeliveryPolicy), nextWayAttempts: 2 },
    secrets: new WebhookSecrets({ store, clock, key: 'a key for these tests', graceMs: DAY_MS }),
    webhooks: { post: () => Promise.resolve('sent') },
  });
  const notices = new Notices(clock, people.ways[0]!);
  await store.transact(async (transaction) => {
    if (wants)
      await transaction
        .rows(preferenceTable)
        .save({ personId: PERSON, language: 'zh', channels: wants });
    if (options.died)
      await transaction.rows(deathTable).save({ personId: PERSON, died: true, revision: 1 });
    await notices.notifyAccount(transaction, PERSON, closed);
  });
  for (let round = 0; round < 12; round += 1) {
    await deliverer.runOnce();
    clock.advance(5000);
  }
  const [row] = await store.transact((transaction) => transaction.rows(noticeTable).find({}));
  return { tried, status: row?.status, channel: row?.channel, reason: row?.reason };
};

test('a notice goes by app first, and by nothing else', async () => {
  expect(await reached({})).toMatchObject({ tried: ['app'], status: 'sent', channel: 'app' });
});

test('who has died is sent nothing', async () => {
  expect(await reached({}, { died: true })).toMatchObject({
    ...{ tried: [], status: 'skipped', reason: 'PERSON_DIED' },
  });
});

test('a person who has not bound the app gets an SMS, and without a number a mail', async () => {
  expect(await reached({ app: 'refused' })).toMatchObject({
    tried: ['app', 'sms'],
    channel: 'sms',
  });
  const noNumber = { email: 'a@mail.example', mobile: null };
  expect(await reached({ app: 'refused' }, { contact: noNumber })).toMatchObject({
    tried: ['app', 'email'],
    status: 'sent',
  });
});

test('a number out of use goes on to the mail; refused everywhere, it failed', async () => {
  expect(await reached({ app: 'refused', sms: 'refused' })).toMatchObject({
    tried: ['app', 'sms', 'email'],
    status: 'sent',
  });
  expect(await reached({ app: 'refused', sms: 'refused', email: 'refused' })).toMatchObject({
    tried: ['app', 'sms', 'email'],
    status: 'failed',
    reason: 'REFUSED',
  });
});

test('a way whose provider stays away gives place to the next after some attempts', async () => {
  expect(await reached({ app: 'not-sent' })).toMatchObject({
    tried: ['app', 'app', 'sms'],
    status: 'sent',
    channel: 'sms',
  });
});

test('a message that may have arrived is not sent by another way', async () => {
  expect(await reached({ app: 'unknown' })).toMatchObject({
    tried: ['app'],
    status: 'unconfirmed',
  });
  expect(await reached({ app: 'refused', sms: 'unknown' })).toMatchObject({
    tried: ['app', 'sms'],
    status: 'unconfirmed',
  });
});

test('only the ways that the person wants and the operator has are used', async () => {
  expect(await reached({}, { wants: ['email', 'sms'] })).toMatchObject({ tried: ['sms'] });
  expect(await reached({}, { wants: [] })).toMatchObject({ tried: [], reason: 'NOT_WANTED' });
  expect(await reached({}, { has: ['email'] })).toMatchObject({ tried: ['email'] });
  expect(await reached({}, { wants: ['sms'], has: ['email'] })).toMatchObject({
    status: 'skipped',
    reason: 'NOT_WANTED',
  });
});

test('of an erased person nothing is sent, and nothing is kept', async () => {
  expect(await reached({}, { contact: 'erased' })).toEqual({
    tried: [],
    status: undefined,
    channel: undefined,
    reason: undefined,
  });
  expect(await reached({}, { contact: 'erased', died: true })).toEqual({
    tried: [],
    status: undefined,
    channel: undefined,
    reason: undefined,
  });
});
