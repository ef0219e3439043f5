export * from './eventstore-db';
export { proveRights } from './eventstore-proof';
