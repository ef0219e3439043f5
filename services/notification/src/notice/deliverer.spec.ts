import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DAY_MS } from '@caretab/contracts';
import { MemoryStore } from '@caretab/store';
import { fixedClock } from '@caretab/doubles';
import { guardianTable, institutionTable } from '../institution/institution.table';
import { preferenceTable } from '../preference/preference.table';
import { ClosingNotices } from './closing-notices';
import { Deliverer } from './deliverer';
import type { DeliveryPolicy } from './delivery-outcome';
import { noticeTable } from './notice.table';
import { Notices } from './notices';
import { WebhookSecrets } from './webhook-secrets';
import { WebhookNotices } from './webhooks';
import type { SendOutcome } from './outlets';
import { PersonOutlets } from './person-outlets';
import type { ShortTexts } from './short-text';
import type { Phrases, Templates } from './templates';

const dataOf = (name: string): unknown =>
  JSON.parse(readFileSync(join(__dirname, `../../data/${name}.json`), 'utf8'));
const wording = {
  templates: dataOf('templates') as Templates,
  phrases: dataOf('phrases') as Phrases,
  link: undefined,
};
const shortTexts = dataOf('short-texts') as ShortTexts;
const PARENT = 'p-00000000-0000-4000-8000-000000000001';
const CHILD = 'p-00000000-0000-4000-8000-000000000002';
const settled = {
  eventId: 'e1',
  time: '2026-03-02T09:00:00Z',
  template: 'visit-settled',
  facts: {
    visitId: 'H1-1',
    revision: 1,
    patientDueFen: 3005,
    paidFen: 3005,
    refundedFen: 0,
    grossFen: 9005,
    insurersFen: 6000,
    notDeferred: [],
    notDeferredCount: 0,
    notDeferredFen: 0,
  },
};
const policy = {
  retryForMs: 60_000,
  retryDelaysMs: [1000],
  leaseMs: 20_000,
  nextWayAttempts: 3,
  circuit: { failuresMin: 3, delaysMs: [1000] },
  slow: { answerMs: 1000, lanesMax: 2, delayMs: 1000 },
};

/** The schedule that ships. */
const shipped = dataOf('delivery-policy') as DeliveryPolicy;

const post = (dies?: { at: number; armed: boolean }, schedule: DeliveryPolicy = policy) => {
  const clock = fixedClock('2026-03-02T09:00:00Z');
  let steps = 0;
  const step = (): void => {
    if (dies?.armed && ++steps >= dies.at) throw new Error('killed');
  };
  const store = new MemoryStore({ at: step });
  const mails: { to: string; subject: string; text: string; noticeId: string }[] = [];
  const webhooks: { noticeId: string; institutionId: string; url: string; body: string }[] = [];
  /** How hospitals answer that do not answer as they should, by institution. */
  const ill = new Map<string, SendOutcome>();
  const answers: {
    mail: SendOutcome[];
    webhook: SendOutcome[];
    contact: ('unavailable' | 'unknown')[];
  } = { mail: [], webhook: [], contact: [] };
  const deliverer = new Deliverer({
    store,
    clock,
    policy: schedule,
    closing: new ClosingNotices(clock),
    secrets: new WebhookSecrets({ store, clock, key: 'a webhook key for tests', graceMs: DAY_MS }),
    people: new PersonOutlets({
      codes: { issue: () => Promise.resolve('a-code') },
      wording,
      shortTexts,
      app: undefined,
      sms: undefined,
      mailer: {
        send: async (mail) => {
          step();
          const answer = answers.mail.shift() ?? 'sent';
          if (answer === 'sent' || answer === 'unknown') mails.push(mail);
          step();
          return answer;
        },
      },
      contacts: {
        of: async (personId) => {
          step();
          return (
            answers.contact.shift() ?? {
              email: `${personId}@mail.example`,
              mobile: null,
              language: 'zh' as const,
            }
          );
        },
      },
    }),
    webhooks: {
      post: async (webhook) => {
        step();
        webhooks.push(webhook);
        step();
        return answers.webhook.shift() ?? ill.get(webhook.institutionId) ?? 'sent';
      },
    },
  });
  const notices = new Notices(clock, 'email');
  return {
    clock,
    store,
    mails,
    webhooks,
    answers,
    ill,
    deliverer,
    notices,
    resending: new WebhookNotices({ store, clock }),
    /** So many notices of each institution, which all have an address. */
    due: (institutionIds: readonly string[], count: number) =>
      store.transact(async (transaction) => {
        for (const institutionId of institutionIds) {
          await transaction
            .rows(institutionTable)
            .save({ institutionId, webhookUrl: `http://${institutionId}`, name: null });
          for (let number = 0; number < count; number += 1)
            await notices.notifyInstitution(transaction, institutionId, {
              ...settled,
              eventId: `${institutionId}-${number}`,
              template: 'VisitSettled',
            });
        }
      }),
    /** Rounds as the job runs them, so far apart. */
    rounds: async (count: number, apartMs: number) => {
      for (let round = 0; round < count; round += 1) {
        while ((await deliverer.runOnce()) > 0);
        clock.advance(apartMs);
      }
    },
    write: (
      work: (transaction: Parameters<Parameters<MemoryStore['transact']>[0]>[0]) => Promise<void>,
    ) => store.transact(work),
    rows: () => store.transact((transaction) => transaction.rows(noticeTable).find({})),
    workThrough: async () => {
      for (let round = 0; round < 8; round++) {
        await deliverer.runOnce();
        clock.advance(30_000);
      }
    },
  };
};

