import { join } from 'node:path';
import { type Random, seededRandom } from '@caretab/doubles';
import { chance } from './visit-script';

/** Drawn apart, so that what else happens in a seed stays as it was. */
const randomOf = (seed: number, place: number): Random => seededRandom(seed * 1_000 + place);

/** Who pays confirms visits that were opened by a typed number. */
export interface PresencePlan {
  readonly seed: number;
}

/** In one seed of twelve. */
export const presenceOf = (seed: number): PresencePlan | undefined =>
  chance(randomOf(seed, 546), 1 / 12) ? { seed } : undefined;

/** Whether they say no at first. */
export const deniesFirst = ({ seed }: PresencePlan, visit: number): boolean =>
  chance(randomOf(seed, 510 + visit), 0.3);

/** Of other seeds the policy is ours, but for the confirmation. */
export const policyOf = (seed: number): Readonly<Record<string, string>> =>
  presenceOf(seed)
    ? {}
    : { PAYMENT_POLICY_FILE: join(__dirname, '../data/collection-policy.json') };
