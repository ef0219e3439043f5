import { Operators } from './operators';
import { Actors } from './actors';
import type { Plan, VisitPlan } from './plan';
import {
  daysLater,
  EXPIRY_TIMEOUT_MS,
  endStays,
  graceTimesEnd,
  receiverIsAway,
  rulesEndVisits,
} from './ending';
import { nextDebitMs, nextRefundMs, openWork, parkedRows, replayParked } from './quiescence';
import { beginUntrue, judgeUntrue } from './untrue';
import { beginIntrusion, resumeSetAside, standsAside, unknownFaults } from './intrusion';
import { beginPlannedFaults, beginReceiverAway } from './planned-faults';
import { restoreAndRepair } from './restore';
import { type Copies, copyOfCredit, restoreCredit } from './restore-credit';
import type { JudgedRun } from './judged-run';
import { lateChargesCome } from './late-season';
import { owedBackIsKnown } from './bank-judgement';
import { judgeErasure } from './erasure-judgement';
import { unheardOf } from './holder-judgement';
import { judge } from './judgement';
import { agreeToBank, bankHasItsSay } from './lending-season';
import { MergeBook } from './merge-book';
import { MergeDesk, type MergeEnding, onesAndTwos } from './merge-season';
import { StandingBook } from './standing-book';
import { StandingDesk } from './standing-desk';
import { dayHasCome, type StandingEnding, stormHasPassed, weeksGoBy } from './standing-season';
import { Violation } from './violation';
import { PresenceDesk } from './presence-desk';
import { InvariantWatch } from './invariant-watch';
import { type Planted, type SimulatedPlatform } from './simulated-platform';

/** Before this line of a history people and institutions are registered, without faults. */
export const BEGINS = 'everybody is registered; faults may happen from here on';

const STORM_MS = 25_000;
const LOOK_INTERVAL_MS = 2_000;
/** Work that waits for longer may wait for a parked message: an operator looks. */
const OPERATOR_LOOKS_AFTER_MS = 2 * 60_000;
/** Longer than any retry, lease or backoff of the platform. */
const REST_TIMEOUT_MS = 30 * 60_000;
/** After it the hold of the longest stay has expired. */
const HOLDS_EXPIRE_MS = 61 * 24 * 3_600_000;
const STEPS_MAX = 400_000;
/** Notification looks for due notices every 7 s. */
const DELIVERY_TIMEOUT_MS = 15_000;

/** From the registration of people to the judgement at the end. */
export class Morning {
  readonly operators: Operators;
  readonly people: Actors;
  readonly watch: InvariantWatch;
  private readonly payers: PresenceDesk;
  readonly standing: StandingBook;
  readonly merges: MergeBook;
  private readonly desk: StandingDesk;
  private readonly mergeDesk: MergeDesk;
  adopted = 0;

  constructor(
    private readonly world: SimulatedPlatform,
    private readonly plan: Plan,
    private readonly planted: Planted | undefined,
  ) {
    this.people = new Actors(world, plan);
    this.standing = new StandingBook(world, plan, this.people);
    this.merges = new MergeBook(this.standing, this.people, plan.merge);
    this.mergeDesk = new MergeDesk(world, this.people, this.merges);
    this.operators = new Operators(world, this.people, this.standing);
    this.watch = new InvariantWatch(world, this.standing);
    this.desk = new StandingDesk({ world, plan, people: this.people, book: this.standing });
    this.payers = new PresenceDesk(world, plan, this.people);
  }

  async run(): Promise<void> {
    const { world, plan, people } = this;
    await world.start();
    await this.until(() => world.isUp);
    const payment = world.databases.get('payment')!.copied();
    await this.during(people.register());
    this.standing.registered();
    if (plan.lending) await this.during(agreeToBank(people, plan.lending));
    await this.rest();
    const copies = { payment, credit: await copyOfCredit(world) };
    world.storm(plan.weather);
    world.tell(BEGINS);
    people.begin();
    this.operators.begin(plan.deeds);
    this.desk.begin();
    this.mergeDesk.begin();
    beginPlannedFaults(world, plan.troubles);
    beginReceiverAway(world, plan.receiverAway);
    beginIntrusion(world, { plan, people, hasKey: this.planted?.hasKey ?? false });
    beginUntrue(world, plan);
    const stormEndsMs = world.livedMs + STORM_MS;
    await this.until(() => world.livedMs > stormEndsMs);
    world.calm();
    world.tell('the storm is over');
    await this.until(() => people.areDone);
    await this.rest();
    judgeUntrue(world);
    if (this.plan.restores) await this.restored(copies);
    await stormHasPassed(this.ending());
    await onesAndTwos(this.ending());
    await graceTimesEnd(this.ending());
    await receiverIsAway(this.ending());
    if (!(await rulesEndVisits(this.ending()))) await daysLater(this.ending());
    await dayHasCome(this.ending());
    if ([...this.watch.book.tabs.values()].some(({ status }) => status === 'open')) {
      world.leap(HOLDS_EXPIRE_MS);
      await this.pass(EXPIRY_TIMEOUT_MS);
      await this.rest();
      await endStays(this.ending());
      await graceTimesEnd(this.ending());
    }
    await weeksGoBy(this.ending());
    await lateChargesCome(this.ending());
    await bankHasItsSay(this.ending());
    await this.refundsEnd();
    await this.during(this.people.presentAgain(unheardOf(this.court())));
    await this.rest();
    await this.during(judge(this.court()));
    await this.forget();
  }

