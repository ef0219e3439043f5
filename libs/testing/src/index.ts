export * from './test-database';
export * from './twins';
export { type Wire, wireTo } from './wire';
export { specification } from './given';
export {
  type EventStoreServer,
  type EventStoreServerOptions,
  startEventStoreServer,
} from './event-store-server';
export {
  freshNamespace,
  type TestEventStore,
  testEventStore,
} from './event-store-server/for-tests';
export * from './from-source';
