export * from './event-store-server';
export * from './event-store-server/for-tests';
export * from './from-source';
export * from './given';
export * from './test-database';
export * from './twins';
export * from './wire';
