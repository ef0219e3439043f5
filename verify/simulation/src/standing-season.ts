import { type Random, seededRandom } from '@caretab/doubles';
import { type MissedDue, missedDuesOf } from './arrears-facts';
import { arrearsAreSo } from './arrears-judgement';
import { type Ending, EXPIRY_TIMEOUT_MS, graceTimesEnd } from './ending';
import type { JudgedRun } from './judged-run';
import type { StandingDesk } from './standing-desk';
import { birthdayOf, type StandingPlan } from './standing-plan';
import { must } from './violation';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** More than a clock is off. */
const MARGIN_MS = 3 * HOUR_MS;
const MORNING_MS = 10 * HOUR_MS;
const CHINA_MS = 8 * HOUR_MS;

/** What the end of a run lends to those who watch how people stand. */
export interface StandingEnding extends Ending, JudgedRun {
  readonly desk: StandingDesk;
  /** Visits begin that were planned for later, and all is sent. */
  readonly laterVisits: () => Promise<void>;
}

/** The storm is over and all know who stands how: who died or revoked something has a new visit. */
export const stormHasPassed = async (ending: StandingEnding): Promise<void> => {
  const { plan, standing, rest, laterVisits } = ending;
  standing.atRest();
  const { death, revocation, ward } = plan.standing ?? {};
  if (!death && !revocation && (!ward || ward.kind === 'of-age')) return;
  await laterVisits();
  await rest();
};

/** The next day has come: a ward is of age, a policy is in force. Throws Violation. */
export const dayHasCome = async (ending: StandingEnding): Promise<void> => {
  const { world, plan, people, standing, rest, leap, laterVisits } = ending;
  const { ward, policy } = plan.standing ?? {};
  if (ward?.kind !== 'of-age' && !policy) return;
  const fromMs = Date.parse(`${birthdayOf(plan.day)}T00:00:00+08:00`);
  if (world.scheduler.nowMs < fromMs + HOUR_MS) world.leapPastMidnight();
  await leap(0);
  // Of a job that had just looked.
  await ending.pass(EXPIRY_TIMEOUT_MS);
  await rest();
  if (ward) {
    const turn = standing.begin();
    turn.isDone = true;
    standing.changes(people.personIds[ward.child]!, undefined, turn);
  }
  standing.atRest();
  if (standing.policy) {
    standing.policy.inForce = standing.now();
    await staysGoOn(ending);
  }
  await laterVisits();
  await rest();
  await graceTimesEnd(ending);
};

/** A stay whose hold was granted before goes on within it, whatever the line is now. */
const staysGoOn = async ({ plan, people, watch, during, rest }: StandingEnding): Promise<void> => {
  for (const visit of plan.visits) {
    const tab = watch.book.tabs.get(people.visitIdOf(visit));
    const hasRoom = (tab?.heldFen ?? 0) >= (tab?.grossFen ?? 0) + 100;
    if (visit.visitClass !== 'inpatient' || tab?.status !== 'open' || tab.endedAt) continue;
    const chargeId = await during(people.chargeOneMore(visit));
    await rest();
    must(!hasRoom || tab.decisions.get(chargeId) === 'ChargeDeferred', 'policy', () => ({
      ...{ visitId: people.visitIdOf(visit), chargeId, refusal: tab.refusals.get(chargeId) },
      ...{ heldFen: tab.heldFen, grossFen: tab.grossFen },
    }));
  }
};

/** Weeks go by over what was not paid, and people object, pay, or are written off. Throws Violation. */
export const weeksGoBy = async (ending: StandingEnding): Promise<void> => {
  const { plan, standing, rest, pass } = ending;
  if (plan.standing === undefined) return;
  standing.atRest();
  const weeks = new Weeks(ending, plan.standing);
  await weeks.goBy([3]);
  await weeks.deathsAreTakenBack();
  await weeks.goBy([7, 15, 20]);
  await weeks.peopleObject();
  await weeks.goBy([31]);
  await weeks.objectionsAreDecided();
  await weeks.duesEnd();
  if (standing.revoked.length > 0) {
    await pass(EXPIRY_TIMEOUT_MS);
    await rest();
  }
};

const OBJECTIONS = ['none', 'stands', 'upheld', 'undecided'] as const;
const ENDS = ['pays', 'pays', 'written-off', 'recovered', 'owes'] as const;

class Weeks {
  private readonly random: Random;

  constructor(
    private readonly ending: StandingEnding,
    { seed }: StandingPlan,
  ) {
    this.random = seededRandom(seed * 1_000 + 620);
  }