test('a settled visit is told once, with amounts in yuan, in the language of the person', async () => {
  const world = post();
  await world.write((transaction) =>
    transaction
      .rows(preferenceTable)
      .save({ personId: PARENT, language: 'en', channels: ['email'] }),
  );
  await world.write((transaction) => world.notices.notifyAccount(transaction, PARENT, settled));
  await world.write((transaction) => world.notices.notifyAccount(transaction, PARENT, settled));
  await world.workThrough();
  expect(world.mails).toHaveLength(1);
  expect(world.mails[0]).toMatchObject({
    to: `${PARENT}@mail.example`,
    subject: 'Your visit at the hospital is settled',
  });
  expect(world.mails[0]!.text).toContain('30.05 CNY');
  expect(await world.rows()).toMatchObject([{ status: 'sent' }]);
});

test('the same event with other facts is a conflict, and the first notice stays', async () => {
  const world = post();
  await world.write((transaction) => world.notices.notifyAccount(transaction, PARENT, settled));
  await expect(
    world.write((transaction) =>
      world.notices.notifyAccount(transaction, PARENT, {
        ...settled,
        facts: { ...settled.facts, paidFen: 1 },
      }),
    ),
  ).rejects.toMatchObject({ code: 'NOTICE_CONFLICT' });
  expect(await world.rows()).toMatchObject([{ facts: settled.facts }]);
});

test('of a child the guardian is told', async () => {
  const world = post();
  await world.write((transaction) =>
    transaction.rows(guardianTable).save({ personId: CHILD, guardianId: PARENT }),
  );
  await world.write((transaction) =>
    world.notices.notifyPerson(transaction, CHILD, {
      ...settled,
      template: 'account-frozen',
      facts: { reason: 'OVERDUE' },
    }),
  );
  await world.workThrough();
  expect(world.mails.map(({ to }) => to)).toEqual([`${PARENT}@mail.example`]);
});

test('a notice keeps the trace of its event, so that its delivery can continue it', async () => {
  const world = post();
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  await world.write((transaction) =>
    world.notices.notifyAccount(transaction, PARENT, { ...settled, traceparent }),
  );
  await world.write((transaction) =>
    world.notices.notifyAccount(transaction, PARENT, {
      ...settled,
      traceparent: 'of a repetition',
    }),
  );
  expect(await world.rows()).toMatchObject([{ traceparent }]);
});

