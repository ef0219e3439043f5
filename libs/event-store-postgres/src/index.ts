export { APP_ROLE, ledgerRights } from './ledger-rights';
export * from './pg-event-store';
export * from './pg-schema';
