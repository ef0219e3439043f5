import type { Actors } from './actors';
import type { InvariantWatch } from './invariant-watch';
import { GRACE_MS, type Plan, type VisitPlan } from './plan';
import { hasPlannedWebhooks } from './quiescence';
import type { SimulatedPlatform } from './simulated-platform';
import type { Tab } from './tab-record';
import { must } from './violation';
import { lastClassOf } from './visit-script';

/** What the end of a run lends to those who watch how visits end. */
export interface Ending {
  readonly world: SimulatedPlatform;
  readonly plan: Plan;
  readonly people: Actors;
  readonly watch: InvariantWatch;
  readonly during: <Result>(work: Promise<Result>) => Promise<Result>;
  readonly rest: () => Promise<void>;
  /** A leap of the clock, and time to do what is due then. */
  readonly leap: (durationMs: number) => Promise<void>;
  /** Lets so much time go by. */
  readonly pass: (durationMs: number) => Promise<void>;
}

/** A clock that was an hour ahead when the end was recorded makes the grace time longer by as much. */
const CLOCK_ERROR_MS = 3_600_000;
/** Credit looks for expired holds every 30 s. */
export const EXPIRY_TIMEOUT_MS = 35_000;
/** Less than the shortest life of a hold, and than what is left of it after hours without the bank. */
const ALMOST_A_LIFE_MS = 40 * 3_600_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MINUTE_MS = 60_000;
/** How long an emergency is observed at most. */
const OBSERVATION_MS = 72 * 3_600_000;
/** What is left of a grace time for one more charge to get through. */
const MARGIN_MS = 5 * 60_000;

/** The longest delay between two attempts of a webhook. */
const RETRY_DELAY_MAX_MS = 4 * HOUR_MS;

const tabsOf = ({ plan, people, watch }: Ending): [VisitPlan, Tab][] =>
  plan.visits.flatMap((visit) => {
    const tab = watch.book.tabs.get(people.visitIdOf(visit));
    return tab && !people.turnedAway.has(visit) ? [[visit, tab]] : [];
  });

/**
 * Visits that ended in the storm and are in their grace time take one more charge of before; then
 * they close. Throws Violation.
 */
export const graceTimesEnd = async (ending: Ending): Promise<void> => {
  const { world, people, during, rest, leap } = ending;
  const isInGrace = ({ status, graceUntil, isGraceOver }: Tab): boolean =>
    status === 'open' && graceUntil !== undefined && !isGraceOver;
  const inGrace = tabsOf(ending).filter(([, tab]) => isInGrace(tab));
  if (inGrace.length === 0) return;
  for (const [visit, tab] of inGrace) {
    if (Date.parse(tab.graceUntil!) < world.scheduler.nowMs + MARGIN_MS) continue;
    const chargeId = await during(people.chargeOneMore(visit, visit.startedAt));
    await rest();
    must(
      tab.decisions.has(chargeId) && tab.refusals.get(chargeId) !== 'VISIT_CLOSED',
      'ends',
      () => ({ visitId: people.visitIdOf(visit), chargeId, refusal: tab.refusals.get(chargeId) }),
    );
  }
  const lastMs = Math.max(...inGrace.map(([, { graceUntil }]) => Date.parse(graceUntil!)));
  await leap(Math.max(GRACE_MS, lastMs - world.scheduler.nowMs) + CLOCK_ERROR_MS);
  await rest();
  for (const [visit, tab] of inGrace)
    must(tab.status !== 'open', 'ends', () => ({ visitId: people.visitIdOf(visit), tab }));
};

/** When a visit ends by its institution's rule, by our own arithmetic: ms; undefined: by none. */
const ruledEndMs = ({ plan }: Pick<Ending, 'plan'>, visit: VisitPlan): number | undefined => {
  const { outpatientEnd, emergencyEnd } = plan.institutions[visit.institution]!.interface;
  if (visit.visitClass === 'outpatient' && outpatientEnd === 'midnight')
    return Date.parse(`${visit.startedAt.slice(0, 10)}T00:00:00+08:00`) + DAY_MS;
  if (visit.visitClass === 'emergency' && emergencyEnd === 'observation')
    return Date.parse(visit.startedAt) + OBSERVATION_MS;
  return undefined;
};

