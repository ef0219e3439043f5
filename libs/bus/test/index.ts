export * from './bus.suite';
export * from './relay-crash.suite';
export * from './relay-that-dies';
export * from './tracing.suite';
export * from './named-bus';