  private async restored(copies: Copies): Promise<void> {
    const parts = { ...this.court(), during: this.during.bind(this) };
    if (this.plan.restores === 'credit') await restoreCredit(parts, copies.credit);
    else this.adopted = await restoreAndRepair(parts, copies.payment);
    await this.rest();
    this.watch.caughtUp();
  }

  /** A leap of the clock, and time to do what is due then. */
  private async leap(durationMs: number): Promise<void> {
    const { world } = this;
    world.leap(durationMs);
    await this.pass(DELIVERY_TIMEOUT_MS);
  }

  private async pass(durationMs: number): Promise<void> {
    const untilMs = this.world.livedMs + durationMs;
    await this.until(() => this.world.livedMs > untilMs);
  }

  /** Time goes by until every refund was made or is a case; then operators pay back what is owed. */
  private async refundsEnd(): Promise<void> {
    const { world } = this;
    for (let waitMs = nextRefundMs(world); waitMs !== undefined; waitMs = nextRefundMs(world)) {
      world.leap(waitMs);
      await this.rest();
    }
    owedBackIsKnown(this.court());
    await this.during(this.operators.workCases());
    await this.rest();
  }

  private async forget(): Promise<void> {
    const { world, plan } = this;
    if (plan.forgets === undefined) return;
    await judgeErasure(this.court(), plan.forgets, async (work) => {
      const result = await this.during(work);
      await this.rest();
      return result;
    });
    const faults = await unknownFaults(world);
    if (faults.length > 0) throw new Violation('forgotten', `${faults.length} faults`);
    await this.during(judge(this.court()));
  }

  private ending(): StandingEnding & MergeEnding {
    return {
      ...{ ...this.court(), desk: this.desk, mergeDesk: this.mergeDesk },
      laterVisits: async (when: VisitPlan['isLater'] = true) => {
        this.people.begin(when);
        await this.until(() => this.people.areDone);
      },
      during: (work) => this.during(work),
      rest: () => this.rest(),
      leap: (durationMs) => this.leap(durationMs),
      pass: (durationMs) => this.pass(durationMs),
    };
  }

  private court(): JudgedRun {
    const { world, plan, people, operators, watch, standing, merges } = this;
    return { world, plan, people, operators, watch, standing, merges };
  }

  /** Until nothing is left to do, and who pays has confirmed what they were asked. */
  private async rest(): Promise<void> {
    do await this.settle();
    while (this.plan.presence && (await this.during(this.payers.answers())));
  }

  /** Until nothing is left to do; what was parked on the way is replayed by the operator. */
  private async settle(): Promise<void> {
    const { world } = this;
    const beganMs = world.livedMs;
    let nextLookMs = beganMs;
    let operatorLooksMs = beganMs + OPERATOR_LOOKS_AFTER_MS;
    let fruitless = 0;
    for (;;) {
      await this.until(() => world.livedMs >= nextLookMs);
      nextLookMs = world.livedMs + LOOK_INTERVAL_MS;
      const restless = await openWork(world);
      const morningMs = restless === undefined ? nextDebitMs(world) : undefined;
      if (morningMs !== undefined) {
        world.leap(morningMs);
        continue;
      }
      const hasParked =
        (parkedRows(world).length > 0 && fruitless < 2) || standsAside(world).length > 0;
      if (restless === undefined && !hasParked) return;
      if (hasParked && (restless === undefined || world.livedMs > operatorLooksMs)) {
        operatorLooksMs = world.livedMs + OPERATOR_LOOKS_AFTER_MS;
        await this.during(resumeSetAside(world, this.people));
        const replayed = await this.during(replayParked(world));
        if (replayed > 0) this.operators.replays += 1;
        fruitless = replayed > 0 ? 0 : fruitless + 1;
      }
      if (world.livedMs - beganMs > REST_TIMEOUT_MS)
        throw new Violation('quiet', restless ?? 'parked messages go round');
    }
  }

  /** Lets the platform go on until the work is done, and gives its result. */
  private async during<Result>(work: Promise<Result>): Promise<Result> {
    let isDone = false;
    const done = work.finally(() => (isDone = true));
    done.catch(() => undefined); // Awaited below.
    await this.until(() => isDone);
    return done;
  }

  private async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.world.scheduler.steps > STEPS_MAX || !(await this.world.scheduler.step()))
        throw new Violation('quiet', `stopped after ${this.world.scheduler.steps} steps`);
      const looking = this.watch.look();
      if (looking) await looking;
    }
  }
}
