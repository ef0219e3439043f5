import { setMaxListeners } from 'node:events';
import { type Random, seededRandom } from '@caretab/doubles';
import { SERVICES, Setup, untilQuiet } from '@caretab/deploy';
import { ApiError, Unavailable } from '@caretab/hospital';
import { SentRecord, type SentVisit } from './sent-record';
import type { PlatformAccess } from './platform-access';
import { Decisions } from './hospitals-decisions';
import { type Door, Hl7Sender, HttpSender, Producer } from './hospitals-doors';
import { Pace, pauseUnless, untilAnswered } from './hospitals-patience';
import { citizensOf, INSTITUTIONS } from './hospitals-people';
import { type ChaosReport, type ChaosVisit, type Institution, planVisit } from './hospitals-visit';

export interface HospitalsOptions {
  readonly seed: number;
  /**
   * Charges per second, all hospitals together; by default as many as two cores bear beside
   * everything else.
   */
  readonly ratePerSecond?: number;
}

const RATE_DEFAULT = 40;
/**
 * Visits that each hospital has open at once, per charge and second: several of one person, so that
 * lines are contended.
 */
const LANES_PER_RATE = 0.5;
/**
 * With more undecided charges than arrive in so many seconds, no further visits are opened: a slow
 * machine is not overloaded.
 */
const UNDECIDED_SECONDS_MAX = 30;
const LOOK_AGAIN_MS = 500;
const NOT_FOUND = 404;

/**
 * Three hospitals and their patients: they send all the time, and repeat whatever was not answered
 * until it is.
 */
export class Hospitals {
  readonly book = new SentRecord();
  readonly decisions = new Decisions();
  private readonly random: Random;
  private readonly pace: Pace;
  private readonly lanes: number;
  private readonly undecidedMax: number;
  private visits = 0;

  constructor(
    private readonly field: PlatformAccess,
    private readonly options: HospitalsOptions,
  ) {
    const rate = options.ratePerSecond ?? RATE_DEFAULT;
    this.random = seededRandom(options.seed);
    this.pace = new Pace(rate);
    this.lanes = Math.max(1, Math.ceil(rate * LANES_PER_RATE));
    this.undecidedMax = rate * UNDECIDED_SECONDS_MAX;
    this.book.citizens = citizensOf(this.random);
  }

  /**
   * Opens the service for every citizen, through the platform's own doors. Before the first fault.
   */
  async setUp(): Promise<void> {
    const { field, book } = this;
    const setup = new Setup(field.api, () => untilQuiet(field.api, SERVICES));
    await setup.run(INSTITUTIONS, book.citizens, field.webhookUrl, (institutionId) =>
      field.keyOf(institutionId),
    );
    for (const { citizen } of book.citizens) book.personIds.set(citizen, setup.idOf(citizen));
    await this.decisions.listen(field.bus, `chaos.decisions.${this.options.seed}`);
  }

  /**
   * Opens visits and sends charges until `signal` aborts; then says what is left to say of each
   * visit, and returns when all of it was answered.
   */
  async work(signal: AbortSignal): Promise<void> {
    setMaxListeners(0, signal); // Every lane waits for its end.
    const doorOf = {
      hl7: (lane: number) => new Hl7Sender(this.field, lane),
      http: () => new HttpSender(this.field),
      events: () => new Producer(this.field),
    };
    await Promise.all(
      INSTITUTIONS.flatMap((institution) =>
        Array.from({ length: this.lanes }, (_, lane) =>
          this.lane(institution, doorOf[institution.door](lane), signal),
        ),
      ),
    );
  }

  /** What was sent, decided and opened so far. */
  progress(): { readonly sent: number; readonly decided: number; readonly visits: number } {
    return { sent: this.book.charges, decided: this.decisions.decided, visits: this.visits };
  }

  /** Ends the listening; for when all is judged. */
  async close(): Promise<void> {
    await this.decisions.stop();
  }

  /** One visit after the other. */
  private async lane(institution: Institution, door: Door, signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted) {
        await pauseUnless(this.random.integer(0, 500), signal);
        while (!signal.aborted && this.decisions.undecided > this.undecidedMax)
          await pauseUnless(LOOK_AGAIN_MS, signal);
        if (!signal.aborted) await this.goThrough(this.plan(institution), door, signal);
      }
    } finally {
      door.close();
    }
  }

  /** Some come far more often than others. */
  private plan(institution: Institution): ChaosVisit {
    const { citizens } = this.book;
    const citizen = citizens[Math.floor(this.random.next() ** 2 * citizens.length)]!;
    return planVisit(this.random, {
      visitNumber: `S${this.options.seed}.${(this.visits += 1)}`,
      institution,
      citizen,
      others: citizens,
      now: new Date(),
    });
  }

  private async goThrough(visit: ChaosVisit, door: Door, signal: AbortSignal): Promise<void> {
    const sent = this.book.open(visit);
    for (const action of visit.actions) {
      await pauseUnless(action.pauseMs, signal);
      if (action.kind === 'pay') await this.pay(visit, action.token);
      else {
        if (action.kind === 'charges') await this.pace.take(action.charges.length, signal);
        for (let times = action.again ? 2 : 1; times > 0; times -= 1)
          await this.send(visit, sent, action, door);
      }
    }
  }

  private async send(
    visit: ChaosVisit,
    sent: SentVisit,
    action: ChaosReport,
    door: Door,
  ): Promise<void> {
    for (const chargeId of this.book.sending(sent, action))
      this.decisions.sent(visit.visitId, chargeId);
    const answer = await untilAnswered(() => door.send(visit, action));
    if ('ids' in answer) this.book.acknowledged(sent, action, answer.ids);
    else this.book.refused(sent, action, answer.refused);
  }

  /**
   * The citizen pays from another account; a visit unknown to payment is left to its bound account.
   */
  private async pay({ visitId }: ChaosVisit, token: string): Promise<void> {
    await untilAnswered(async () => {
      try {
        await this.field.api.post(`/payment/visits/${encodeURIComponent(visitId)}/pay`, {
          channel: 'unionpay',
          token,
        });
      } catch (error) {
        if (error instanceof Unavailable || (error instanceof ApiError && error.status >= 500))
          throw new Unavailable('payment does not answer', { cause: error });
        if (!(error instanceof ApiError && error.status === NOT_FOUND)) throw error;
      }
    });
  }
}
