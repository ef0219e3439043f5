import { begunErasureTable } from '@caretab/bus';
import { notificationErasures } from '@caretab/contracts';
import { givenSecret, type ServiceDefinition } from '@caretab/host';
import { notificationModule, type NotificationPorts, notificationPorts } from './app.module';
import { NotificationConfig } from './config';
import { deathTable, guardianTable, institutionTable } from './institution/institution.table';
import { Notification1750000000000 } from './migrations/notification-1';
import { Notification1750000001000 } from './migrations/notification-2';
import { Notification1750000002000 } from './migrations/notification-3';
import { Notification1750000003000 } from './migrations/notification-4';
import { Notification1750000004000 } from './migrations/notification-5';
import { Notification1750000005000 } from './migrations/notification-6';
import { Notification1750000006000 } from './migrations/notification-7';
import { Notification1750000008000 } from './migrations/notification-9';
import { Notification1750000010000 } from './migrations/notification-11';
import { Notification1750000011000 } from './migrations/notification-12';
import { Notification1750000014000 } from './migrations/notification-14';
import { Notification1750000019000 } from './migrations/notification-19';
import { agreementCodeTable } from './notice/agreement-codes';
import { noticeTable } from './notice/notice.table';
import { visitCodeTable } from './notice/visit-codes';
import { webhookSecretTable } from './notice/webhook-secrets';
import { preferenceTable } from './preference/preference.table';

export type { NotificationPorts } from './app.module';

export const notification: ServiceDefinition<typeof NotificationConfig, NotificationPorts> = {
  name: 'notification',
  config: NotificationConfig,
  knownKeys: ({ NOTIFICATION_WEBHOOK_KEY }) => [
    givenSecret('NOTIFICATION_WEBHOOK_KEY', NOTIFICATION_WEBHOOK_KEY),
  ],
  tables: [
    noticeTable,
    preferenceTable,
    institutionTable,
    guardianTable,
    deathTable,
    webhookSecretTable,
    agreementCodeTable,
    visitCodeTable,
    begunErasureTable,
  ],
  migrations: [
    Notification1750000000000,
    Notification1750000001000,
    Notification1750000002000,
    Notification1750000003000,
    Notification1750000004000,
    Notification1750000005000,
    Notification1750000006000,
    Notification1750000008000,
    Notification1750000010000,
    Notification1750000011000,
    Notification1750000014000,
    Notification1750000019000,
  ],
  publishes: [notificationErasures],
  ports: notificationPorts,
  module: notificationModule,
};
