import { join } from 'node:path';
import { TWIN_KEYS_TEXT } from '@caretab/event-store';
import { adjudication } from '@caretab/adjudication';
import { credit } from '@caretab/credit';
import { gateway, type GatewayPorts } from '@caretab/gateway';
import { identity, type IdentityPorts } from '@caretab/identity';
import type { ServiceDefinition } from '@caretab/host';
import { notification, type NotificationPorts } from '@caretab/notification';
import { payment } from '@caretab/payment';
import type { Clock } from '@caretab/kernel';
import { MemoryDatabase } from '@caretab/store';
import { CHECKPOINTS_AT_FIRST, visitLedger, type VisitLedgerPorts } from '@caretab/visit-ledger';
import { LENDER_SECRET } from './lender-twin';
import { putBankPolicy } from './lending-twins';
import { planOf } from './plan';
import { policyOf } from './presence-plan';
import type { Scheduler } from './scheduler';

/** The services that are simulated, in the order of their start. */
export const services: readonly ServiceDefinition<any>[] = [
  identity,
  credit,
  adjudication,
  visitLedger,
  payment,
  notification,
  gateway,
];

/** A service's database as its migrations leave it. */
export const databaseOf = (
  service: ServiceDefinition<any>,
  clock: Scheduler,
  seed: number,
): MemoryDatabase => {
  const database = new MemoryDatabase(clock);
  const checkpoints = service.tables.find(({ name }) => name === 'checkpoint');
  if (checkpoints)
    for (const row of CHECKPOINTS_AT_FIRST) database.table<object>(checkpoints).put(row);
  const { lending } = planOf(seed);
  if (service.name === 'credit' && lending) putBankPolicy(database, service, lending);
  return database;
};

/** In one seed of six visits have snapshots, after few events; what else happens in others stays. */
const snapshotEventsOf = (seed: number): number => (seed % 6 === 0 ? 1 + ((seed / 6) % 3) : 0);

/** Guardianships and line policies, in the seeds that have some. */
const LOOKS_OFTEN = {
  IDENTITY_GUARDIANSHIP_INTERVAL_MS: '9000',
  CREDIT_POLICY_INTERVAL_MS: '9000',
};

/** One for all: every service reads its own variables of it. */
export const environmentOf = (seed: number): Readonly<Record<string, string>> => ({
  IDENTITY_MASTER_KEY: '11'.repeat(32),
  IDENTITY_CHOSEN_KEYS: 'on',
  GATEWAY_SEALING_KEY: Buffer.alloc(32, 7).toString('base64'),
  IDENTITY_URL: 'http://identity',
  CREDIT_URL: 'http://credit',
  VISIT_LEDGER_URL: 'http://visit-ledger',
  NOTIFICATION_URL: 'http://notification',
  PAYMENT_URL: 'http://payment',
  PAYMENT_ACQUIRER_URL: 'http://acquirer',
  PAYMENT_ACQUIRER_SECRET: 'simulated-acquirer-secret',
  VISIT_LEDGER_EVENT_KEYS: TWIN_KEYS_TEXT,
  VISIT_LEDGER_LATE_CHARGE: 'collect',
  VISIT_LEDGER_SNAPSHOT_EVENTS: String(snapshotEventsOf(seed)),
  VISIT_LEDGER_TIMER_INTERVAL_MS: '3000',
  VISIT_LEDGER_ANCHOR_INTERVAL_MS: '4000',
  VISIT_LEDGER_LEADER_TIMEOUT_MS: '6000',
  ...policyOf(seed),
  // Its bank is asked about orders alone.
  PAYMENT_CHANNELS_FILE: join(__dirname, '../data/channels.json'),
  ...(planOf(seed).standing && LOOKS_OFTEN),
  ...(planOf(seed).lending && {
    CREDIT_LENDER_URL: 'http://lender',
    CREDIT_LENDER_SECRET: LENDER_SECRET,
  }),
  PAYMENT_TOKEN_KEY: '22'.repeat(32),
  PAYMENT_RETRY_DELAY_MS: '5000',
  PAYMENT_COLLECT_INTERVAL_MS: '4000',
  PAYMENT_CLEARING_PAGE_VISITS: '1',
  AGREEMENT_INTERVAL_MS: '20000',
  AGREEMENT_SETTLE_MS: '60000',
  NOTIFICATION_SMTP_URL: 'smtp://mail',
  NOTIFICATION_SMS_URL: 'http://sms/send',
  NOTIFICATION_WEBHOOK_KEY: 'simulated-webhook-key',
  NOTIFICATION_DELIVER_INTERVAL_MS: '7000',
});

/** Twins of what one service alone uses: no socket is opened. */
export const portsOf = (
  service: string,
  {
    events,
    anchors,
    sendMail,
    later,
    keyClock,
    env,
  }: VisitLedgerPorts &
    Pick<GatewayPorts, 'later'> & {
      readonly sendMail: NotificationPorts['mail']['sendMail'];
      readonly keyClock: Clock;
      readonly env: Readonly<Record<string, string>>;
    },
): unknown => {
  const ports: Record<string, VisitLedgerPorts | NotificationPorts | GatewayPorts | IdentityPorts> =
    {
      'visit-ledger': { events, anchors },
      notification: { mail: { sendMail } },
      gateway: { listeners: [], later },
      identity: {
        ...{ later, keyClock, keepsIndex: false },
        endsGuardianships: env['IDENTITY_GUARDIANSHIP_INTERVAL_MS'] !== undefined,
      },
    };
  return ports[service];
};
