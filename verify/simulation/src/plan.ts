import type { LateChargePolicy, VisitClass } from '@caretab/contracts';
import { type Random, seededRandom } from '@caretab/doubles';
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
import { aheadOf, sayCorrectedEnd, sayEndBeforeCharges, sayMistakes } from './mistakes';
import { withNumbers } from './numbers';
import { withStrangers } from './strangers';
import { type CitizenPlan, citizenOf } from './citizen-plan';
import { withUndoneEnds } from './undone-ends';
import { chance, type PlannedAction, VisitScript } from './visit-script';
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
}

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

export interface VisitPlan {
  readonly index: number;
  readonly visitNumber: string;
  readonly institution: number;
  readonly citizen: number;
  readonly visitClass: VisitClass;
  readonly startsAtMs: number;
  readonly startedAt: string;
  readonly actions: readonly PlannedAction[];
}

/** Longer than a storm, and than an hour's clock error is short. */
export const GRACE_MS = 20 * 60_000;

const sayCourse = (script: VisitScript): void => {
  const { random, charged } = script;
  // Before the opening.
  if (chance(random, 0.15)) script.say({ kind: 'charges', charges: [script.charge()] });
  script.say({ kind: 'start' });
  const batches = random.integer(1, 4);
  for (let batch = 0; batch < batches; batch += 1) {
    const count = random.integer(1, 3);
    script.say({ kind: 'charges', charges: Array.from({ length: count }, () => script.charge()) });
    if (chance(random, 0.1))
      // Same id, other content.
      script.say({ kind: 'charges', charges: [{ ...random.pick(charged), department: 'OTHER' }] });
    if (chance(random, 0.15)) script.takeBack();
    if (chance(random, 0.1)) script.say({ kind: 'update', department: `D${batch}` });
  }
};

/** Drawn apart, so that what else happens in a seed stays as it was. */
const randomOf = ({ index, charged }: VisitScript): Random =>
  seededRandom(charged.reduce((sum, { amountFen }) => sum + amountFen, index + 1));

/** An outpatient is admitted, or an admission was none. */
const sayAnotherClass = (script: VisitScript): void => {
  const random = randomOf(script);
  if (chance(random, 0.2))
    script.say({
      kind: 'reclassify',
      visitClass: random.pick(['inpatient', 'inpatient', 'emergency', 'outpatient'] as const),
    });
};

/** An end in error: it is taken back, the visit goes on and ends later. */
const sayReopening = (script: VisitScript): void => {
  const random = randomOf(script);
  if (!chance(random, 0.15)) return;
  const ended = script.actions.findLast(({ kind }) => kind === 'end')!.at;
  script.say({ kind: 'reopen' }, random.integer(1, 40));
  if (chance(random, 0.5)) script.say({ kind: 'charges', charges: [script.charge()] });
  // It ends then, or as it was reported before.
  if (chance(random, 0.5)) script.say({ kind: 'end' });
  else script.say({ kind: 'end' }, undefined, ended);
};

/** What overtakes the opening: the end, and a return that comes before its charge. */
const sayEarly = (script: VisitScript): void => {
  const random = seededRandom(
    script.charged.reduce((sum, { amountFen }) => sum + amountFen, 7 * script.index + 3),
  );
  const end = script.actions.find(({ kind }) => kind === 'end');
  const [charge] = script.charged;
  const pauseMs = random.integer(1, 200);
  const early = { pauseMs, again: chance(random, 0.3) };
  if (charge && chance(random, 0.12)) {
    const { at } = script.actions.at(-1)!;
    const [returnId, key] = [`${script.visitNumber}.E`, `${script.visitNumber}-message-early-1`];
    script.actions.unshift({
      kind: 'return',
      returnId,
      charge,
      part: undefined,
      at,
      key,
      ...early,
    });
  }
  if (end && chance(random, 0.1))
    script.actions.unshift({ ...end, ...early, key: `${script.visitNumber}-message-early-2` });
};

/** A visit is cancelled, ended, or left open. */
const sayEnding = (script: VisitScript): void => {
  const { random } = script;
  const ending = random.next();
  if (ending < 0.08) return script.say({ kind: 'cancel' });
  if (ending >= 0.93) return;
  // Given before the end, and posted after it.
  const late = chance(random, 0.12) ? [script.charge()] : [];
  sayAnotherClass(script);
  sayMistakes(script);
  sayEndBeforeCharges(script);
  const ahead = aheadOf(script);
  if (ahead) script.say({ kind: 'end' }, undefined, ahead);
  else script.say({ kind: 'end' });
  sayReopening(script);
  sayCorrectedEnd(script);
  if (late.length > 0) script.say({ kind: 'charges', charges: late }, random.integer(10, 15_000));
  // Given after the end.
  if (chance(random, 0.1)) script.say({ kind: 'charges', charges: [script.charge()] });
  if (chance(random, 0.5)) script.takeBack(random.integer(10, 15_000));
  if (chance(random, 0.25)) script.takeBack(random.integer(10, 15_000));
  if (chance(random, 0.4))
    script.say({ kind: 'pay', token: `other-${script.index}:ok` }, random.integer(10, 90_000));
};

const visitOf = (
  random: Random,
  index: number,
  {
    citizens,
    institutions,
    isRush,
    day,
  }: {
    readonly citizens: number;
    readonly institutions: number;
    readonly isRush: boolean;
    readonly day: string;
  },
): VisitPlan => {
  const script = new VisitScript(random, index, isRush, day);
  sayCourse(script);
  sayEnding(script);
  sayEarly(script);
  return {
    index,
    visitNumber: script.visitNumber,
    institution: random.integer(0, institutions - 1),
    citizen: random.integer(0, citizens - 1),
    startsAtMs: random.integer(0, isRush ? 30 : 6_000),
    startedAt: script.startedAt,
    actions: script.actions,
    visitClass: random.pick(['outpatient', 'outpatient', 'emergency', 'inpatient'] as const),
  };
};

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

export const planOf = (seed: number): Plan => {
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
  };
};
