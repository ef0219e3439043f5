import { Type } from '@sinclair/typebox';
import { ChargeId, Id, Instant, InstitutionId, PersonId, VisitId } from '../schemas';
import { DeskCode } from './own-confirmations';
import { NotDeferred, OnTab } from '../tab-charges';
import { route } from './route';
import { closed, Count, CountBy, Moment, oneOf, orNull } from './shapes';

const preference = {
  language: oneOf('zh', 'en'),
  channels: Type.Array(oneOf('app', 'sms', 'email'), {
    maxItems: 3,
    description: 'Tried in the order app, SMS, e-mail. Empty: no notices',
  }),
};

const WebhookStatus = oneOf('pending', 'sending', 'sent', 'failed', 'skipped');
const Cursor = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z/.{1,120}$',
  description: '`next` of the page before',
});

/** Which webhooks: a hospital's own at the edge, an operator's choice here. */
export const webhookRange = {
  status: Type.Optional(WebhookStatus),
  from: Type.Optional(Instant),
  until: Type.Optional(Instant),
  after: Type.Optional(Cursor),
};
export const webhookResend = {
  status: Type.Optional(WebhookStatus),
  from: Instant,
  until: Instant,
  after: Type.Optional(Cursor),
};
export const WebhookPage = closed({
  webhooks: Type.Array(
    closed({
      noticeId: Id,
      institutionId: InstitutionId,
      type: Type.String(),
      visitId: orNull(VisitId),
      status: WebhookStatus,
      reason: orNull(Type.String()),
      attempts: Count,
      occurredAt: Moment,
      nextAttemptAt: orNull(Moment),
      sentAt: orNull(Moment),
    }),
    { description: 'Oldest first, at most 100' },
  ),
  next: Type.Optional(Type.String({ description: 'Cursor of the next page' })),
});
export const WebhooksResent = closed({
  resent: Count,
  next: Type.Optional(
    Type.String({ description: 'There are more than 500: call again with this `after`' }),
  ),
});
export const WebhookSecret = closed({
  secret: Type.String({ description: 'Shown this once' }),
  formerUntil: Type.Unsafe<Date | string>({
    ...Instant,
    description: 'Until then the secret before signs too: the header has two signatures',
  }),
});

export const AgreementCode = Type.String({
  minLength: 1,
  maxLength: 100,
  description: 'The code of the notice, as it is',
});

