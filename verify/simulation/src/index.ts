export * from './plan';
export * from './hospital-messages';
export * from './tab-record';
export * from './violation';
export * from './invariant-watch';