test('no address is ever written down', async () => {
  const world = post();
  await world.write((transaction) => world.notices.notifyAccount(transaction, PARENT, settled));
  await world.workThrough();
  expect(JSON.stringify(await world.rows())).not.toContain('@');
});

test.each([
  ['is sent again when it was certainly not sent', ['not-sent', 'sent'], 'sent', 1],
  ['ends when it is refused', ['refused'], 'failed', 0],
  [
    'ends as unconfirmed when nobody can know, and is not sent again',
    ['unknown'],
    'unconfirmed',
    1,
  ],
  ['ends when its time is over', ['not-sent', 'not-sent', 'not-sent'], 'failed', 0],
] as const)('an e-mail %s', async (_title, outcomes, status, mails) => {
  const world = post();
  world.answers.mail.push(...outcomes);
  await world.write((transaction) => world.notices.notifyAccount(transaction, PARENT, settled));
  await world.workThrough();
  expect([(await world.rows())[0]!.status, world.mails.length]).toEqual([status, mails]);
});

test('an e-mail waits while identity cannot be asked, and is skipped for who does not want it', async () => {
  const world = post();
  world.answers.contact.push('unavailable');
  await world.write((transaction) => world.notices.notifyAccount(transaction, PARENT, settled));
  await world.workThrough();
  await world.write((transaction) =>
    transaction.rows(preferenceTable).save({ personId: PARENT, language: 'zh', channels: [] }),
  );
  await world.write((transaction) =>
    world.notices.notifyAccount(transaction, PARENT, { ...settled, eventId: 'e2' }),
  );
  await world.workThrough();
  expect((await world.rows()).map(({ status }) => status)).toEqual(['sent', 'skipped']);
});

test('a webhook is repeated with the same id until it is taken', async () => {
  const world = post();
  world.answers.webhook.push('not-sent', 'unknown');
  await world.write((transaction) =>
    transaction
      .rows(institutionTable)
      .save({ institutionId: 'H1', webhookUrl: 'http://hospital', name: null }),
  );
  await world.write((transaction) =>
    world.notices.notifyInstitution(transaction, 'H1', { ...settled, template: 'VisitSettled' }),
  );
  await world.workThrough();
  expect(world.webhooks).toHaveLength(3);
  expect(new Set(world.webhooks.map(({ noticeId }) => noticeId)).size).toBe(1);
  expect(JSON.parse(world.webhooks[0]!.body)).toMatchObject({
    type: 'VisitSettled',
    visitId: 'H1-1',
    paidFen: 3005,
  });
});

test('an institution without an address is skipped', async () => {
  const world = post();
  await world.write((transaction) =>
    transaction.rows(institutionTable).save({ institutionId: 'H1', webhookUrl: null, name: null }),
  );
  await world.write((transaction) =>
    world.notices.notifyInstitution(transaction, 'H1', { ...settled, template: 'VisitSettled' }),
  );
  await world.workThrough();
  expect(await world.rows()).toMatchObject([{ status: 'skipped' }]);
});

test('killed between any two steps, an e-mail goes out at most once and its end is known', async () => {
  for (let at = 1; at <= 60; at++) {
    const dies = { at, armed: false };
    const world = post(dies);
    await world.write((transaction) => world.notices.notifyAccount(transaction, PARENT, settled));
    dies.armed = true;
    await world.deliverer.runOnce().catch(() => undefined);
    dies.armed = false;
    world.clock.advance(30_000);
    await world.workThrough();
    const [notice] = await world.rows();
    expect(world.mails.length).toBeLessThanOrEqual(1);
    expect(['sent', 'unconfirmed']).toContain(notice!.status);
    if (notice!.status === 'sent') expect(world.mails).toHaveLength(1);
  }
});

