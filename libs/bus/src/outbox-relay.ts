import {
  type Clock,
  LookInterval,
  Outages,
  REST,
  restAfter,
  systemClock,
  systemTimers,
  type Timers,
} from '@caretab/kernel';
import type { Store, StoredMessage } from '@caretab/store';
import { Bell } from './bell';
import type { Bus } from './bus';
import { type Log, silentLog } from './log';
import { reasonOf } from './parking';
import { publish } from './tracing';

/** What a store may offer beyond its port. */
interface RelayStore extends Store {
  /** Runs the work while no other replica's relay runs; undefined when another holds the lock. */
  withRelayLock?<Result>(work: () => Promise<Result>): Promise<Result | undefined>;
}

export interface OutboxRelayOptions {
  readonly store: RelayStore;
  readonly bus: Bus;
  /** Whose outbox it is, for traces. */
  readonly service?: string;
  readonly clock?: Clock;
  readonly timers?: Timers;
  readonly logger?: Log;
  /**
   * When it first looks by itself, and later less often; a commit of this process wakes it at once.
   */
  readonly pollMs?: number;
  readonly batchSizeMax?: number;
}

const BACKOFF_FIRST_MS = 100;
const BACKOFF_MAX_MS = 5000;
const PENDING_MAX = 1_000_000;
const POLL_MS = 500;

const backoffMs = (failures: number): number =>
  Math.min(BACKOFF_FIRST_MS * 2 ** Math.min(failures - 1, 10), BACKOFF_MAX_MS);

/**
 * Publishes what transactions left in the outbox, in order, and only then marks it: at least once,
 * never lost.
 */
export class OutboxRelay {
  private stopping = new AbortController();
  private readonly bell: Bell;
  private done: Promise<void> = Promise.resolve();
  private unlisten: (() => void) | undefined;
  private failures = 0;
  private readonly looks: LookInterval;
  private readonly readings: Outages;
  private readonly publishings: Outages;
  /** Topics that fail while others are published. */
  private readonly failing = new Map<string, { readonly failures: number; isDue: boolean }>();

  constructor(private readonly options: OutboxRelayOptions) {
    this.bell = new Bell(this.timers);
    this.looks = new LookInterval(options.pollMs ?? POLL_MS);
    const { logger = silentLog } = options;
    this.readings = new Outages(logger, { what: 'outbox reading', level: 'error' });
    this.publishings = new Outages(logger, { what: 'outbox publishing', level: 'error' });
  }

  start(): void {
    this.stopping = new AbortController();
    this.unlisten = this.options.store.onPublish(() => this.bell.ring());
    this.done = this.run(this.stopping.signal);
  }

  /** Resolves when the batch in work is published and marked. */
  async stop(): Promise<void> {
    this.unlisten?.();
    this.stopping.abort();
    this.bell.ring();
    await this.done;
  }

  /** Messages not yet published, counted up to a million. */
  pending(): Promise<number> {
    return this.options.store.pending(PENDING_MAX);
  }

  private async run(stopping: AbortSignal): Promise<void> {
    const { batchSizeMax = 500, clock = systemClock } = this.options;
    while (!stopping.aborted) {
      const beganMs = clock.now().getTime();
      const published = await this.tryOnce(batchSizeMax);
      if (stopping.aborted || published >= batchSizeMax) continue;
      const tookMs = clock.now().getTime() - beganMs;
      const restMs = restAfter(tookMs, REST.onTheWay);
      const rest = restMs > 0 ? this.timers.sleep(restMs, stopping) : undefined;
      if (this.failures > 0) await this.timers.sleep(backoffMs(this.failures), stopping);
      else if (await this.bell.wait(this.looks.next())) this.looks.reset();
      await rest;
    }
  }

  private get timers(): Timers {
    return this.options.timers ?? systemTimers;
  }

  private async tryOnce(batchSizeMax: number): Promise<number> {
    const { store } = this.options;
    const work = (): Promise<number> => this.publish(batchSizeMax);
    try {
      const published = await (store.withRelayLock ? store.withRelayLock(work) : work());
      // Another replica has the lock, and may have looked before what is there now was committed.
      if (published !== 0) this.looks.reset();
      this.readings.worked(store);
      this.failures = 0;
      return published ?? 0;
    } catch (error) {
      this.readings.failed(store, reasonOf(error));
      this.failures += 1;
      return 0;
    }
  }

  /**
   * Publishes a batch, topic by topic. A topic that fails is left out until its retry, so that its
   * messages at the head do not hold up the others.
   */
  private async publish(batchSizeMax: number): Promise<number> {
    const { store } = this.options;
    const waiting = [...this.failing].filter(([, { isDue }]) => !isDue);
    const messages = await store.unpublished(
      batchSizeMax,
      waiting.map(([topic]) => topic),
    );
    if (messages.length === 0) return 0;
    const byTopic = new Map<string, StoredMessage[]>();
    for (const message of messages)
      byTopic.set(message.topic, [...(byTopic.get(message.topic) ?? []), message]);
    const outcomes = await Promise.allSettled(
      [...byTopic].map(([topic, own]) => this.publishTopic(topic, own)),
    );
    const failed = outcomes.flatMap((outcome, index) =>
      outcome.status === 'rejected'
        ? [{ topic: [...byTopic.keys()][index]!, error: outcome.reason as unknown }]
        : [],
    );
    for (const { topic, error } of failed) this.setAside(topic, error);
    return messages.length;
  }

  /** Others go on: the topic is retried by itself. */
  private setAside(topic: string, error: unknown): void {
    const failures = (this.failing.get(topic)?.failures ?? 0) + 1;
    // Where the bus is away all topics fail, and that is one outage.
    this.publishings.failed(topic, { topic, ...reasonOf(error) }, reasonOf(error).reason);
    const state = { failures, isDue: false };
    this.failing.set(topic, state);
    void this.timers.sleep(backoffMs(failures), this.stopping.signal).then(() => {
      state.isDue = true;
      this.bell.ring();
    });
  }

  /** A topic is marked by itself, so that one that fails does not make the others go out again. */
  private async publishTopic(topic: string, messages: readonly StoredMessage[]): Promise<void> {
    const { bus, store, service } = this.options;
    await publish({ bus, service }, topic, messages);
    await store.markPublished(messages.map(({ id }) => id));
    this.failing.delete(topic);
    this.publishings.worked(topic);
  }
}
