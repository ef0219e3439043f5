export type { AuditOptions, AuditReport, AuditTrail, ChainFault, LogAuditReport } from './audit';
export * from './errors';
export * from './event-store';
export { MemoryEventStore, type MemoryEventStoreOptions } from './memory-event-store';
export { PgEventStore, type PgEventStoreOptions } from './pg-event-store';
export { migrateEventStore, type MigrateOptions } from './pg-schema';
