import type { LateChargePolicy } from '@caretab/contracts';
import { seededRandom } from '@caretab/doubles';
import {
  databaseCrashedOf,
  type Deed,
  deedsOf,
  powerLossesOf,
  type TroublePlan,
  troublesOf,
  weatherOf,
} from './circumstances';
import type { Weather } from './faults';
import { type HandsPlan, handsOf } from './hands-plan';
import { type Untrue, untrueOf } from './forgery-plan';
import { type IntrusionPlan, intrusionOf } from './intrusion-plan';
import { presenceOf, type PresencePlan } from './presence-plan';
import { lateOf, latePolicyOf, type LatePlan } from './late-plan';
import { hasLending, type LendingPlan, withLending } from './lending-plan';
import { hasMerge, type MergePlan, withMerge } from './merge-plan';
import { withNumbers } from './numbers';
import { withStrangers } from './strangers';
import { bornOn, type CitizenPlan, citizenOf } from './citizen-plan';
import { withUndoneEnds } from './undone-ends';
import { bornFor, type StandingPlan, standingOf, visitsOfStanding } from './standing-plan';
import { type VisitPlan, visitOf } from './visit-plan';
import { chance } from './visit-script';
import { withWrongSums } from './wrong-sums';

/**
 * Everything that people and hospitals will do in one simulated morning; a pure function of the
 * seed.
 */
export interface Plan extends Untrue {
  /** On which visits begin, Asia/Shanghai. */
  readonly day: string;
  readonly citizens: readonly CitizenPlan[];
  readonly institutions: readonly InstitutionPlan[];
  readonly visits: readonly VisitPlan[];
  readonly weather: Weather;
  readonly replicas: Readonly<Record<string, number>>;
  readonly skewMsMax: number;
  readonly batchSizeMax: number;
  /** What operators and authorities do while all this goes on. */
  readonly deeds: readonly Deed[];
  /** What is away, full or wrong for a while. */
  readonly troubles: readonly TroublePlan[];
  /** A hospital whose webhook receiver goes away in the storm and stays so for hours. */
  readonly receiverAway:
    { readonly institutionId: string; readonly atMs: number; readonly hours: number } | undefined;
  /** A citizen whose personal data is destroyed at the end. */
  readonly forgets: number | undefined;
  /** Whose database is restored from a copy after the storm. */
  readonly restores: RestoredService | undefined;
  readonly intrusion: IntrusionPlan | undefined;
  readonly hands: HandsPlan | undefined;
  readonly late: LatePlan | undefined;
  readonly presence: PresencePlan | undefined;
  /** What becomes of people meanwhile. */
  readonly standing: StandingPlan | undefined;
  /** A bank lends. */
  readonly lending?: LendingPlan;
  /** Two registrations of one human being, who are merged. */
  readonly merge?: MergePlan;
}

export type { VisitPlan };

export type RestoredService = 'payment' | 'credit';

export interface InstitutionPlan {
  readonly institutionId: string;
  readonly level: 'level-3' | 'level-2' | 'community';
  /** Its own producer on the bus, or the gateway. */
  readonly door: 'http' | 'bus';
  readonly interface: EndPlan;
}

/** What an institution's profile says of ends, and of charges that come after the settlement. */
export interface EndPlan {
  readonly graceMs?: number;
  readonly outpatientEnd?: 'midnight';
  readonly emergencyEnd?: 'observation';
  readonly lateCharge?: LateChargePolicy;
}

/** Longer than a storm, and than an hour's clock error is short. */
export const GRACE_MS = 20 * 60_000;

/** Drawn apart, so that what else happens in a seed stays as it was. */
const endsOf = (seed: number, institution: number): EndPlan => {
  const random = seededRandom(seed * 10 + institution);
  return {
    ...(chance(random, 0.3) && { graceMs: GRACE_MS }),
    ...(chance(random, 0.3) && { outpatientEnd: 'midnight' }),
    ...(chance(random, 0.5) && { emergencyEnd: 'observation' }),
    ...latePolicyOf(seed, institution),
  };
};

/** Days of care, Asia/Shanghai; what begins on the second may be settled in the next year. */
const ORDINARY_DAY = '2026-03-02';
export const LAST_DAY_OF_THE_YEAR = '2026-12-31';

/** The day on which a seed's visits begin. */
export const dayOf = (seed: number): string =>
  seed % 8 === 3 ? LAST_DAY_OF_THE_YEAR : ORDINARY_DAY;

/** Whose database a seed restores, if any; drawn apart, so that other seeds stay as they were. */
const restoredOf = (seed: number): RestoredService =>
  chance(seededRandom(seed * 31 + 7), 0.4) ? 'credit' : 'payment';

