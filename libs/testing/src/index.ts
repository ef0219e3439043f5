export * from './test-database';
export * from './twins';
