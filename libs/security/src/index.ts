export * from './digests';
export * from './id-number';
export * from './key-file';
export * from './keys';
export * from './personal';
export * from './seal';
export * from './sm2';
export type { SuiteName } from './suites';
