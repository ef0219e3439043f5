import { randomBytes, randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DAY_MS, dataOf } from '@caretab/contracts';
import { Jobs, type ServiceParts, STORE } from '@caretab/host';
import { type DynamicModule, Inject, Module, type OnModuleInit } from '@nestjs/common';
import { type Static, type TSchema, Type } from '@sinclair/typebox';
import type { NotificationConfig } from './config';
import { InstitutionConsumer } from './institution/institution.consumer';
import { PersonConsumer } from './institution/person.consumer';
import { AgreementCodeController } from './notice/agreement-code.controller';
import { AgreementCodes } from './notice/agreement-codes';
import { ClosingNotices } from './notice/closing-notices';
import { CodeController } from './notice/code.controller';
import { CodeMessages } from './notice/codes';
import { ContactClient } from './notice/contact.adapter';
import { Deliverer } from './notice/deliverer';
import { MailGateway, type MailTransport, smtpTransport } from './notice/mail.gateway';
import { MessageGateway } from './notice/message.gateway';
import { observeWebhooks } from './notice/metrics';
import { AccountNoticeConsumer } from './notice/account-notice.consumer';
import { NoticeConsumer } from './notice/notice.consumer';
import { NoticeController } from './notice/notice.controller';
import { Notices } from './notice/notices';
import { PersonOutlets, type PersonOutletsParts } from './notice/person-outlets';
import { VisitCodes } from './notice/visit-codes';
import { WebhookController } from './notice/webhook.controller';
import { WebhookWatch } from './notice/webhook-watch';
import { guardedPost, type PostWebhook } from './notice/webhook-post.adapter';
import { WebhookTargets } from './notice/webhook-target.adapter';
import { WebhookGateway } from './notice/webhook.gateway';
import { WebhookSecrets } from './notice/webhook-secrets';
import { WebhookNotices } from './notice/webhooks';
import { PreferenceController } from './preference/preference.controller';

type Config = Static<typeof NotificationConfig>;
type Parts = ServiceParts<Config>;

export interface NotificationPorts {
  readonly mail: MailTransport;
  /** Undefined for a twin of the network: there webhooks go by its `fetch`. */
  readonly post?: PostWebhook;
}

export const notificationPorts = ({ config }: Parts): NotificationPorts => ({
  mail: smtpTransport(config.NOTIFICATION_SMTP_URL, config.NOTIFICATION_TIMEOUT_MS),
  post: guardedPost(new WebhookTargets(config.NOTIFICATION_WEBHOOK_PRIVATE_TO)),
});

const postBy =
  (fetch: Parts['fetch']): PostWebhook =>
  async ({ url, timeoutMs, ...rest }) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const answer = await fetch(url, { method: 'POST', redirect: 'manual', signal, ...rest });
    await answer.body?.cancel();
    return { status: answer.status, date: answer.headers.get('date') ?? undefined };
  };

/** The backlog counts what is due within this time; not a retry that is planned for later. */
const DUE_SOON_MS = 10_000;

/** How often it is looked whether webhooks arrive. */
const WATCH_INTERVAL_MS = 15_000;

class Work {
  constructor(
    readonly deliverer: Deliverer,
    readonly watch: WebhookWatch,
    readonly intervalMs: number,
  ) {}
}

@Module({})
export class NotificationModule implements OnModuleInit {
  constructor(
    @Inject(Jobs) private readonly jobs: Jobs,
    @Inject(Work) private readonly work: Work,
  ) {}

  onModuleInit(): void {
    this.jobs.every('notification.deliver', this.work.intervalMs, () =>
      this.work.deliverer.runOnce(),
    );
    this.jobs.every('notification.watch', WATCH_INTERVAL_MS, () => this.work.watch.look());
  }
}

const Ms = Type.Integer({ minimum: 1, maximum: 86_400_000 });
const Delays = Type.Array(Ms, { minItems: 1 });
const DAYS_30_MS = 30 * DAY_MS;
const PolicyFile = Type.Object({
  // A hospital's receiver may be away over a long weekend.
  retryForMs: Type.Integer({ minimum: 3 * DAY_MS, maximum: DAYS_30_MS }),
  retryDelaysMs: Delays,
  leaseMs: Ms,
  nextWayAttempts: Type.Integer({ minimum: 1, maximum: 1000 }),
  circuit: Type.Object({
    failuresMin: Type.Integer({ minimum: 1, maximum: 100 }),
    delaysMs: Delays,
  }),
  slow: Type.Object({
    answerMs: Ms,
    lanesMax: Type.Integer({ minimum: 1, maximum: 100 }),
    delayMs: Ms,
  }),
  secretGraceMs: Type.Integer({ minimum: 0, maximum: DAYS_30_MS }),
});
const Text = Type.Object({
  subject: Type.String({ minLength: 1 }),
  text: Type.String({ minLength: 1 }),
});
const TemplatesFile = Type.Record(Type.String(), Type.Object({ zh: Text, en: Text }));
const Words = Type.Object({ zh: Type.String(), en: Type.String() });
const PhrasesFile = Type.Object({
  about: Type.String(),
  reasons: Type.Record(Type.String(), Words),
  unknownReason: Words,
  itemLine: Words,
  itemUnnamed: Words,
  itemUnnamedAt: Words,
  hospitalUnnamed: Words,
  more: Words,
  tabLine: Words,
  tabMore: Words,
  lateItem: Words,
  link: Words,
  where: Words,
});
const ShortTextsFile = Type.Object({
  about: Type.String(),
  signature: Words,
  where: Words,
  texts: Type.Record(Type.String(), Words),
});

