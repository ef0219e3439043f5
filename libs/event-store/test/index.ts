export * from './event-store.suite';
export * from './transfer.suite';
