import { type Outages, REST, restAfter, type Timers } from '@caretab/kernel';
import type { Assignment, Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import {
  type BatchHandler,
  type ConsumeOptions,
  type Log,
  nameOf,
  outageCauseOf,
  reasonOf,
} from '@caretab/bus';
import { stickyAssigner } from './kafka-assigner';
import { KafkaCommits, StaleMember } from './kafka-commits';
import { receivedOf } from './kafka-message';
import { HeldPartition } from './kafka-partition';

export interface KafkaSessionParts {
  readonly kafka: Kafka;
  readonly options: ConsumeOptions;
  readonly handle: BatchHandler;
  readonly timers: Timers;
  readonly log: Log;
  readonly deliveries: Outages;
  readonly sessionMs: number;
  readonly heartbeatMs: number;
  readonly rebalanceMs: number;
  /** How long the broker holds a fetch that finds nothing. */
  readonly longPollMs: number;
  readonly sideBySideMax: number;
  /** Partitions of the session before this one; the group's leader leaves them here if it can. */
  readonly owned: Assignment;
}

const BATCH_SIZE_MAX = 200;
const FETCH_BYTES_PER_PARTITION = 256 * 1024;
const FETCH_BYTES = 4 * 1024 * 1024;
const REDELIVER_FIRST_MS = 50;
const REDELIVER_MAX_MS = 5000;

/**
 * One membership in a consumer group, from joining to its end: kafkajs fetches, keeps the group's
 * protocol and beats its heart; handing out, committing, backing off and handing over are done
 * here. kafkajs' eachBatch only takes the fetched messages in, so that neither a slow nor a failing
 * partition holds the others or the heartbeat up.
 */
export class KafkaSession {
  owned: Assignment;
  /** Resolves with what broke it; never when it is ended by `end`. */
  readonly broken: Promise<Error>;
  private readonly held = new Map<string, HeldPartition>();
  private readonly consumer: Consumer;
  private readonly commits: KafkaCommits;
  private readonly sizeMax: number;
  private working = 0;
  private isEnding = false;
  private isDead = false;
  private readonly over = new AbortController();
  private handingBack: Promise<void> | undefined;
  private beat: (() => Promise<void>) | undefined;

  constructor(private readonly parts: KafkaSessionParts) {
    const { kafka, options, sessionMs, heartbeatMs, rebalanceMs, longPollMs } = parts;
    this.owned = parts.owned;
    this.sizeMax = options.batchSizeMax ?? BATCH_SIZE_MAX;
    this.consumer = kafka.consumer({
      groupId: options.group,
      partitionAssigners: [
        stickyAssigner(
          () => this.owned,
          () => this.handBack(),
        ),
      ],
      sessionTimeout: sessionMs,
      heartbeatInterval: heartbeatMs,
      rebalanceTimeout: rebalanceMs,
      minBytes: 1,
      maxWaitTimeInMs: longPollMs,
      maxBytesPerPartition: FETCH_BYTES_PER_PARTITION,
      maxBytes: FETCH_BYTES,
      metadataMaxAge: 60_000,
      allowAutoTopicCreation: false,
      retry: { retries: 8, restartOnFailure: async () => false },
    });
    this.commits = new KafkaCommits(this.consumer, parts.timers);
    this.broken = new Promise((resolve) => {
      this.consumer.on(this.consumer.events.CRASH, ({ payload }) => resolve(payload.error));
      void this.watchClock(resolve);
    });
    this.consumer.on(this.consumer.events.GROUP_JOIN, ({ payload }) =>
      this.assigned(payload.memberAssignment),
    );
  }

  /**
   * kafkajs schedules heartbeats by the machine's clock. If that is set back, heartbeats stop until
   * it catches up, and the broker reassigns the partitions. A new session starts a new schedule.
   */
  private async watchClock(broken: (error: Error) => void): Promise<void> {
    const { timers, heartbeatMs, sessionMs } = this.parts;
    // How far the machine's clock is ahead of the one that is never set.
    const aheadMs = (): number => Date.now() - performance.now();
    for (
      let farthestMs = aheadMs();
      !this.isEnding && !this.isDead;
      farthestMs = Math.max(farthestMs, aheadMs())
    ) {
      await timers.sleep(heartbeatMs, this.over.signal);
      if (farthestMs - aheadMs() > sessionMs / 3)
        return broken(new Error('the clock was set back'));
    }
  }

  /**
   * Joins the group and works until it is ended or broken. Rejects when the brokers cannot be
   * reached.
   */
  async start(): Promise<void> {
    await this.consumer.connect();
    await this.consumer.subscribe({ topics: [...this.parts.options.topics], fromBeginning: true });
    await this.consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      // Taking in is instant; this many are only taken in side by side.
      partitionsConsumedConcurrently: 8,
      eachBatch: async (payload) => this.takeIn(payload),
    });
  }

  /** Asks the handlers to finish, awaits running batches, and leaves the group. */
  async end({ isBroken = false } = {}): Promise<void> {
    this.isEnding = true;
    this.over.abort();
    if (isBroken) this.commits.abandon();
    await this.handBack();
    await this.consumer.disconnect().catch(() => undefined);
  }

  /** No handler of this session counts any more. */
  die(): void {
    this.isDead = true;
    this.over.abort();
    this.commits.abandon();
    for (const held of this.held.values()) this.lose(held);
    this.held.clear();
  }

  private assigned(assignment: Assignment): void {
    this.owned = assignment;
    if (this.isDead || this.isEnding) return;
    this.held.clear();
    for (const [topic, partitions] of Object.entries(assignment)) {
      for (const partition of partitions)
        this.held.set(nameOf({ topic, partition }), new HeldPartition(topic, partition));
    }
  }

  private takeIn({ batch, resolveOffset, heartbeat }: EachBatchPayload): void {
    this.beat = heartbeat;
    const { topic, partition } = batch;
    const held = this.held.get(nameOf({ topic, partition }));
    // Then nothing is resolved: the partition's next owner fetches the batch again.
    if (!held || held.abort.signal.aborted || this.isEnding)
      return this.consumer.pause([{ topic, partitions: [partition] }]);
    held.add(batch.messages.map((message) => receivedOf(topic, partition, message)));
    resolveOffset(batch.lastOffset());
    if (held.isFull && !held.isPaused) {
      held.isPaused = true;
      this.consumer.pause([{ topic, partitions: [partition] }]);
    }
    this.handOut();
  }

  private handOut(): void {
    if (this.isEnding || this.isDead) return;
    for (const [name, held] of this.held) {
      if (this.working >= this.parts.sideBySideMax) return;
      if (held.work || held.isEmpty || held.abort.signal.aborted) continue;
      // Behind the others, so that every partition has its turn.
      this.held.delete(name);
      this.held.set(name, held);
      held.work = this.deliver(held).finally(() => {
        held.work = undefined;
        this.handOut();
      });
    }
  }

  private async deliver(held: HeldPartition): Promise<void> {
    const { topic, partition, abort } = held;
    const messages = held.next(this.sizeMax);
    const beganMs = performance.now();
    this.working += 1;
    let failed = false;
    try {
      await this.parts.handle({ topic, partition, messages, signal: abort.signal });
      if (held.isLost) return;
      await this.commits.commit(
        { topic, partition, offset: messages.at(-1)!.offset + 1n },
        abort.signal,
      );
      held.failures = 0;
      this.parts.deliveries.worked(this.memberOf(held));
      held.done(messages.length);
      this.fetchAgain(held);
    } catch (error) {
      failed = true;
      // It waits for the next join, which the heart's next beat brings about.
      if (error instanceof StaleMember) return this.lose(held);
      if (abort.signal.aborted) return;
      this.parts.deliveries.failed(
        this.memberOf(held),
        { group: this.parts.options.group, topic, partition, ...reasonOf(error) },
        outageCauseOf(error),
      );
    } finally {
      this.working -= 1;
    }
    const restMs = failed
      ? Math.min(REDELIVER_FIRST_MS * 2 ** Math.min(held.failures, 10), REDELIVER_MAX_MS)
      : messages.length === this.sizeMax
        ? 0
        : restAfter(performance.now() - beganMs, this.parts.options.rest ?? REST.awaited);
    if (restMs === 0 || abort.signal.aborted) return;
    // The slot is free for other partitions while this one rests.
    this.handOut();
    await this.parts.timers.sleep(restMs, abort.signal);
    if (failed) held.failures += 1;
  }

  private fetchAgain(held: HeldPartition): void {
    if (!held.isPaused || !held.isHalfEmpty || held.abort.signal.aborted) return;
    held.isPaused = false;
    this.consumer.resume([{ topic: held.topic, partitions: [held.partition] }]);
  }

  /**
   * Before a join and at the end: everything is taken away, and this waits for the batches at work
   * as long as the group waits for us.
   */
  private handBack(): Promise<void> {
    this.handingBack ??= this.handBackAll().finally(() => (this.handingBack = undefined));
    return this.handingBack;
  }

  private async handBackAll(): Promise<void> {
    const all = [...this.held.values()];
    for (const { abort } of all) abort.abort();
    const atWork = all.flatMap(({ work }) => work ?? []);
    if (atWork.length > 0) await this.waitBeating(Promise.all(atWork));
    for (const held of all) {
      this.lose(held);
      this.resumeQuietly(held);
    }
    for (const [name, held] of this.held) if (all.includes(held)) this.held.delete(name);
  }

  /** The broker counts a member that waits for its handlers as alive only while its heart beats. */
  private async waitBeating(work: Promise<unknown>): Promise<void> {
    const { timers, heartbeatMs, rebalanceMs, log, options } = this.parts;
    const over = new AbortController();
    let isDone = false;
    const done = work.then(() => {
      isDone = true;
      over.abort();
    });
    for (let waitedMs = 0; !isDone && waitedMs < rebalanceMs * 0.8; waitedMs += heartbeatMs) {
      await Promise.race([done, timers.sleep(heartbeatMs, over.signal)]);
      if (!isDone) await this.beat?.().catch(() => undefined);
    }
    if (!isDone)
      log.warn(
        { group: options.group, waitedMs: rebalanceMs * 0.8 },
        'rebalance timeout: a handler still runs, its batch is redelivered to another member',
      );
  }

  /** The same for each session of this consumer. */
  private memberOf({ topic, partition }: HeldPartition): string {
    return `${this.parts.options.group} ${nameOf({ topic, partition })}`;
  }

  private lose(held: HeldPartition): void {
    this.parts.deliveries.left(this.memberOf(held));
    held.isLost = true;
    held.abort.abort();
  }

  private resumeQuietly({ topic, partition }: HeldPartition): void {
    try {
      this.consumer.resume([{ topic, partitions: [partition] }]);
    } catch {
      // kafkajs has ended this consumer already: there is nothing to resume.
    }
  }
}
