import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataOf, Fen, type VisitClass } from '@caretab/contracts';
import { Type } from '@sinclair/typebox';

export interface HoldPolicy {
  /** Whether a payment that finally failed freezes the account until it is made good. */
  readonly freezeOnPaymentMissed: boolean;
  readonly classes: Readonly<
    Record<VisitClass, { readonly firstHoldFen: number; readonly expiresAfterHours: number }>
  >;
}

const HOUR_MS = 60 * 60 * 1000;

const Terms = Type.Object({
  firstHoldFen: Type.Integer({ minimum: 1, maximum: Fen.maximum! }),
  expiresAfterHours: Type.Number({ exclusiveMinimum: 0, maximum: 100_000 }),
});
const PolicyFile = Type.Object({
  freezeOnPaymentMissed: Type.Boolean(),
  classes: Type.Object({ outpatient: Terms, emergency: Terms, inpatient: Terms }),
});

const shipped = (): HoldPolicy => {
  return dataOf(
    'services/credit/data/hold-policy.json',
    readFileSync(join(__dirname, '../../data/hold-policy.json'), 'utf8'),
    PolicyFile,
  );
};

/** The policy that ships with the service. */
export const holdPolicy = shipped();

/** When a hold of this class expires that showed a sign of life at `now`. */
export const expiryOf = (policy: HoldPolicy, visitClass: VisitClass, now: Date): Date =>
  new Date(now.getTime() + policy.classes[visitClass].expiresAfterHours * HOUR_MS);
