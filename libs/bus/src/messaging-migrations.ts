import { MessagingTables1 } from './migrations/messaging-tables-1';
import { MessagingTables2 } from './migrations/messaging-tables-2';
import { MessagingTables3 } from './migrations/messaging-tables-3';

/**
 * The tables of every service with consumers, in its own schema; they come before the service's
 * own.
 */
export const messagingMigrations = [MessagingTables1, MessagingTables2, MessagingTables3] as const;
