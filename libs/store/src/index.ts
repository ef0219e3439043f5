export * from './concurrent-memory-store';
export * from './memory-database';
export * from './memory-store';
export * from './outage';
export * from './query-failed';
export * from './store';
export * from './tables';
export * from './typeorm-store';
