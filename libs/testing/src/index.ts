export * from './test-database';
export * from './twins';
export { specification } from './given';