/** Open visits of a class whose hospital sent no end and has a rule for it, and their ends. */
const unendedOf = (
  ending: Ending,
  visitClass: 'outpatient' | 'emergency',
): { readonly visit: VisitPlan; readonly tab: Tab; readonly endsMs: number }[] =>
  tabsOf(ending).flatMap(([visit, tab]) => {
    const endsMs = ruledEndMs(ending, visit);
    const isChanged = ending.people
      .acceptedOf(visit)
      .some(({ kind }) => kind === 'reclassify' || kind === 'reopen');
    return endsMs !== undefined &&
      visit.visitClass === visitClass &&
      tab.status === 'open' &&
      tab.endedAt === undefined &&
      !isChanged
      ? [{ visit, tab, endsMs }]
      : [];
  });

/**
 * The day is over: outpatients whose hospital sent no end have ended by its rule, at 24:00 of their
 * day. Says whether there were any. Throws Violation.
 */
const midnightComes = async (ending: Ending): Promise<boolean> => {
  const { world, people, rest, leap } = ending;
  const unended = unendedOf(ending, 'outpatient');
  if (unended.length === 0) return false;
  world.leapPastMidnight();
  await leap(0);
  await leap(GRACE_MS);
  await rest();
  for (const { visit, tab, endsMs } of unended) {
    must(tab.status !== 'open' && Date.parse(tab.endedAt ?? '') === endsMs, 'ends', () => ({
      visitId: people.visitIdOf(visit),
      status: tab.status,
      endedAt: tab.endedAt,
    }));
  }
  return true;
};

/**
 * Emergencies whose hospital sent no end are open for 72 hours of observation; then they have ended
 * by its rule, and come to one bill. A hold that expires earlier, since a clock was behind, ends
 * nothing. Says whether there were any. Throws Violation.
 */
const observationsEnd = async (ending: Ending): Promise<boolean> => {
  const { world, people, rest, leap } = ending;
  const unended = unendedOf(ending, 'emergency');
  if (unended.length === 0) return false;
  const ends = unended.map(({ endsMs }) => endsMs);
  await leap(Math.min(...ends) - MARGIN_MS - world.scheduler.nowMs);
  for (const { visit, tab } of unended)
    must(tab.endedAt === undefined, 'ends', () => ({
      visitId: people.visitIdOf(visit),
      endedAt: tab.endedAt,
      observed: 'less than 72 h',
    }));
  await leap(Math.max(...ends) + MINUTE_MS - world.scheduler.nowMs);
  await leap(GRACE_MS);
  await rest();
  for (const { visit, tab, endsMs } of unended) {
    const { status, endedAt = '', expired, endedByRule, verdicts } = tab;
    const visitId = people.visitIdOf(visit);
    const isRuled = Date.parse(endedAt) === endsMs && endedByRule;
    must(status !== 'open' && isRuled, 'ends', () => ({
      ...{ visitId, status, endedAt, expired, endedByRule },
    }));
    const bills = verdicts.size;
    must(bills === Number(status !== 'cancelled'), 'ends', () => ({ visitId, status, bills }));
  }
  return true;
};

/** Visits end by their institutions' rules. Says whether there were any. Throws Violation. */
export const rulesEndVisits = async (ending: Ending): Promise<boolean> => {
  const isMidnight = await midnightComes(ending);
  return (await observationsEnd(ending)) || isMidnight;
};