const data = <Schema extends TSchema>(name: string, schema: Schema): Static<Schema> =>
  dataOf(
    `services/notification/data/${name}.json`,
    readFileSync(join(__dirname, `../data/${name}.json`), 'utf8'),
    schema,
  );

const policy = data('delivery-policy', PolicyFile);

const messagesBy = (
  name: 'SMS' | 'app',
  url: string | undefined,
  token: string | undefined,
  { config, fetch }: Parts,
): MessageGateway | undefined =>
  url === undefined
    ? undefined
    : new MessageGateway({ name, url, token, fetch, timeoutMs: config.NOTIFICATION_TIMEOUT_MS });

const peopleOf = (
  parts: Parts,
  { mail }: NotificationPorts,
  { codes, shortTexts, sms }: Pick<PersonOutletsParts, 'codes' | 'shortTexts' | 'sms'>,
): PersonOutlets => {
  const { config } = parts;
  return new PersonOutlets({
    codes,
    wording: {
      templates: data('templates', TemplatesFile),
      phrases: data('phrases', PhrasesFile),
      link: config.NOTIFICATION_SIGN_IN_URL,
    },
    shortTexts,
    mailer: new MailGateway(config.NOTIFICATION_SMTP_URL, config.NOTIFICATION_MAIL_FROM, mail),
    app: messagesBy('app', config.NOTIFICATION_APP_URL, config.NOTIFICATION_APP_TOKEN, parts),
    sms,
    contacts: contactsOf(parts),
  });
};

const contactsOf = ({ config, tokens, fetch }: Parts): ContactClient =>
  new ContactClient({
    ...{ url: config.IDENTITY_URL, tokens, timeoutMs: config.NOTIFICATION_TIMEOUT_MS, fetch },
  });

const visitCodesOf = (
  parts: Parts,
  by: Pick<PersonOutletsParts, 'shortTexts' | 'sms'>,
): VisitCodes =>
  new VisitCodes({
    ...{ ...by, store: parts.store, clock: parts.clock, contacts: contactsOf(parts) },
    unnamed: data('phrases', PhrasesFile).hospitalUnnamed,
    key: parts.config.NOTIFICATION_WEBHOOK_KEY,
    chance: randomInt,
  });

/** Every door and worker of the service. */
export const notificationModule = (parts: Parts, ports: NotificationPorts): DynamicModule => {
  const { store, clock, backlog, config, fetch, logger } = parts;
  const secrets = new WebhookSecrets({
    store,
    clock,
    key: config.NOTIFICATION_WEBHOOK_KEY,
    graceMs: policy.secretGraceMs,
  });
  const codes = new AgreementCodes({ store, clock, randomness: randomBytes });
  const shortTexts = data('short-texts', ShortTextsFile);
  const { NOTIFICATION_SMS_URL: smsUrl, NOTIFICATION_SMS_TOKEN: smsToken } = config;
  const sms = messagesBy('SMS', smsUrl, smsToken, parts);
  const people = peopleOf(parts, ports, { codes, shortTexts, sms });
  const closing = new ClosingNotices(clock);
  const deliverer = new Deliverer({
    store,
    clock,
    policy,
    secrets,
    closing,
    people,
    webhooks: new WebhookGateway({
      timeoutMs: config.NOTIFICATION_TIMEOUT_MS,
      clock,
      post: ports.post ?? postBy(fetch),
    }),
  });
  observeWebhooks(store, clock);
  const watch = new WebhookWatch({ store, clock, logger });
  parts.degradations.report('notification', () => watch.degradations());
  backlog.measure('notification.notices', () => deliverer.countDue(DUE_SOON_MS));
  return {
    module: NotificationModule,
    controllers: [
      NoticeController,
      AgreementCodeController,
      CodeController,
      NoticeConsumer,
      AccountNoticeConsumer,
      WebhookController,
      PreferenceController,
      InstitutionConsumer,
      PersonConsumer,
    ],
    providers: [
      { provide: STORE, useValue: store },
      { provide: Notices, useValue: new Notices(clock, people.ways[0] ?? 'email') },
      { provide: AgreementCodes, useValue: codes },
      { provide: CodeMessages, useValue: new CodeMessages({ sms, shortTexts }) },
      { provide: VisitCodes, useValue: visitCodesOf(parts, { sms, shortTexts }) },
      { provide: ClosingNotices, useValue: closing },
      { provide: WebhookNotices, useValue: new WebhookNotices({ store, clock }) },
      { provide: WebhookSecrets, useValue: secrets },
      {
        provide: Work,
        useValue: new Work(deliverer, watch, config.NOTIFICATION_DELIVER_INTERVAL_MS),
      },
    ],
  };
};
