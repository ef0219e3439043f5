import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { TypeOrmStore } from '@caretab/store';
import {
  institutionSecrets,
  type MailSink,
  startMailSink,
  startWebhookReceiver,
  webhookSecret,
  type WebhookReceiver,
} from '@caretab/sandbox';
import { twinServices, twinTokensOf } from '@caretab/host';
import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { notification } from '..';
import { institutionTable } from '../institution/institution.table';
import { ContactClient } from './contact.adapter';
import { ClosingNotices } from './closing-notices';
import { Deliverer } from './deliverer';
import { MailGateway, smtpTransport } from './mail.gateway';
import { noticeTable } from './notice.table';
import { Notices } from './notices';
import { PersonOutlets } from './person-outlets';
import type { ShortTexts } from './short-text';
import type { Phrases, Templates } from './templates';
import { WebhookSecrets } from './webhook-secrets';
import { guardedPost } from './webhook-post.adapter';
import { WebhookTargets } from './webhook-target.adapter';
import { WebhookGateway } from './webhook.gateway';

const KEY = 'a webhook key for tests';
const services = twinServices(['identity']);
/** The machine's, so much ahead: the receiver accepts signatures of five minutes. */
let aheadMs = 0;
const clock = { now: () => new Date(Date.now() + aheadMs) };
const here = { host: '127.0.0.1', port: 0 };
const byHttp = guardedPost(new WebhookTargets('127.0.0.1'));
const dataOf = (name: string): unknown =>
  JSON.parse(readFileSync(join(__dirname, `../../data/${name}.json`), 'utf8'));
const person = (name: string): string => `p-${name}`;
const addresses: Record<string, string> = {
  'p-a': 'a@mail.example',
  'p-b': 'b@mail.example',
  'p-c': 'c@mail.example',
  'p-rejected': 'b+reject@mail.example',
  'p-cut': 'c+cut@mail.example',
};

let database: TestDatabase;
let store: TypeOrmStore;
let sink: MailSink;
let receiver: WebhookReceiver;
const questions: string[] = [];
let identity: Server;
let secrets: WebhookSecrets;

beforeAll(async () => {
  database = await testDatabase();
  store = await TypeOrmStore.open({
    url: database.url,
    schema: 'notification',
    tables: notification.tables,
    migrations: notification.migrations,
  });
  secrets = new WebhookSecrets({ store, clock, key: KEY, graceMs: 3_600_000 });
  sink = await startMailSink(here);
  receiver = await startWebhookReceiver({ ...here, secretOf: institutionSecrets(KEY) });
  identity = createServer((request, response) => {
    const isOurs =
      services.subjectOf({ authorization: request.headers.authorization })?.id ===
      'service/notification';
    const ofOne = (personId: string) => {
      const email = isOurs ? addresses[personId] : undefined;
      return email && { email, mobile: '13957100001', language: 'zh' };
    };
    void text(request).then((sent) => {
      questions.push(request.url!);
      const { personIds = [] } = sent === '' ? {} : JSON.parse(sent);
      const isBroken = personIds.includes(person('unreadable'));
      const found =
        request.method === 'POST'
          ? {
              contacts: personIds.flatMap((personId: string) => {
                const one = ofOne(personId);
                return one ? [{ personId, ...one }] : [];
              }),
              destroyed: [],
            }
          : ofOne(request.url!.split('/')[3]!);
      response
        .writeHead(isBroken ? 500 : found ? 200 : 404, { 'content-type': 'application/json' })
        .end(JSON.stringify(found ?? { code: 'PERSON_UNKNOWN' }));
    });
  }).listen(0, '127.0.0.1');
});
afterAll(async () => {
  await Promise.all([sink.stop(), receiver.stop(), store.close()]);
  identity.close();
  await database.drop();
});

