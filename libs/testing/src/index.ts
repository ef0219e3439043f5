export * from './test-database';
export * from './twins';
export { specification } from './given';
export { type EventStoreServer, type EventStoreServerOptions, startEventStoreServer } from './event-store-server';
export { freshNamespace, type TestEventStore, testEventStore } from './event-store-server/for-tests';
export * from './from-source';
