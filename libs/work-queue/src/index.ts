export * from './due';
export * from './retry';
export * from './work-queue';
