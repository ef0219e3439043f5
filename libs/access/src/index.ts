export * from './authenticator';
export { parsePolicies } from './cedar';
export * from './decide';
export * from './matrix';
export * from './resource';
export * from './subject';
