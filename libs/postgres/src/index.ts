export * from './store';
export * from './tables';
export * from './query-failed';
export * from './memory-store';
export * from './memory-database';
export * from './concurrent-memory-store';
export * from './typeorm-store';
export * from './embedded';