  private get open(): readonly MissedDue[] {
    return missedDuesOf(this.ending.world).dues.filter(({ endedMs }) => endedMs === undefined);
  }

  /** To the days after the last due was missed, or announced. */
  async goBy(days: readonly number[]): Promise<void> {
    for (const day of days) {
      const { open } = this;
      if (open.length === 0) return;
      const since = Math.max(...open.map(({ sinceMs }) => sinceMs));
      await this.leapTo(since + day * DAY_MS + MARGIN_MS);
    }
  }

  async deathsAreTakenBack(): Promise<void> {
    const { plan, standing, desk, during, rest } = this.ending;
    if (plan.standing?.death?.back !== 'later') return;
    for (const death of standing.deaths) await during(desk.takesBack(death));
    await rest();
    standing.atRest();
    this.judge();
  }

  async peopleObject(): Promise<void> {
    const { people, standing, during, world } = this.ending;
    for (const { visitId, personId } of this.open) {
      if (this.random.pick(OBJECTIONS) === 'none') continue;
      const path = `/credit/persons/${personId}/arrears/${encodeURIComponent(visitId)}/objection`;
      const { status } = await during(
        people.ask('credit', 'POST', path, { ground: 'AMOUNT_WRONG' }),
      );
      must(status === 200, 'arrears', () => ({ visitId, objects: status }));
      standing.objections.push({ visitId, objectedMs: world.scheduler.nowMs, decided: undefined });
    }
  }

  async objectionsAreDecided(): Promise<void> {
    const { people, standing, during, world } = this.ending;
    for (const objection of standing.objections) {
      const outcome = this.random.pick(OBJECTIONS);
      const whose = this.open.find(({ visitId }) => visitId === objection.visitId);
      if (!whose || (outcome !== 'stands' && outcome !== 'upheld')) continue;
      const { visitId, personId } = whose;
      const path = `/credit/persons/${personId}/arrears/${encodeURIComponent(visitId)}/objection`;
      const { status } = await during(
        people.ask('credit', 'POST', `${path}/decision`, { outcome, why: 'the bill was compared' }),
      );
      must(status === 200, 'arrears', () => ({ visitId, outcome, status }));
      objection.decided = { outcome, ms: world.scheduler.nowMs };
    }
    if (standing.objections.length > 0)
      await this.leapTo(world.scheduler.nowMs + OBJECTION_DAYS_MS + MARGIN_MS);
  }

  /** By day: who pays by themselves does so then. */
  async duesEnd(): Promise<void> {
    const { open } = this;
    if (open.length === 0) return;
    const { world, rest } = this.ending;
    const intoDayMs = (world.scheduler.nowMs + CHINA_MS) % DAY_MS;
    await this.leapTo(world.scheduler.nowMs + DAY_MS + MORNING_MS - intoDayMs);
    for (const due of open) await this.dueEnds(due);
    await rest();
    this.judge();
  }

  private async dueEnds({ visitId }: MissedDue): Promise<void> {
    const { people, standing, during, watch, rest, world } = this.ending;
    const end = this.random.pick(ENDS);
    const visit = encodeURIComponent(visitId);
    if (end === 'written-off' || end === 'recovered') {
      const tab = watch.book.tabs.get(visitId)!;
      const amountFen = tab.verdict!.patientDueFen - tab.paidFen + tab.refundedFen;
      const body = { amountFen, reason: 'UNTRACEABLE', evidence: 'letters that came back' };
      const { status } = await during(
        people.ask('payment', 'POST', `/payment/visits/${visit}/write-off`, body),
      );
      must(status === 200, 'arrears', () => ({ visitId, amountFen, writtenOff: status }));
      standing.writtenOff.set(visitId, { amountFen, ms: world.scheduler.nowMs });
      await rest();
    }
    if (end === 'owes' || end === 'written-off') return;
    const offered = { token: `other-${visitId}:ok`, channel: 'unionpay' };
    await during(people.ask('payment', 'POST', `/payment/visits/${visit}/pay`, offered));
  }

  private async leapTo(ms: number): Promise<void> {
    const { world, leap, rest, standing } = this.ending;
    await leap(Math.max(0, ms - world.scheduler.nowMs));
    await rest();
    standing.lookedMs = world.scheduler.nowMs;
    this.judge();
  }

  private judge(): void {
    arrearsAreSo(this.ending);
  }
}

const OBJECTION_DAYS_MS = 10 * DAY_MS;
