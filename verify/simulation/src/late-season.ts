import { DAY_MS } from '@caretab/contracts';
import type { Ending } from './ending';
import { type Asked, askedOf, codeOf, noticeIds, toldOf } from './late-facts';
import { answerTo, type LatePlan } from './late-plan';
import { rows } from './quiescence';
import { must } from './violation';

const HOUR_MS = 3_600_000;
/** So long a late charge waits for its citizen's answer. */
export const ANSWER_MS = 31 * DAY_MS;
/** In it each charge is sent, and those who read their notice at once have answered. */
const STORM_MS = 15_000;
const LOOK_INTERVAL_MS = 1_500;

/**
 * All is settled; then hospitals send charges of before the ends, and citizens answer the notices
 * that ask them, while things go wrong again. Who has not answered after 31 days is not asked any
 * more, and the hospital has learned it. Throws Violation.
 */
export const lateChargesCome = async (ending: Ending): Promise<void> => {
  const { world, plan, during, rest, leap } = ending;
  const { late } = plan;
  if (!late) return;
  world.tell('late charges come');
  const beganMs = world.scheduler.nowMs;
  const season = new LateSeason(ending, late);
  world.storm(plan.weather);
  await during(season.passes());
  world.calm();
  await rest();
  await during(season.answers());
  await during(season.answersAgain());
  await rest();
  season.mustHaveAsked();
  const waiting = season.unanswered();
  if (waiting.length > 0) {
    const restedMs = world.scheduler.nowMs;
    await leap(Math.max(0, beganMs + ANSWER_MS - 2 * DAY_MS - restedMs));
    await rest();
    const isEarly = world.scheduler.nowMs < beganMs + ANSWER_MS - HOUR_MS;
    for (const { visitId, chargeId, atMs } of waiting)
      must(
        !isEarly || atMs < beganMs - HOUR_MS || !season.isTold(visitId, chargeId),
        'late',
        () => ({
          ...{ visitId, chargeId, told: 'before its limit' },
        }),
      );
    await leap(restedMs + ANSWER_MS + HOUR_MS - world.scheduler.nowMs);
    await rest();
    for (const { visitId, chargeId } of waiting)
      must(season.isTold(visitId, chargeId), 'late', () => ({
        ...{ visitId, chargeId, unanswered: 'and its hospital was not told' },
      }));
  }
  await during(season.answersTooLate());
  await rest();
};

class LateSeason {
  constructor(
    private readonly ending: Ending,
    private readonly late: LatePlan,
  ) {}

  /** Hospitals send, and citizens answer as soon as they read. */
  async passes(): Promise<void> {
    const { scheduler } = this.ending.world;
    const ends = scheduler.nowMs + STORM_MS;
    const sent = this.late.charges.map((one) => this.send(one));
    while (scheduler.nowMs < ends) {
      await scheduler.sleep(LOOK_INTERVAL_MS);
      await this.answers();
    }
    await Promise.all(sent);
  }

  private async send({ visit: index, afterMs, quantity }: LatePlan['charges'][number]) {
    const { world, plan, people, watch } = this.ending;
    const visit = plan.visits.find((one) => one.index === index);
    await world.scheduler.sleep(afterMs);
    if (!visit || people.turnedAway.has(visit)) return;
    const visitId = people.visitIdOf(visit);
    const tab = watch.book.tabs.get(visitId);
    const isSettled = tab?.status === 'settled' || tab?.status === 'adjudicated';
    if (!isSettled || tab.declined || watch.declinedAgain.has(visitId)) return;
    const chargeId = await people.chargeOneMore(visit, visit.startedAt, quantity);
    people.lateSent.push({ visit, chargeId, amountFen: 100 * Number(quantity) });
  }

  /** Who wants to, and has the notice, answers. */
  async answers(): Promise<void> {
    for (const asked of this.unanswered()) {
      const answer = answerTo(this.late, asked.chargeId);
      if (this.hasSpoken(asked)) continue;
      if (answer === 'agrees' || answer === 'refuses') await this.say(asked, answer === 'agrees');
    }
  }

