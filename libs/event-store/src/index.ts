export type {
  AuditOptions,
  AuditReport,
  AuditTrail,
  ChainedEvent,
  ChainFault,
  LogAuditReport,
} from './audit';
export * from './errors';
export * from './event-store';
export { EventStoreDb, type EventStoreDbOptions } from './eventstore-db';
export { MemoryEventStore, type MemoryEventStoreOptions } from './memory-event-store';
export { PgEventStore, type PgEventStoreOptions } from './pg-event-store';
export { migrateEventStore, type MigrateOptions } from './pg-schema';
export {
  digestOf,
  ImportRefused,
  LogDigest,
  type Transferable,
  type TransferredEvent,
} from './transfer';
