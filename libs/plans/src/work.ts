import { DomainError, parseDecimal } from '@caretab/kernel';
import type { Absence } from './verdict';
import { fenOf } from './amounts';
import { type Claim, daysSince } from './claim';
import type { Plan } from './compile';
import type { Circumstances, Said } from './conditions';
import { type Counter, type Moment, type Usage, yearOf } from './counters';
import type { FactValue } from './facts';

type By = 'admission' | 'discharge' | 'settlement';

const dayOf = (by: By, claim: Claim): string | undefined => {
  const { careDate } = claim;
  if (by === 'admission') return claim.admitted ?? careDate;
  const end = claim.discharged ?? careDate;
  return by === 'settlement' ? (claim.settled ?? end) : end;
};

const yearBy = ({ file }: Plan): By => file.year?.by ?? 'discharge';
/** The day that decides a plan's version and whether the person is a member. */
export const versionDay = (plan: Plan, claim: Claim): string | undefined =>
  dayOf(plan.file.year?.versionBy ?? yearBy(plan), claim);

/** Whether a member has waited long enough is asked when the care begins. */
const beginning = ({ admitted, careDate }: Claim): string | undefined => admitted ?? careDate;

/** The file of a plan that is in force for the claim; of one file alone no day is asked. */
export const inForce = (plans: readonly Plan[], id: string, claim: Claim): Plan | undefined => {
  const files = plans.filter(({ file }) => file.plan === id);
  return files.find((plan) => {
    const day = versionDay(plan, claim);
    if (day === undefined && files.length > 1)
      throw new DomainError('FACT_MISSING', 'unprocessable', { fact: 'careDate', plan: id });
    const { from, to } = plan.file;
    return day === undefined || (from <= day && (to === null || day <= to));
  });
};

/** A plan at work on one claim. */
export interface Work {
  readonly plan: Plan;
  readonly moment: Moment;
  readonly circumstances: Circumstances;
  readonly usage: Usage;
}

const admissionsKey = (plan: Plan, { person, day }: Moment): string =>
  `${plan.admissions}|${person}|${yearOf(day, plan.file.year?.starts)}`;

const given = (counter: Counter, text: string): number => {
  if (counter.counts === 'quantity') return Number(parseDecimal(text, 4));
  return counter.counts === 'visits' || counter.counts === 'days' ? Number(text) : fenOf(text);
};

const momentOf = (plan: Plan, claim: Claim, part?: string): Moment => {
  const { id, person, family } = claim;
  return { claim: id, person, family, day: part ?? dayOf(yearBy(plan), claim) ?? plan.file.from };
};

/** Under which keys stands what a claim looks at: all that is asked of an earlier use. */
export const counterKeys = (plan: Plan, claim: Claim): readonly string[] => {
  const moment = momentOf(plan, claim);
  const keys = [...plan.counters.values()].map((counter) => counter.keyOf(moment));
  return [...new Set([...keys, admissionsKey(plan, moment)])];
};

export const workOf = (plan: Plan, claim: Claim, usage: Usage, part: string | undefined): Work => {
  const moment = momentOf(plan, claim, part);
  const circumstances: Circumstances = {
    facts: factsFor(plan, claim, moment, usage),
    used: (name) => usedBy(work, name),
  };
  const work: Work = { plan, moment, circumstances, usage };
  if (claim.used.size > 0) takeOver(work, claim);
  return work;
};

/** The claim's facts, and those that the plan's memberships and earlier claims add. */
const factsFor = (plan: Plan, claim: Claim, moment: Moment, usage: Usage): Said => {
  const membership = claim.memberships?.find((each) => each.plan === plan.file.plan);
  const isStay = claim.facts['care'] === 'inpatient';
  const facts: Record<string, FactValue> = {};
  if (isStay) facts['admissionNumber'] = usage.read(admissionsKey(plan, moment)) + 1;
  if (membership)
    facts['membershipDays'] = daysSince(membership.from, beginning(claim) ?? moment.day);
  return Object.assign(facts, claim.facts, membership?.facts);
};

/** What the claim says of earlier use stands where nothing was counted. */
const takeOver = ({ plan, moment, usage }: Work, claim: Claim): void => {
  for (const [name, counter] of plan.counters) {
    const text = claim.used.get(counter.id) ?? claim.used.get(name);
    const key = counter.keyOf(moment);
    if (text !== undefined && usage.read(key) === 0)
      usage.add(counter.id, key, given(counter, text));
  }
};

/** A counter that does not count this claim stands at nothing for it. */
export const usedBy = ({ plan, moment, circumstances, usage }: Work, name: string): number => {
  const counter = plan.counters.get(name);
  return counter?.test(circumstances) ? usage.read(counter.keyOf(moment)) : 0;
};

export const addTo = (
  { plan, moment, circumstances, usage }: Work,
  name: string,
  amount: number,
): void => {
  const counter = plan.counters.get(name);
  if (counter?.test(circumstances)) usage.add(counter.id, counter.keyOf(moment), amount);
};

/** Counters of visits and days that no cap moves count every claim that meets their condition. */
export const countVisit = (work: Work, days: number): void => {
  const { plan, moment, circumstances, usage } = work;
  for (const { name, counts } of plan.countedEachVisit)
    addTo(work, name, counts === 'visits' ? 1 : days);
  if (circumstances.facts['care'] === 'inpatient')
    usage.add(plan.admissions, admissionsKey(plan, moment), 1);
};

export const absence = (plan: Plan | undefined, claim: Claim): Absence['why'] | undefined => {
  if (!plan) return 'not-in-force';
  if (!claim.memberships) return undefined;
  const day = versionDay(plan, claim) ?? plan.file.from;
  const membership = claim.memberships.find(
    (each) =>
      each.plan === plan.file.plan && each.from <= day && (each.to === null || day <= each.to),
  );
  if (!membership) return 'not-insured';
  const waiting = plan.file.waitingDays ?? 0;
  return daysSince(membership.from, beginning(claim) ?? day) < waiting ? 'waiting' : undefined;
};