  /** The same answer again changes nothing, and another is refused. */
  async answersAgain(): Promise<void> {
    const { people, world } = this.ending;
    const first = people.lateWords.filter(({ isTaken }) => isTaken);
    const asked = askedOf(world);
    for (const { visitId, chargeId, isAgreed } of first) {
      const of = asked.find((one) => one.visitId === visitId && one.chargeId === chargeId)!;
      const same = await this.say(of, isAgreed);
      const other = await this.say(of, !isAgreed);
      must(same === 200 && other === 404, 'late', () => ({
        ...{ visitId, chargeId, isAgreed, same, other },
      }));
    }
  }

  /** Citizens who did not answer in time do so now: nothing waits any more. */
  async answersTooLate(): Promise<void> {
    for (const asked of this.unanswered()) {
      if (answerTo(this.late, asked.chargeId) === 'never') continue;
      const status = await this.say(asked, true);
      const { visitId, chargeId } = asked;
      must(status === undefined || status === 404, 'late', () => ({
        ...{ visitId, chargeId, answered: 'too late', status },
      }));
    }
  }

  /** Late charges to which no answer was taken. */
  unanswered(): Asked[] {
    const { people, world } = this.ending;
    const taken = new Set(
      people.lateWords.flatMap(({ isTaken, chargeId, visitId }) =>
        isTaken ? [`${visitId}/${chargeId}`] : [],
      ),
    );
    return askedOf(world).filter(({ visitId, chargeId }) => !taken.has(`${visitId}/${chargeId}`));
  }

  isTold(visitId: string, chargeId: string): boolean {
    return toldOf(this.ending.world).has(`${visitId}/${chargeId}`);
  }

  private hasSpoken(asked: Asked): boolean {
    return this.ending.people.lateWords.some(
      ({ visitId, chargeId }) => visitId === asked.visitId && chargeId === asked.chargeId,
    );
  }

  /**
   * A citizen who wants to answer can, unless erased: the notice came, or it was sent and
   * nothing answered, and then no other way is tried.
   */
  mustHaveAsked(): void {
    const { people, world } = this.ending;
    const unconfirmed = new Set(
      rows<{ noticeId: string; status: string }>(world, 'notification', 'notice').flatMap(
        ({ noticeId, status }) => (status === 'unconfirmed' ? [noticeId] : []),
      ),
    );
    for (const { eventId, visitId, chargeId } of askedOf(world))
      must(
        people.forgotten.size > 0 ||
          codeOf(world, eventId, people.personIds) !== undefined ||
          noticeIds(eventId, people.personIds).some((noticeId) => unconfirmed.has(noticeId)),
        'late',
        () => ({ visitId, chargeId, asked: 'without a notice' }),
      );
  }

  /** The status of the answer to it; undefined for who has no code. */
  private async say(
    { eventId, visitId, chargeId, atMs }: Asked,
    isAgreed: boolean,
  ): Promise<number | undefined> {
    const { people, world } = this.ending;
    const code = codeOf(world, eventId, people.personIds);
    if (code === undefined) return undefined;
    const client = world.client(`citizen/${chargeId}`);
    const body = { code, agree: isAgreed };
    const { status } = await people.ask('gateway', 'POST', '/v1/agreements', body, { client });
    const now = world.scheduler.nowMs;
    // A code is valid for less than the charge waits.
    const isLate = now > atMs + ANSWER_MS - DAY_MS - 2 * HOUR_MS;
    const isRepeated = people.lateWords.some(
      (word) => word.isTaken && word.visitId === visitId && word.chargeId === chargeId,
    );
    must(status === 200 || isLate || isRepeated, 'late', () => ({
      ...{ visitId, chargeId, isAgreed, status, askedAt: atMs, now },
    }));
    if (!isRepeated)
      people.lateWords.push({ visitId, chargeId, isAgreed, atMs: now, isTaken: status === 200 });
    return status;
  }
}