test(
  'a clock that was an hour ahead holds nothing up, however much was written ' +
    'meanwhile and however busy it stays',
  async () => {
    const world = post();
    const write = (count: number, first: number) =>
      world.write(async (transaction) => {
        for (let number = first; number < first + count; number += 1)
          await world.notices.notifyAccount(transaction, PARENT, {
            ...settled,
            eventId: `event-${number}`,
          });
      });
    await write(350, 0);
    world.clock.advance(-3_600_000);
    for (let round = 0; round < 6; round += 1) {
      await write(1, 1000 + round); // There is always one that is due.
      await world.deliverer.runOnce();
      world.clock.advance(policy.leaseMs);
    }
    expect((await world.rows()).filter(({ status }) => status !== 'sent')).toEqual([]);
  },
);

test('a clock that jumps back an hour holds up no notice, and sends none twice', async () => {
  const world = post();
  world.answers.mail.push('not-sent');
  await world.write((transaction) => world.notices.notifyAccount(transaction, PARENT, settled));
  await world.deliverer.runOnce(); // To be tried again in a second.
  // Due now.
  await world.write((transaction) => world.notices.notifyAccount(transaction, CHILD, settled));
  world.clock.advance(-3_600_000);
  await world.workThrough();
  expect(world.mails.map(({ to }) => to).sort()).toEqual([
    `${PARENT}@mail.example`,
    `${CHILD}@mail.example`,
  ]);
  expect((await world.rows()).map(({ status }) => status)).toEqual(['sent', 'sent']);
});

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const statusesOf = (rows: readonly { status: string }[]): string[] => [
  ...new Set(rows.map(({ status }) => status)),
];

test.each([
  ['for three days', 72 * 60, 'unknown'],
  ['for three days and says 404 for the time', 72 * 60, 'refused'],
  ['for an hour', 60, 'not-sent'],
] as const)(
  'a hospital that is away %s gets every webhook, once it is back, under one id each',
  async (_how, minutes, outcome) => {
    const world = post(undefined, shipped);
    world.ill.set('H1', outcome);
    await world.due(['H1'], 12);
    await world.rounds(minutes / 20, 20 * MINUTE_MS);
    expect(statusesOf(await world.rows())).toEqual(['pending']);
    world.ill.clear();
    const before = world.webhooks.length;
    await world.rounds(20, 20 * MINUTE_MS);
    expect(statusesOf(await world.rows())).toEqual(['sent']);
    const arrived = world.webhooks.slice(before).map(({ noticeId }) => noticeId);
    expect([arrived.length, new Set(arrived).size]).toEqual([12, 12]);
  },
);

test('after four days without an answer a webhook fails, and a re-send begins its time again', async () => {
  const world = post(undefined, shipped);
  world.ill.set('H1', 'unknown');
  await world.due(['H1'], 20);
  await world.rounds(5 * 24, HOUR_MS);
  expect(statusesOf(await world.rows())).toEqual(['failed']);
  world.ill.clear();
  const range = { institutionId: 'H1', from: settled.time, until: settled.time };
  expect(await world.resending.resend({ ...range, institutionId: 'H2' })).toMatchObject({
    resent: 0,
  });
  expect(await world.resending.resend(range)).toMatchObject({ resent: 20 });
  await world.rounds(24, HOUR_MS);
  const rows = await world.rows();
  expect(statusesOf(rows)).toEqual(['sent']);
  expect(new Set(world.webhooks.map(({ noticeId }) => noticeId)).size).toBe(20);
  // What arrived is sent again only where that is asked for.
  expect(await world.resending.resend(range)).toMatchObject({ resent: 0 });
  expect(await world.resending.resend({ ...range, status: 'sent' })).toMatchObject({ resent: 20 });
});

test('a hospital that never answers delays no other, however much is due to it', async () => {
  const world = post(undefined, shipped);
  world.ill.set('H1', 'unknown');
  await world.due(['H1'], 500);
  await world.rounds(1, 1000);
  const before = world.webhooks.length;
  await world.due(['H2'], 50);
  await world.rounds(1, 1000);
  const sent = world.webhooks.slice(before);
  expect(sent.filter(({ institutionId }) => institutionId === 'H2')).toHaveLength(50);
  // The circuit is open: of five hundred, few are tried.
  expect(world.webhooks.length - 50).toBeLessThan(50);
});
