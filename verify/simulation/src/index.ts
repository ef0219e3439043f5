export * from './citizen-plan';
export * from './plan';
export * from './tab-record';
export * from './violation';
export * from './invariant-watch';
export * from './visit-script';
