import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataOf, type VisitClass } from '@caretab/contracts';
import { Type } from '@sinclair/typebox';
import type { Hold } from './hold';

export interface HoldPolicy {
  readonly classes: Readonly<Record<VisitClass, HoldTerms>>;
}

interface HoldTerms {
  /** A hold's life after each sign of it. */
  readonly expiresAfterHours: number;
  /** What follows without one: the ledger settles the visit, or the hospital is asked. */
  readonly then: 'end' | 'ask';
  /** For `ask`: until it is asked again. The whole life where it is absent. */
  readonly askAgainAfterHours?: number | undefined;
}

const HOUR_MS = 60 * 60 * 1000;

const Terms = Type.Object({
  expiresAfterHours: Type.Number({ exclusiveMinimum: 0, maximum: 100_000 }),
  then: Type.Union([Type.Literal('end'), Type.Literal('ask')]),
  askAgainAfterHours: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 100_000 })),
});
const PolicyFile = Type.Object({
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

/** The hold with a life as long as a new one's of this class. */
export const alive = (policy: HoldPolicy, hold: Hold, visitClass: VisitClass, now: Date): Hold => ({
  ...hold,
  expiresAt: expiryOf(policy, visitClass, now),
  overdueSince: null,
});

/**
 * Whether a sign of life at `now` is worth a write: less than half of the hold's life is left, or
 * its visit is asked about.
 */
export const isAging = (
  policy: HoldPolicy,
  { visitClass, expiresAt, overdueSince }: Pick<Hold, 'visitClass' | 'expiresAt' | 'overdueSince'>,
  now: Date,
): boolean =>
  overdueSince !== null ||
  (expiresAt !== null &&
    expiresAt.getTime() - now.getTime() <
      (policy.classes[visitClass].expiresAfterHours * HOUR_MS) / 2);

/** When the hospital is asked again about a stay that gave no sign of life. */
export const askedAgainAt = (policy: HoldPolicy, visitClass: VisitClass, now: Date): Date => {
  const { expiresAfterHours, askAgainAfterHours = expiresAfterHours } = policy.classes[visitClass];
  return new Date(now.getTime() + askAgainAfterHours * HOUR_MS);
};
