import { adjudication } from '@caretab/adjudication';
import { signerOf } from '@caretab/anchors';
import { credit } from '@caretab/credit';
import { TWIN_KEYS_TEXT } from '@caretab/event-store';
import { gateway } from '@caretab/gateway';
import { ChassisConfig, type ServiceDefinition } from '@caretab/host';
import { identity } from '@caretab/identity';
import { notification } from '@caretab/notification';
import { payment } from '@caretab/payment';
import { visitLedger } from '@caretab/visit-ledger';

const HEX = 'ab'.repeat(32);
const VALUES: Readonly<Record<string, string>> = {
  VISIT_LEDGER_EVENT_KEYS: TWIN_KEYS_TEXT,
  VISIT_LEDGER_ANCHOR_FORMER_KEYS: '',
  VISIT_LEDGER_ANCHOR_KEY: signerOf('caretab/visit-ledger', Buffer.alloc(32, 1)).text,
};
const services: readonly ServiceDefinition<any>[] = [
  identity,
  credit,
  visitLedger,
  adjudication,
  payment,
  notification,
  gateway,
];
/** Nothing that is stored depends on them, and why. */
const FREE: Readonly<Record<string, string>> = {
  PAYMENT_ACQUIRER_SECRET: 'the acquirer knows it',
  IDENTITY_PUBLIC_DATA_SECRET: 'the public-data platform knows it',
  IDENTITY_SHARED_DATA_SECRET: 'the bureau knows it',
  IDENTITY_CENTRE_SECRET: 'the centre of medical security knows it',
  PAYMENT_BANK_SECRET: 'the bank of the settlement account knows it',
  CREDIT_LENDER_SECRET: 'the bank that lends knows it',
  CREDIT_SCORE_SECRET: 'the credit platform knows it',
  NOTIFICATION_SMS_TOKEN: 'the provider knows it',
  NOTIFICATION_APP_TOKEN: 'the provider knows it',
  VISIT_LEDGER_ANCHOR_FORMER_KEYS: 'goes with VISIT_LEDGER_ANCHOR_KEY',
  IDENTITY_CHOSEN_KEYS: 'on or off',
};
const CHASSIS = [
  'ACCESS_ANCHOR_FORMER_KEYS',
  'ACCESS_ANCHOR_KEY',
  'BUS_SIGNING_KEYS',
  'OPERATOR_KEY',
];
const isSecret = (name: string): boolean => /(_KEYS?|_SECRET|_TOKEN)$/.test(name);

test.each(services)(
  '$name has its database know every key by which its rows are written',
  (one) => {
    const names = Object.keys(one.config.properties).filter(isSecret);
    const config = Object.fromEntries(names.map((name) => [name, VALUES[name] ?? HEX]));
    const known = (one.knownKeys?.(config) ?? []).map(({ name }) => name);
    expect(known).toEqual(expect.arrayContaining(names.filter((name) => !(name in FREE))));
  },
);

test('the chassis has no other keys than those that it was written for', () => {
  expect(Object.keys(ChassisConfig.properties).filter(isSecret).sort()).toEqual(CHASSIS);
});