/** Without what becomes of people meanwhile. */
const withoutStanding = (seed: number): Plan => {
  const day = dayOf(seed);
  const random = seededRandom(seed);
  // All at once, and few people: visits that share a line.
  const isRush = chance(random, 0.35);
  const adults = isRush ? 1 : random.integer(1, 3);
  const citizens = Array.from({ length: adults }, (_, index) =>
    citizenOf(random, index, undefined),
  );
  const child = chance(random, 0.4) ? citizens.push(citizenOf(random, adults, 0)) - 1 : undefined;
  const institutions: InstitutionPlan[] = [
    { institutionId: 'H1', level: 'level-3', door: 'http', interface: endsOf(seed, 1) },
    {
      institutionId: 'H2',
      level: random.pick(['level-2', 'community'] as const),
      door: 'bus',
      interface: endsOf(seed, 2),
    },
  ];
  const visits = Array.from({ length: random.integer(2, 5) }, (_, index) =>
    visitOf(random, index, {
      citizens: citizens.length,
      institutions: institutions.length,
      isRush,
      day,
    }),
  ).map((visit) => withStrangers(visit, { seed, citizens: citizens.length }));
  return {
    day,
    citizens,
    institutions,
    visits: withNumbers(visits, { seed, institutions })
      .map((visit) => withUndoneEnds(visit, { seed, institutions }))
      .map((visit) => withWrongSums(visit, { seed, institutions })),
    weather: { ...weatherOf(random), databaseCrashed: databaseCrashedOf(seed) },
    replicas: {
      'visit-ledger': chance(random, 0.4) ? 2 : 1,
      credit: chance(random, 0.25) ? 2 : 1,
      payment: chance(random, 0.4) ? 2 : 1,
      notification: chance(random, 0.2) ? 2 : 1,
      adjudication: chance(random, 0.15) ? 2 : 1,
      // Drawn apart, so that what else happens in a seed stays as it was.
      gateway: chance(seededRandom(seed * 17 + 5), 0.25) ? 2 : 1,
    },
    skewMsMax: chance(random, 0.3) ? 5_000 : 0,
    batchSizeMax: random.pick([1, 3, 50]),
    deeds: deedsOf(random, { adults, child }),
    troubles: [...troublesOf(random), ...powerLossesOf(seed)],
    forgets: chance(random, 0.3) ? random.integer(0, citizens.length - 1) : undefined,
    receiverAway: chance(random, 0.12)
      ? {
          institutionId: random.pick(institutions).institutionId,
          atMs: random.integer(0, 8_000),
          hours: random.integer(1, 5),
        }
      : undefined,
    // Drawn last, so that what else happens in a seed stays as it was.
    restores: chance(random, 1 / 12) ? restoredOf(seed) : undefined,
    ...untrueOf(seed),
    ...{ hands: handsOf(seed, visits.length), late: lateOf(seed, visits.length) },
    ...{ intrusion: intrusionOf(seed, visits.length), presence: presenceOf(seed) },
    standing: undefined,
  };
};

/** Charges of long after, and databases that were put back, go their own way. */
const standingIn = (seed: number, plan: Plan): StandingPlan | undefined => {
  const { citizens, deeds, late, restores } = plan;
  if (late || restores) return undefined;
  const index = citizens.findIndex(({ guardian }) => guardian !== undefined);
  const child = index < 0 ? undefined : index;
  const standing = standingOf(seed, { adults: child ?? citizens.length, child });
  const isChanged = deeds.some(({ kind }) => kind === 'guardian');
  const isHandedOver = standing?.ward !== undefined && standing.ward.kind !== 'of-age';
  return isChanged && isHandedOver ? undefined : standing;
};

/** Nothing else decides whose a visit is. */
const isCalm = ({ late, presence, intrusion, forgeries, lies }: Plan): boolean =>
  !late && !presence && !intrusion && forgeries.length + lies.length === 0;

const withLines = (plan: Plan, seed: number): Plan => {
  if (hasMerge(seed)) return withMerge(plan, seed);
  return hasLending(seed) && !plan.restores ? withLending(plan, seed) : plan;
};

export const planOf = (seed: number): Plan => {
  const plan = withoutStanding(seed);
  const standing = standingIn(seed, plan);
  if (!standing) return isCalm(plan) ? withLines(plan, seed) : plan;
  const { citizens, visits, institutions, day } = plan;
  const added = { count: visits.length, institutions: institutions.length, day };
  return {
    ...{ ...plan, standing },
    citizens: bornFor(citizens, standing, day, bornOn),
    visits: [...visits, ...visitsOfStanding(standing, added)],
  };
};
