import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assert } from '@caretab/kernel';

export type VisitClass = 'outpatient' | 'emergency' | 'inpatient';

export interface HoldPolicy {
  /** Whether a payment that finally failed freezes the account until it is made good. */
  readonly freezeOnPaymentMissed: boolean;
  readonly classes: Readonly<Record<VisitClass, { readonly firstHoldFen: number; readonly expiresAfterHours: number }>>;
}

const HOUR_MS = 60 * 60 * 1000;

const shipped = (): HoldPolicy => {
  const policy = JSON.parse(readFileSync(join(__dirname, '../../data/hold-policy.json'), 'utf8')) as HoldPolicy;
  for (const { firstHoldFen, expiresAfterHours } of Object.values(policy.classes)) assert(Number.isSafeInteger(firstHoldFen) && firstHoldFen > 0 && expiresAfterHours > 0, 'a first hold and its life are positive');
  return policy;
};

/** The policy that ships with the service. */
export const holdPolicy = shipped();

/** When a hold of this class expires that showed a sign of life at `now`. */
export const expiryOf = (policy: HoldPolicy, visitClass: VisitClass, now: Date): Date => new Date(now.getTime() + policy.classes[visitClass].expiresAfterHours * HOUR_MS);
