import type { LateChargePolicy } from '@caretab/contracts';
import { type Random, seededRandom } from '@caretab/doubles';
import { chance } from './visit-script';

/** Charges that hospitals send when all is settled, and what citizens answer to late charges. */
export interface LatePlan {
  readonly seed: number;
  readonly charges: readonly LateChargePlan[];
}

export interface LateChargePlan {
  /** Index of the visit. */
  readonly visit: number;
  readonly afterMs: number;
  readonly quantity: string;
}

/** `too-late`: when the code has expired and the charge waits no longer. */
export type LateAnswer = 'agrees' | 'refuses' | 'never' | 'too-late';

const POLICIES = ['ask', 'ask', 'ask', 'hospital-bears', 'collect'] as const;
const ANSWERS = ['agrees', 'agrees', 'refuses', 'never', 'too-late'] as const;

/** Drawn apart, so that what else happens in a seed stays as it was. */
const randomOf = (seed: number, place: number): Random => seededRandom(seed * 1_000 + place);

const isLate = (seed: number): boolean => chance(randomOf(seed, 401), 0.16);

/** What an institution's profile says of late charges, in the seeds that have some. */
export const latePolicyOf = (
  seed: number,
  institution: number,
): { readonly lateCharge?: LateChargePolicy } =>
  isLate(seed) ? { lateCharge: randomOf(seed, 410 + institution).pick(POLICIES) } : {};

/** In one seed of six. */
export const lateOf = (seed: number, visits: number): LatePlan | undefined => {
  if (!isLate(seed)) return undefined;
  const random = randomOf(seed, 402);
  const charges = Array.from({ length: visits }, (_, visit) => visit).flatMap((visit) =>
    Array.from({ length: random.pick([0, 1, 1, 2]) }, () => ({
      ...{ visit, afterMs: random.integer(10, 4_000) },
      quantity: random.pick(['1', '2', '7', '45']),
    })),
  );
  return { seed, charges };
};

/** What a citizen answers to one charge, by its hospital's id of it. */
export const answerTo = ({ seed }: LatePlan, chargeId: string): LateAnswer => {
  const place = [...chargeId].reduce((sum, letter) => sum * 31 + letter.codePointAt(0)!, 0);
  return randomOf(seed, 420 + (place % 500_009)).pick(ANSWERS);
};

/** One answer of a citizen to a late charge, and what was said to it. */
export interface LateWord {
  readonly visitId: string;
  readonly chargeId: string;
  readonly isAgreed: boolean;
  /** When it was answered, in ms. */
  readonly atMs: number;
  /** Whether the platform took it. */
  readonly isTaken: boolean;
}
