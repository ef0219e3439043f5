export * from './authenticator';
export * from './subject';
