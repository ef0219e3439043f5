export * from './codes';
export * from './digests';
export * from './key-file';
export * from './keys';
export * from './passwords';
export * from './personal';
export * from './seal';
export * from './sm2';
export type { SuiteName } from './suites';
