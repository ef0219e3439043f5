import { settingsOf } from './platform';

const place = { host: '127.0.0.1', port: 8080, mllpPort: 2575 };
const world = {
  acquirerUrl: 'http://127.0.0.1:8081',
  smtpUrl: 'smtp://127.0.0.1:8083',
  smsUrl: 'http://127.0.0.1:8082/messages/sms',
  appUrl: 'http://127.0.0.1:8082/messages/app',
  publicDataUrl: 'http://127.0.0.1:8082/public-data',
  sharedDataUrl: 'http://127.0.0.1:8082/shared-data',
  centreUrl: 'http://127.0.0.1:8082/centre/calls',
  creditPlatformUrl: 'http://127.0.0.1:8082/credit-platform',
  bankUrl: 'http://127.0.0.1:8082/bank',
  issuersUrl: 'http://127.0.0.1:8082/issuers',
  settlementBankUrl: 'http://127.0.0.1:8082/settlement-bank',
};
const secrets = { IDENTITY_MASTER_KEY: 'made', PAYMENT_ACQUIRER_SECRET: 'made' };

test('what is not set is the sandbox’s', () => {
  expect(settingsOf(place, { world, secrets, set: {} })).toMatchObject({
    PAYMENT_ACQUIRER_URL: world.acquirerUrl,
    PAYMENT_BANK_URL: world.settlementBankUrl,
    NOTIFICATION_SMTP_URL: world.smtpUrl,
    NOTIFICATION_SMS_URL: world.smsUrl,
    NOTIFICATION_APP_URL: world.appUrl,
    IDENTITY_PUBLIC_DATA_URL: world.publicDataUrl,
    IDENTITY_SHARED_DATA_URL: world.sharedDataUrl,
    IDENTITY_CENTRE_URL: world.centreUrl,
    CREDIT_SCORE_URL: world.creditPlatformUrl,
    CREDIT_LENDER_URL: world.bankUrl,
    IDENTITY_URL: 'http://127.0.0.1:8080',
    IDENTITY_MASTER_KEY: 'made',
  });
});

test.each([
  'PAYMENT_ACQUIRER_URL',
  'PAYMENT_ACQUIRER_SECRET',
  'PAYMENT_BANK_URL',
  'NOTIFICATION_SMTP_URL',
  'NOTIFICATION_SMS_URL',
  'NOTIFICATION_APP_URL',
  'IDENTITY_PUBLIC_DATA_URL',
  'IDENTITY_SHARED_DATA_URL',
  'IDENTITY_CENTRE_URL',
  'CREDIT_SCORE_URL',
  'CREDIT_LENDER_URL',
  'IDENTITY_ISSUERS',
  'IDENTITY_URL',
  'VISIT_LEDGER_URL',
])('%s that is set wins', (name) => {
  expect(settingsOf(place, { world, secrets, set: { [name]: 'mine' } })[name]).toBe('mine');
});

test('where it listens is what the command line says', () => {
  expect(settingsOf(place, { world, secrets, set: { HTTP_PORT: '1' } })['HTTP_PORT']).toBe('8080');
});