const deliverer = (smtpUrl = sink.url) =>
  new Deliverer({
    store,
    clock,
    policy: {
      retryForMs: 3000,
      retryDelaysMs: [1000],
      leaseMs: 20_000,
      nextWayAttempts: 3,
      circuit: { failuresMin: 3, delaysMs: [1000] },
      slow: { answerMs: 900, lanesMax: 2, delayMs: 1000 },
    },
    secrets,
    closing: new ClosingNotices(clock),
    people: new PersonOutlets({
      codes: { issue: () => Promise.resolve('a-code') },
      shortTexts: dataOf('short-texts') as ShortTexts,
      app: undefined,
      sms: undefined,
      wording: {
        templates: dataOf('templates') as Templates,
        phrases: dataOf('phrases') as Phrases,
        link: undefined,
      },
      mailer: new MailGateway(
        smtpUrl,
        'CareTab <no-reply@caretab.example>',
        smtpTransport(smtpUrl, 1000),
      ),
      contacts: new ContactClient({
        url: `http://127.0.0.1:${(identity.address() as AddressInfo).port}`,
        tokens: twinTokensOf('notification'),
        timeoutMs: 1000,
      }),
    }),
    webhooks: new WebhookGateway({ timeoutMs: 1000, clock, post: byHttp }),
  });
const notices = new Notices(clock, 'email');
const refund = (eventId: string) => ({
  eventId,
  time: '2026-03-02T09:00:00Z',
  template: 'refund-completed',
  facts: { visitId: 'H1-1', amountFen: 500 },
});
const told = async (eventId: string, smtpUrl?: string) => {
  const worker = deliverer(smtpUrl);
  for (let round = 0; round < 8; round++) {
    await worker.runOnce();
    aheadMs += 1000;
  }
  return (
    await store.transact((transaction) => transaction.rows(noticeTable).find({ eventId }))
  )[0]!;
};

test.each([
  ['a', 'sent', 1],
  ['rejected', 'failed', 0],
  ['cut', 'unconfirmed', 1],
  ['stranger', 'skipped', 0],
] as const)('a mail to %s over real SMTP ends %s', async (name, status, count) => {
  await store.transact((transaction) =>
    notices.notifyAccount(transaction, person(name), refund(`mail-${name}`)),
  );
  expect(await told(`mail-${name}`)).toMatchObject({ status });
  expect(sink.messages().filter(({ to }) => to[0] === addresses[person(name)])).toHaveLength(count);
});

test('where the persons of many notices are reached is one question, and singly when that fails', async () => {
  const round = async (names: readonly string[], eventId: string) => {
    questions.length = 0;
    await store.transact(async (transaction) => {
      for (const name of names)
        await notices.notifyAccount(transaction, person(name), refund(`${eventId}-${name}`));
    });
    await deliverer().runOnce();
    const sent = await store.transact((transaction) =>
      transaction.rows(noticeTable).find({
        eventId: { in: names.map((name) => `${eventId}-${name}`) },
        status: 'sent',
      }),
    );
    return { asked: [...questions], sent: sent.length };
  };
  expect(await round(['a', 'b', 'c'], 'many')).toEqual({
    asked: ['/identity/persons/contacts'],
    sent: 3,
  });
  const broken = await round(['a', 'b', 'unreadable'], 'broken');
  expect(broken.asked).toHaveLength(4);
  expect(broken.sent).toBe(2);
});

test('a mail waits while the mail server is not there', async () => {
  await store.transact((transaction) =>
    notices.notifyAccount(transaction, person('a'), refund('mail-later')),
  );
  expect(await told('mail-later', 'smtp://127.0.0.1:1')).toMatchObject({
    status: 'failed',
    reason: 'ATTEMPTS_EXHAUSTED',
  });
});

test.each([
  ['hooks/H1', [1]],
  ['hooks/H2/fail-2', [1]],
  // Four attempts, and one more over a new connection where the first went over a kept one.
  ['hooks/H3/cut', [4, 5]],
] as const)('a signed webhook reaches %s', async (path, deliveries) => {
  const institutionId = path.split('/')[1]!;
  await store.transact((transaction) =>
    transaction
      .rows(institutionTable)
      .save({ institutionId, webhookUrl: `${receiver.url}/${path}`, name: null }),
  );
  await store.transact((transaction) =>
    notices.notifyInstitution(transaction, institutionId, {
      ...refund(`hook-${institutionId}`),
      template: 'ChargeNotDeferred',
    }),
  );
  await told(`hook-${institutionId}`);
  const received = receiver.received().filter((webhook) => webhook.path === `/${path}`);
  expect(deliveries).toContain(received.length);
  expect(new Set(received.map(({ noticeId }) => noticeId)).size).toBe(1);
  expect(received[0]!.body).toMatchObject({ type: 'ChargeNotDeferred', visitId: 'H1-1' });
});

