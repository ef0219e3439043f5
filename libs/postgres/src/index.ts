export * from './store';
export * from './tables';
export * from './query-failed';
export { outageOf } from './outage';
export * from './memory-store';
export * from './memory-database';
export * from './concurrent-memory-store';
export * from './typeorm-store';
export * from './embedded';
