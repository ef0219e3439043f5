import { agreementSettings } from '@caretab/host';
import { Type } from '@sinclair/typebox';

/** What payment reads from the environment. */
export const PaymentConfig = Type.Object({
  ...agreementSettings,
  PAYMENT_ACQUIRER_URL: Type.String({
    pattern: '^https?://',
    description: 'base URL of the acquirer, without a slash at the end',
  }),
  PAYMENT_ACQUIRER_SECRET: Type.String({
    minLength: 16,
    description: 'signs requests to the acquirer',
  }),
  PAYMENT_ACQUIRER_TIMEOUT_MS: Type.Integer({
    minimum: 50,
    maximum: 30_000,
    default: 1000,
    description: 'deadline of one request to the acquirer',
  }),
  PAYMENT_STATEMENT_TIMEOUT_MS: Type.Integer({
    minimum: 50,
    maximum: 600_000,
    default: 60_000,
    description: 'deadline of one page of a statement of the acquirer',
  }),
  PAYMENT_TOKEN_KEY: Type.String({
    minLength: 1,
    description:
      'seals the tokens of bound accounts: 32 bytes in hex, or the path of a file with several keys',
  }),
  PAYMENT_POLICY_FILE: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        'a file with other schedules than services/payment/data/collection-policy.json, of its form',
    }),
  ),
  PAYMENT_CHANNELS_FILE: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        'a file with other channels than services/payment/data/channels.json, of its form',
    }),
  ),
  PAYMENT_PAYOUT_FILE: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        'the settlement account and what is pooled: of the form of services/payment/data/payout-policy.json',
    }),
  ),
  PAYMENT_BANK_URL: Type.Optional(
    Type.String({
      pattern: '^https?://',
      description:
        'base URL of the bank that keeps the settlement account; without it nothing is instructed',
    }),
  ),
  PAYMENT_BANK_SECRET: Type.Optional(
    Type.String({ minLength: 16, description: 'signs files to the bank, and its answers' }),
  ),
  PAYMENT_BANK_TIMEOUT_MS: Type.Integer({
    minimum: 50,
    maximum: 60_000,
    default: 10_000,
    description: 'deadline of one request to the bank; a report has PAYMENT_STATEMENT_TIMEOUT_MS',
  }),
  PAYMENT_BANK_INTERVAL_MS: Type.Integer({
    minimum: 100,
    maximum: 3_600_000,
    default: 15_000,
    description: 'how often files go to the bank and its reports are read',
  }),
  PAYMENT_BOOKS_CLOSE: Type.String({
    pattern: '^(([01]\\d|2[0-3]):[0-5]\\d|24:00)$',
    default: '24:00',
    description:
      'when a day of our books closes (Asia/Shanghai); later movements are the next day’s',
  }),
  PAYMENT_CHANNEL_CLOSE: Type.String({
    pattern: '^(([01]\\d|2[0-3]):[0-5]\\d|24:00)$',
    default: '24:00',
    description:
      'when the clearing day of a channel ends (Asia/Shanghai) that says no clearing date of its own',
  }),
  PAYMENT_CLEARING_PAGE_VISITS: Type.Integer({
    minimum: 1,
    maximum: 2000,
    default: 1000,
    description: 'visits of one page of a clearing, which is one transaction',
  }),
  PAYMENT_QUIET_HOURS: Type.String({
    pattern: '^(off|([01]\\d|2[0-3]):[0-5]\\d-([01]\\d|2[0-3]):[0-5]\\d)$',
    default: '21:00-08:00',
    description: 'hours (Asia/Shanghai) without debits, e.g. 21:00-08:00, or off',
  }),
  PAYMENT_RETRY_DELAY_MS: Type.Integer({
    minimum: 0,
    default: 3_600_000,
    description: 'wait after a declined attempt before the next one',
  }),
  PAYMENT_COLLECTIONS_IN_FLIGHT: Type.Integer({
    minimum: 1,
    maximum: 1000,
    default: 64,
    description:
      'orders that one process has under way at the acquirer at once, and as many refunds',
  }),
  PAYMENT_COLLECT_INTERVAL_MS: Type.Integer({
    minimum: 50,
    default: 500,
    description: 'how often the collector looks for work',
  }),
  PAYMENT_RECONCILE_INTERVAL_MS: Type.Integer({
    minimum: 60_000,
    maximum: 86_400_000,
    default: 3_600_000,
    description: 'between two comparisons of a day that differs from the statement',
  }),
});
