export * from './event-store.suite';
export * from './other-hands.suite';
export * from './signature.suite';
export * from './transfer.suite';
