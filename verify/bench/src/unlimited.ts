import { join } from 'node:path';

/** A policy of collection without rules of risk, and without limits of accounts that a run reaches. */
export const UNLIMITED = join(__dirname, '../data/collection-policy.json');
