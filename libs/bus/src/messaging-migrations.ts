import { MessagingTables1000000000000 } from './migrations/bus-1';
import { MessagingTables1000000000001 } from './migrations/bus-2';
import { MessagingTables1000000000003 } from './migrations/bus-3';
import { MessagingTables1000000000004 } from './migrations/bus-4';

/**
 * The tables of every service with consumers, in its own schema; they come before the service's
 * own.
 */
export const messagingMigrations = [
  MessagingTables1000000000000,
  MessagingTables1000000000001,
  MessagingTables1000000000003,
  MessagingTables1000000000004,
] as const;
