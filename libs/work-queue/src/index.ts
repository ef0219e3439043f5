export * from './due';
export * from './recorder';
export * from './retry';
export * from './work-queue';
