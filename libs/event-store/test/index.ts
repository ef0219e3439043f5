export * from './event-store.suite';
export * from './signature.suite';
export * from './transfer.suite';