/** No clock ends a stay: its hospital was asked, and now answers that it is over. */
export const endStays = async ({ plan, people, watch, during, rest }: Ending): Promise<void> => {
  for (const visit of plan.visits) {
    const tab = watch.book.tabs.get(people.visitIdOf(visit));
    const said = people.acceptedOf(visit);
    if (lastClassOf(visit, said) !== 'inpatient' || tab?.status !== 'open') continue;
    const visitId = people.visitIdOf(visit);
    const hasHold = !tab.declined && !watch.declinedAgain.has(visitId);
    // Of one that became a stay, the report may have been rejected.
    if (visit.visitClass === 'inpatient' && hasHold)
      must(tab.asked > 0, 'stays', () => ({ visitId }));
    await during(people.endStay(visit));
  }
  await rest();
};

/**
 * An end at a hospital with a grace time has one, but for what a hold's silence ended; at another it
 * has one till its own time at most. What a rule
 * ended, in the storm too, has the rule's moment.
 */
export const endsAsPlanned = ({
  plan,
  people,
  watch,
}: Pick<Ending, 'plan' | 'people' | 'watch'>): void => {
  for (const visit of plan.visits) {
    const visitId = people.visitIdOf(visit);
    const tab = watch.book.tabs.get(visitId);
    if (tab?.endedAt === undefined) continue;
    const { endedAt, endedByRule } = tab;
    const hasItsClass = !people.acceptedOf(visit).some(({ kind }) => kind === 'reclassify');
    must(
      !endedByRule || !hasItsClass || Date.parse(endedAt) === ruledEndMs({ plan }, visit),
      'ends',
      () => ({ visitId, endedAt, endedByRule }),
    );
    if (tab.expired) continue;
    const { graceMs } = plan.institutions[visit.institution]!.interface;
    const { graceUntil } = tab;
    // An end ahead of the ledger's clock is waited for.
    const isOwnTime = graceUntil !== undefined && Date.parse(graceUntil) === Date.parse(endedAt);
    must(graceMs === undefined ? !graceUntil || isOwnTime : !!graceUntil, 'ends', () => ({
      visitId: people.visitIdOf(visit),
      graceMs,
      graceUntil: tab.graceUntil,
    }));
  }
};

/**
 * Visits that are left open get a charge after almost their hold's life, and live on for as long: no
 * hold ends them. Their institutions' rules may, where the class was changed or a reopening refused.
 */
export const daysLater = async (ending: Ending): Promise<void> => {
  const { world, plan, people, watch, during, rest } = ending;
  // A hold whose expiry failed in the storm is past its life.
  await ending.pass(EXPIRY_TIMEOUT_MS);
  await rest();
  const open = plan.visits.filter((visit) => {
    const tab = watch.book.tabs.get(people.visitIdOf(visit));
    return tab?.status === 'open' && !tab.declined && tab.endedAt === undefined;
  });
  // Where a receiver was away for days, holds have aged by as much.
  if (open.length === 0 || plan.receiverAway) return;
  world.leap(ALMOST_A_LIFE_MS);
  for (const visit of open) await during(people.chargeOneMore(visit));
  await rest();
  world.leap(ALMOST_A_LIFE_MS);
  await ending.pass(EXPIRY_TIMEOUT_MS);
  await rest();
  for (const visit of open) {
    const visitId = people.visitIdOf(visit);
    const tab = watch.book.tabs.get(visitId);
    must(tab?.status === 'open' || tab?.endedByRule === true, 'lives', () => ({ visitId }));
  }
};

/** A hospital's webhooks are tried in vain, hour after hour; then it is back, and they arrive. */
export const receiverIsAway = async ({ world, plan, leap, rest }: Ending): Promise<void> => {
  if (!plan.receiverAway || world.receiverAway === undefined) return;
  for (let hour = 0; hour < plan.receiverAway.hours; hour += 1) await leap(HOUR_MS);
  world.receiverAway = undefined;
  world.tell('the receiver is back');
  await leap(RETRY_DELAY_MAX_MS);
  // One that was tried in vain a moment before waits as long once more.
  if (hasPlannedWebhooks(world)) await leap(RETRY_DELAY_MAX_MS);
  await rest();
};
