import { Type } from '@sinclair/typebox';

/** What notification reads from the environment. */
export const NotificationConfig = Type.Object({
  IDENTITY_URL: Type.String({
    pattern: '^https?://',
    description: 'base URL of identity, without a slash at the end',
  }),
  NOTIFICATION_SMTP_URL: Type.String({
    pattern: '^smtps?://',
    description: 'mail server, e.g. smtp://127.0.0.1:2525',
  }),
  NOTIFICATION_MAIL_FROM: Type.String({
    default: 'CareTab <no-reply@caretab.example>',
    description: 'sender of e-mails',
  }),
  NOTIFICATION_SMS_URL: Type.Optional(
    Type.String({
      pattern: '^https?://',
      description: 'where SMS are handed over; without it none are sent',
    }),
  ),
  NOTIFICATION_SMS_TOKEN: Type.Optional(
    Type.String({ minLength: 16, description: 'bearer token of the SMS provider' }),
  ),
  NOTIFICATION_APP_URL: Type.Optional(
    Type.String({
      pattern: '^https?://',
      description: 'where messages to the app or public account are handed over; without it none',
    }),
  ),
  NOTIFICATION_APP_TOKEN: Type.Optional(
    Type.String({ minLength: 16, description: 'bearer token of the app’s push service' }),
  ),
  NOTIFICATION_SIGN_IN_URL: Type.Optional(
    Type.String({
      pattern: '^https?://',
      description: 'where people sign in to see their visits; named in notices',
    }),
  ),
  NOTIFICATION_WEBHOOK_KEY: Type.String({
    minLength: 16,
    description: 'the institutions’ webhook secrets derive from it',
  }),
  NOTIFICATION_WEBHOOK_PRIVATE_TO: Type.Optional(
    Type.String({
      pattern: '^[^\\s,]+(,[^\\s,]+)*$',
      description:
        'where webhooks may go beside public addresses by https: names of hosts, addresses and ' +
        'networks as 10.1.0.0/16, separated by commas',
    }),
  ),
  NOTIFICATION_TIMEOUT_MS: Type.Integer({
    minimum: 50,
    maximum: 6000,
    default: 3000,
    description: 'deadline of one question, mail or webhook',
  }),
  NOTIFICATION_DELIVER_INTERVAL_MS: Type.Integer({
    minimum: 50,
    default: 500,
    description: 'how often notices are looked for',
  }),
});
