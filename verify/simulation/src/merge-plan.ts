import { type Random, seededRandom } from '@caretab/doubles';
import { type CitizenPlan, doubleOf } from './citizen-plan';
import type { Deed } from './circumstances';
import { type VisitPlan, visitOf } from './visit-plan';
import { chance, VisitScript } from './visit-script';

/** Two registrations of one human being, by the index of their citizens. */
export interface MergePlan {
  readonly survivor: number;
  readonly merged: number;
  readonly atMs: number;
  /** When it is taken back: after so many ms, once the storm is over, or never. */
  readonly back: number | 'later' | 'never';
}

/** Drawn apart, and so that no seed of a planted bug has one: what else happens stays as it was. */
const SALT = 1_770;
const SHARE = 0.35;
const BEGINS_TIMEOUT_MS = 14_000;
/** Of what else is done, these do not decide on a line. */
const DEEDS: ReadonlySet<string> = new Set(['rebuild', 'check', 'reconcile', 'replay']);

export const hasMerge = (seed: number): boolean => chance(seededRandom(seed * 1_000 + SALT), SHARE);

const mergeOf = (random: Random, one: number, other: number): MergePlan => {
  const isSecond = chance(random, 0.7);
  return {
    survivor: isSecond ? one : other,
    merged: isSecond ? other : one,
    atMs: random.integer(300, BEGINS_TIMEOUT_MS),
    back: random.pick([random.integer(200, 9_000), 'later', 'later', 'never'] as const),
  };
};

/** As much of a plan as a merge changes. */
interface Planned {
  readonly day: string;
  readonly citizens: readonly CitizenPlan[];
  readonly institutions: readonly unknown[];
  readonly visits: readonly VisitPlan[];
  readonly deeds: readonly Deed[];
  readonly forgets: number | undefined;
}

interface Adding {
  readonly random: Random;
  readonly day: string;
  readonly institutions: number;
}

/** A visit of the storm, in the middle of which they may be merged, or two again. */
const inTheStorm = (
  index: number,
  citizen: number,
  { random, day, institutions }: Adding,
): VisitPlan => ({
  ...visitOf(random, index, { citizens: 1, institutions, isRush: false, day }),
  citizen,
  startsAtMs: random.integer(0, BEGINS_TIMEOUT_MS),
});

/** A stay that its hospital ends only when it is asked; or a visit of later on. */
const calm = (
  index: number,
  citizen: number,
  { random, day, institutions }: Adding,
  isLater?: VisitPlan['isLater'],
): VisitPlan => {
  const script = new VisitScript(random, index, false, day);
  script.say({ kind: 'start' });
  script.say({ kind: 'charges', charges: [script.charge(), script.charge()] });
  if (isLater) script.say({ kind: 'end' });
  const { visitNumber, startedAt, actions } = script;
  return {
    ...{ index, visitNumber, startedAt, actions, citizen },
    institution: random.integer(0, institutions - 1),
    visitClass: isLater ? 'outpatient' : 'inpatient',
    startsAtMs: random.integer(0, 4_000),
    ...(isLater && { isLater }),
  };
};

/**
 * One of the citizens registered twice. Both have the service and visits of their own: in the storm,
 * while they are one, and once all is over. Messages that name a person by HL7 are of others.
 */
export const withMerge = <Plan extends Planned>(plan: Plan, seed: number): Plan => {
  const random = seededRandom(seed * 1_000 + 701);
  const adults = plan.citizens.filter(({ guardian }) => guardian === undefined).length;
  const one = random.integer(0, adults - 1);
  const other = plan.citizens.length;
  const merge = mergeOf(random, one, other);
  const enrolled = (citizen: CitizenPlan): CitizenPlan => ({ ...citizen, isEnrolled: true });
  const first = enrolled(plan.citizens[one]!);
  const citizens = [...plan.citizens, doubleOf(random, first, other)];
  const isNamed = ({ citizen, actions }: VisitPlan): boolean =>
    citizen === one && actions.some(({ person }) => person !== undefined);
  const { day, institutions } = plan;
  const visits = plan.visits.filter((visit) => !isNamed(visit));
  const adding = { random, day, institutions: institutions.length };
  let index = plan.visits.length;
  for (const citizen of [other, one, other, one].slice(0, random.integer(2, 4)))
    visits.push(inTheStorm(index++, citizen, adding));
  visits.push(calm(index++, random.pick([one, other]), adding));
  for (const isLater of [true, 'last'] as const)
    for (const citizen of [one, other]) visits.push(calm(index++, citizen, adding, isLater));
  return {
    ...{ ...plan, merge, visits, forgets: undefined },
    citizens: citizens.map((citizen, place) => (place === one ? first : citizen)),
    deeds: plan.deeds.filter(({ kind }) => DEEDS.has(kind)),
  };
};
