import { Fingerprints1000000000010 } from '../migrations/host-4';

export { fingerprintTable } from './fingerprint.table';
export { compareFingerprints, keepFingerprints } from './fingerprints';
export * from './known-keys';

/** The table of the chassis in every service's schema. */
export const fingerprintMigrations = [Fingerprints1000000000010] as const;
