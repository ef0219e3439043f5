export * from './plan';
export * from './sayings';
export * from './tab-book';
export * from './violation';
export * from './watch';
