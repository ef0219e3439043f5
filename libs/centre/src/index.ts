export * from './centre-client';
export * from './envelope';
export * from './exact-json';
export { fenOf, yuanOf } from './fields';
export * from './functions';
export type * from './functions/function';
export * from './identities';
export * from './seal';
export * from './times';
