import { type Random, seededRandom } from '@caretab/doubles';
import type { CitizenPlan } from './citizen-plan';
import type { Deed } from './circumstances';
import type { VisitPlan } from './visit-plan';
import { chance, VisitScript } from './visit-script';

/** A bank lends what visits of some classes leave due. */
export interface LendingPlan {
  readonly seed: number;
  readonly classes: readonly ('outpatient' | 'emergency' | 'inpatient')[];
  /** Who agrees to it, by index; at once, or in the storm. */
  readonly agrees: readonly { readonly citizen: number; readonly atMs: number | undefined }[];
  /** How often the bank does not simply do what it is asked. */
  readonly mood: number;
  /** A share of what is asked for is granted as a line. */
  readonly lineShare: number;
}

export const LENDER_ID = 'city-bank';

/** Drawn apart, and so that no seed of a planted bug has one: what else happens stays as it was. */
const SALT = 1_604;
const SHARE = 0.35;
const BEGINS_TIMEOUT_MS = 6_000;
/** Of what else is done, these do not decide on a line. */
const DEEDS: ReadonlySet<string> = new Set(['rebuild', 'check', 'reconcile', 'replay']);

export const hasLending = (seed: number): boolean =>
  chance(seededRandom(seed * 1_000 + SALT), SHARE);

const classesOf = (random: Random): LendingPlan['classes'] =>
  random.pick([
    ['outpatient', 'emergency', 'inpatient'],
    ['outpatient', 'emergency', 'inpatient'],
    ['outpatient'],
    ['inpatient', 'emergency'],
  ] as const);

/** As much of a plan as a bank changes. */
interface Planned {
  readonly citizens: readonly CitizenPlan[];
  readonly day: string;
  readonly institutions: readonly unknown[];
  readonly visits: readonly VisitPlan[];
  readonly deeds: readonly Deed[];
  readonly forgets: number | undefined;
}

/** Visits of who agreed: after the end something of each is taken back, once or twice. */
const lentVisits = (
  { visits, institutions, day }: Planned,
  { agrees, classes }: LendingPlan,
  random: Random,
): VisitPlan[] =>
  Array.from({ length: random.integer(2, 3) }, (_, place) => {
    const script = new VisitScript(random, visits.length + place, false, day);
    script.say({ kind: 'start' });
    script.say({ kind: 'charges', charges: [script.charge(), script.charge()] });
    script.say({ kind: 'charges', charges: [script.charge()] });
    script.say({ kind: 'end' });
    script.takeBack(random.integer(2_000, 20_000));
    if (chance(random, 0.5)) script.takeBack(random.integer(2_000, 20_000));
    const { index, visitNumber, startedAt, actions } = script;
    return {
      ...{ index, visitNumber, startedAt, actions },
      citizen: random.pick(agrees).citizen,
      institution: random.integer(0, institutions.length - 1),
      visitClass: random.pick(classes),
      startsAtMs: random.integer(0, 14_000),
    };
  });

/** Some agree to a bank's line, and some do not. */
export const withLending = <Plan extends Planned>(plan: Plan, seed: number): Plan => {
  const random = seededRandom(seed * 1_000 + 801);
  const adults = plan.citizens.flatMap(({ guardian }, index) =>
    guardian === undefined ? [index] : [],
  );
  const agrees = adults
    .filter((index) => index === 0 || chance(random, 0.7))
    .map((citizen) => ({
      citizen,
      atMs: chance(random, 0.25) ? random.integer(300, BEGINS_TIMEOUT_MS) : undefined,
    }));
  const lending: LendingPlan = {
    ...{ seed, agrees, classes: classesOf(random) },
    mood: random.pick([0.2, 0.5, 0.7]),
    lineShare: random.pick([1, 1, 0.4]),
  };
  return {
    ...{ ...plan, lending, forgets: undefined },
    visits: [...plan.visits, ...lentVisits(plan, lending, random)],
    citizens: plan.citizens.map((citizen) => ({ ...citizen, isEnrolled: true })),
    deeds: plan.deeds.filter(({ kind }) => DEEDS.has(kind)),
  };
};