test.each([1, -1])(
  'a webhook is taken although our clock is %s hours off; one with a wrong secret is refused all the same',
  async (hours) => {
    const wrong = { now: () => new Date(Date.now() + hours * 3_600_000) };
    const post = (key: string) =>
      new WebhookGateway({ timeoutMs: 1000, clock: wrong, post: byHttp }).post({
        noticeId: `off-${hours}-${key}`,
        institutionId: 'H1',
        secrets: [webhookSecret(key, 'H1')],
        url: `${receiver.url}/hooks/H1`,
        body: '{}',
      });
    expect(await post(KEY)).toBe('sent');
    expect(await post('another key for tests')).toBe('refused');
    expect(
      receiver.received().filter(({ noticeId }) => noticeId === `off-${hours}-${KEY}`),
    ).toHaveLength(1);
  },
);

test('after a renewal receivers that know the old or the new secret take a webhook', async () => {
  const institutionId = 'H9';
  const { secret } = await secrets.renew(institutionId);
  const renewed = await startWebhookReceiver({ ...here, secretOf: () => secret });
  const addresses = [`${receiver.url}/hooks/${institutionId}`, `${renewed.url}/hooks/H9`];
  for (const webhookUrl of addresses) {
    await store.transact((transaction) =>
      transaction.rows(institutionTable).save({ institutionId, webhookUrl, name: null }),
    );
    await store.transact((transaction) =>
      notices.notifyInstitution(transaction, institutionId, {
        ...refund(`to ${webhookUrl}`),
        template: 'ChargeNotDeferred',
      }),
    );
    expect(await told(`to ${webhookUrl}`)).toMatchObject({ status: 'sent', attempts: 1 });
  }
  await renewed.stop();
});

test('no webhook goes inward: not to a number, not by a name, and a connection is never made', async () => {
  let connections = 0;
  const inner = createServer((_request, response) => void response.end());
  inner.on('connection', () => (connections += 1));
  await new Promise<void>((resolve) => void inner.listen(0, '127.0.0.1', resolve));
  const { port } = inner.address() as AddressInfo;
  const outcome = (host: string, allowed?: string) =>
    new WebhookGateway({
      timeoutMs: 1000,
      clock,
      post: guardedPost(new WebhookTargets(allowed)),
    }).post({
      ...{ noticeId: 'inward', institutionId: 'H1', secrets: ['s'], body: '{}' },
      url: `http://${host}:${port}/latest/meta-data`,
    });
  for (const host of ['127.0.0.1', 'localhost', '[::1]', '0x7f.1', '[::ffff:127.0.0.1]'])
    expect(await outcome(host)).toBe('forbidden');
  expect(connections).toBe(0);
  expect(await outcome('localhost', 'localhost')).toBe('sent');
  expect(connections).toBe(1);
  inner.close();
});

test('no one gets a signature for a day that is far off, whatever time it answers with', async () => {
  const dates: string[] = [];
  const post = async ({ headers }: { headers: Readonly<Record<string, string>> }) => {
    dates.push(headers['caretab-signature']!.split(',')[0]!);
    return { status: 401, date: 'Wed, 02 Jan 2036 08:00:00 GMT' };
  };
  const gateway = new WebhookGateway({
    timeoutMs: 1000,
    clock: { now: () => new Date('2026-03-02T08:00:00Z') },
    post,
  });
  const notice = { noticeId: 'far', institutionId: 'H1', secrets: ['s'], url: 'x', body: '{}' };
  expect(await gateway.post(notice)).toBe('refused');
  expect(dates).toEqual(['t=1772438400']);
});