export const notificationRoutes = {
  visitNotices: route({
    method: 'GET',
    path: '/notification/visits/{visitId}',
    action: 'notices.read',
    whose: { visit: 'params.visitId' },
    summary: 'Every notice about a visit, and whether it was delivered',
    params: closed({ visitId: VisitId }),
    responses: {
      200: closed({
        visitId: VisitId,
        notices: Type.Array(
          closed({
            noticeId: Id,
            recipientId: Type.String(),
            channel: oneOf('app', 'sms', 'email', 'webhook'),
            template: Type.String(),
            facts: Type.Record(
              Type.String(),
              Type.Union([
                Type.String(),
                Type.Number(),
                Type.Null(),
                Type.Array(NotDeferred, { description: 'Charges that are not on the tab' }),
                Type.Array(OnTab, { description: 'The first charges on the tab' }),
              ]),
            ),
            status: oneOf('pending', 'sending', 'sent', 'failed', 'unconfirmed', 'skipped'),
            reason: orNull(Type.String()),
            attempts: Count,
            occurredAt: Moment,
            sentAt: orNull(Moment),
          }),
        ),
      }),
    },
    problems: [],
  }),
  summary: route({
    method: 'GET',
    path: '/notification/summary',
    action: 'notices.summarise',
    whose: 'platform',
    unrecorded: true,
    summary: 'Notices by status and by template',
    responses: {
      200: closed({
        notices: Count,
        byStatus: CountBy,
        byTemplate: Type.Record(Type.String(), CountBy),
      }),
    },
    problems: [],
  }),
  listWebhooks: route({
    method: 'GET',
    path: '/notification/webhooks',
    action: 'webhooks.list',
    whose: { institution: 'query.institutionId' },
    summary: 'Webhooks by institution, status and time; without a status those that did not arrive',
    query: closed({ institutionId: Type.Optional(InstitutionId), ...webhookRange }),
    responses: { 200: WebhookPage },
    problems: [],
  }),
  resendWebhooks: route({
    method: 'POST',
    path: '/notification/webhooks/resend',
    action: 'webhooks.resend',
    whose: { institution: 'body.institutionId' },
    summary: 'Send webhooks of a time range again, under the same notice ids',
    description:
      'Without a status those that did not arrive; `sent` repeats what arrived. `from` and `until` ' +
      'are times of the events, both included.',
    body: closed({ institutionId: Type.Optional(InstitutionId), ...webhookResend }),
    responses: { 200: WebhooksResent },
    problems: [],
  }),
  renewWebhookSecret: route({
    method: 'POST',
    path: '/notification/institutions/{institutionId}/webhook-secret',
    action: 'webhooks.renew-secret',
    whose: { institution: 'params.institutionId' },
    approval: { when: 'always' },
    summary: 'Make a new webhook secret; the one before signs beside it for seven days',
    params: closed({ institutionId: InstitutionId }),
    responses: { 201: WebhookSecret },
    problems: ['WEBHOOK_SECRETS_TOO_MANY'],
  }),
  resolveAgreementCode: route({
    method: 'POST',
    path: '/notification/agreement-codes/resolve',
    action: 'agreement-codes.resolve',
    whose: 'platform',
    summary: 'What a code of a notice is for: a late charge, a link, or else a visit to confirm',
    body: closed({ code: AgreementCode }),
    responses: {
      200: closed({
        visitId: VisitId,
        chargeId: Type.Optional(ChargeId),
        linkId: Type.Optional({ ...Id, description: 'Of an unidentified patient: is it them?' }),
      }),
    },
    problems: ['AGREEMENT_UNKNOWN'],
  }),
  sendCode: route({
    method: 'POST',
    path: '/notification/codes',
    action: 'codes.send',
    whose: 'platform',
    summary: 'Send a code by SMS to a number that is not known of anyone yet; nothing is kept',
    body: closed({
      messageId: Type.String({ minLength: 1, maxLength: 100 }),
      mobile: Type.String({ pattern: '^1[3-9]\\d{9}$' }),
      code: Type.String({ pattern: '^\\d{6}$' }),
      language: oneOf('zh', 'en'),
    }),
    responses: {
      200: closed({
        outcome: {
          ...oneOf('sent', 'not-sent', 'refused', 'none'),
          description:
            'not-sent: certainly not, and it may be tried again · refused: the number is out of use · ' +
            'none: the operator has no SMS provider. What may have been sent counts as sent.',
        },
      }),
    },
    problems: [],
  }),
  sendVisitCode: route({
    method: 'POST',
    path: '/notification/visit-codes',
    action: 'visit-codes.send',
    whose: { visit: 'body.visitId' },
    summary: 'Send who pays a code by SMS, by which they say yes to a visit at the desk',
    body: closed({ visitId: VisitId, personId: PersonId }),
    responses: {
      200: closed({
        outcome: {
          ...oneOf('sent', 'too-soon', 'too-many', 'none'),
          description:
            'too-soon: one a minute · too-many: three a visit · none: they cannot be reached by SMS. ' +
            'What may have been sent counts as sent.',
        },
        expiresAt: Type.Optional(Moment),
      }),
    },
    problems: ['IDENTITY_UNAVAILABLE'],
  }),
  checkVisitCode: route({
    method: 'POST',
    path: '/notification/visit-codes/check',
    action: 'visit-codes.check',
    whose: { visit: 'body.visitId' },
    summary: 'Whether it is the code that was sent for the visit; five tries a code',
    body: closed({
      visitId: VisitId,
      code: DeskCode,
      personId: Type.Optional({ ...PersonId, description: 'Who is asked: for the record' }),
    }),
    responses: { 200: closed({ outcome: oneOf('right', 'wrong', 'none'), triesLeft: Count }) },
    problems: [],
  }),
  setPreference: route({
    method: 'PUT',
    path: '/notification/preferences/{personId}',
    action: 'preferences.set',
    whose: { person: 'params.personId' },
    summary: 'In which language and by which channels a person receives notices',
    params: closed({ personId: PersonId }),
    body: closed(preference),
    responses: { 200: closed({ personId: PersonId, ...preference }) },
    problems: [],
  }),
};
