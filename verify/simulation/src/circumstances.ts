import { type Random, seededRandom } from '@caretab/doubles';
import type { Trouble, Weather } from './faults';

/**
 * What an operator, an authority or a citizen does that is no part of a visit; `citizen` is an
 * index.
 */
export type Deed = { readonly atMs: number } &
  /** Drops the ledger's views and folds them again. */
  (
    | { readonly kind: 'rebuild' }
    /** Compares the ledger's views with the fold of their facts. */
    | { readonly kind: 'check' }
    /** Lays the books beside the acquirer's. */
    | { readonly kind: 'reconcile' }
    /** Handles once more what was parked. */
    | { readonly kind: 'replay' }
    | { readonly kind: 'freeze'; readonly citizen: number; readonly forMs: number }
    /** The credit authority thinks otherwise. */
    | { readonly kind: 'score'; readonly citizen: number; readonly score: number }
    /** A citizen wants no more credit. */
    | { readonly kind: 'leave'; readonly citizen: number }
    /** A child gets another guardian. */
    | {
        readonly kind: 'guardian';
        readonly citizen: number;
        readonly guardian: number;
        readonly replaces: number;
      }
    /** A citizen's personal data is destroyed. */
    | { readonly kind: 'forget'; readonly citizen: number }
  );

export interface TroublePlan {
  readonly kind: Trouble;
  /** The service whose database, disk or clock it is. */
  readonly service: string;
  readonly atMs: number;
  readonly forMs: number;
}

const STORES = [
  'credit',
  'payment',
  'visit-ledger',
  'adjudication',
  'notification',
  'gateway',
  'identity',
] as const;
const BEGINS_TIMEOUT_MS = 14_000;

const chance = (random: Random, share: number): boolean => random.next() < share;

/**
 * Each seed has weather of its own: some kinds of trouble are off, so that the others show
 * undisturbed.
 */
export const weatherOf = (random: Random): Omit<Weather, 'databaseCrashed'> => {
  const share = (most: number, on = 0.7): number => (chance(random, on) ? random.next() * most : 0);
  return {
    crash: share(0.004),
    broken: share(0.03),
    answerLost: share(0.03),
    sessionLost: share(0.08),
    stalled: share(0.01),
    paused: share(0.004, 0.6),
    severed: share(0.006, 0.5),
    lostRace: share(0.02, 0.5),
    duplicated: share(0.08, 0.5),
    askedTwice: share(0.08, 0.5),
    askedLate: share(0.06, 0.5),
    bankLies: share(0.6),
  };
};

export const troublesOf = (random: Random): TroublePlan[] => {
  const begins = (kind: Trouble, share: number, forMsMax: number): TroublePlan[] =>
    chance(random, share)
      ? [
          {
            kind,
            service: random.pick(STORES),
            atMs: random.integer(300, BEGINS_TIMEOUT_MS),
            forMs: random.integer(500, forMsMax),
          },
        ]
      : [];
  return [
    ...begins('databaseDown', 0.15, 10_000),
    ...begins('diskFull', 0.15, 10_000),
    ...begins('tablesMissing', 0.15, 10_000),
    ...begins('eventsDown', 0.12, 8_000),
    ...begins('busDown', 0.12, 10_000),
    ...begins('acquirerDown', 0.12, 15_000),
    ...begins('clockBack', 0.2, 20_000),
    ...begins('clockBackForAll', 0.1, 20_000),
    ...begins('leap', 0.12, 500),
    ...begins('acquirerAwayForHours', 0.1, 20_000),
    ...begins('acquirerRejectsKey', 0.1, 20_000),
  ];
};

/** Drawn apart, so that what else happens in a seed stays as it was. */
export const databaseCrashedOf = (seed: number): number => {
  const random = seededRandom(seed * 17 + 5);
  return chance(random, 0.5) ? random.next() * 0.05 : 0;
};

/** Drawn apart too. */
export const powerLossesOf = (seed: number): TroublePlan[] => {
  const random = seededRandom(seed * 19 + 11);
  if (!chance(random, 0.15)) return [];
  const atMs = random.integer(300, BEGINS_TIMEOUT_MS);
  return [{ kind: 'powerLost', service: 'every service', atMs, forMs: 0 }];
};

/** `child` is the index of the citizen who is one; all before are adults. */
export const deedsOf = (
  random: Random,
  { adults, child }: { readonly adults: number; readonly child: number | undefined },
): Deed[] => {
  const adult = (): number => random.integer(0, adults - 1);
  const perhaps = (share: number, deed: () => Deed): Deed[] =>
    chance(random, share) ? [deed()] : [];
  const soon = (): number => random.integer(300, BEGINS_TIMEOUT_MS);
  const deeds = [
    ...perhaps(0.25, () => ({ kind: 'rebuild', atMs: soon() })),
    ...perhaps(0.2, () => ({ kind: 'check', atMs: soon() })),
    ...perhaps(0.2, () => ({ kind: 'reconcile', atMs: soon() })),
    ...perhaps(0.3, () => ({ kind: 'replay', atMs: soon() })),
    ...perhaps(0.3, () => ({ kind: 'replay', atMs: soon() + 8_000 })),
    ...perhaps(0.12, () => ({
      kind: 'freeze',
      atMs: soon(),
      citizen: adult(),
      forMs: random.integer(300, 12_000),
    })),
    ...perhaps(0.12, () => ({
      kind: 'score',
      atMs: soon(),
      citizen: adult(),
      score: random.pick([400, 560, 800]),
    })),
    ...perhaps(0.15, () => ({ kind: 'leave', atMs: soon(), citizen: adult() })),
    ...perhaps(0.15, () => ({ kind: 'forget', atMs: soon(), citizen: adult() })),
  ] satisfies Deed[];
  if (child === undefined || adults < 2) return deeds;
  return [
    ...deeds,
    ...perhaps(0.6, () => ({
      kind: 'guardian',
      atMs: soon(),
      citizen: child,
      guardian: 1,
      replaces: 0,
    })),
  ];
};
