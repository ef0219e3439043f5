import type { Topic } from '@caretab/contracts';
import { type Clock, DomainError, type Timers } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import type { BatchHandler, ReceivedMessage } from './bus';
import { HeldKeys, nextRetryOf } from './held-keys';
import type { Log } from './log';
import { handleOnce } from './marked-transaction';
import {
  type AnyEvent,
  contentOf,
  type Decoded,
  decode,
  isConflict,
  isAway,
  isFinal,
  park,
  type ParkOptions,
  reasonOf,
} from './parking';
import { ALIKE_KEYS, placeOf, Suspicions, type WaitingPartition } from './suspicions';
import { carried, processing, processingBatch, processingEach, traced, traceIdOf } from './tracing';

/** A handler method bound to one topic for one group. */
export interface Binding {
  readonly group: string;
  readonly topic: Topic;
  readonly batch: boolean;
  /** The kind of bus, as traces name it. */
  readonly system?: string | undefined;
  readonly store: Store;
  /** Calls the controller's method through Nest; rejects with the method's own error. */
  call(payload: unknown, context: unknown): Promise<unknown>;
}

export interface RetryLimits {
  readonly attemptsMax: number;
  readonly firstDelayMs: number;
  readonly delayMaxMs: number;
}

export interface WorkParts {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  readonly retry: RetryLimits;
  /** In [0, 1): spreads the retries of many members. */
  readonly random: () => number;
}

export type Batch = Parameters<BatchHandler>[0];
type Why = Pick<ParkOptions, 'error' | 'attempts' | 'retryAt'>;

/**
 * The partition is being taken away or the member is stopping: what is not done is delivered again,
 * here or elsewhere.
 */
class Interrupted extends Error {}

/** What became of one message by itself. */
type Outcome = 'handled' | 'parked' | { readonly error: unknown };

/** Messages of one key, the first of which fails for no reason that has a name. */
interface Failing {
  readonly error: unknown;
  readonly messages: Decoded[];
}

/**
 * Works one batch of one partition: all of it in one transaction; when that fails, message by
 * message, each retried within bounds. What has a name decides what follows:
 * - an outage (`unavailable`, `overloaded`): the partition waits, and nothing is parked;
 * - a refusal by contract or domain: parked at once, and it holds nothing back;
 * - anything else: held with all that follows of its key, in order, and retried by itself; other
 *   keys go on. Where several keys fail alike and none succeeds, it is taken for an outage.
 * Rejects for an outage, or when interrupted: the bus delivers the batch again.
 */
export class PartitionWork {
  private readonly keys = new HeldKeys();
  private readonly suspicions = new Suspicions();

  constructor(private readonly parts: WorkParts) {}

  /** What partitions wait for now, in words: for `/health`. */
  waiting(service: string): readonly WaitingPartition[] {
    return this.suspicions.waiting(service);
  }

  async handle(binding: Binding, batch: Batch): Promise<void> {
    const place = placeOf(binding, batch);
    try {
      await this.work(binding, batch);
      this.suspicions.end(place);
    } catch (error) {
      if (!(error instanceof Interrupted))
        this.suspicions.wait(place, reasonOf(error).code, this.parts.clock.now());
      throw error;
    }
  }

  private async work(binding: Binding, batch: Batch): Promise<void> {
    const decoded = batch.messages.map((message) => decode(binding.topic, message));
    const held = await this.keys.among(binding, batch);
    const free = held.size === 0 ? decoded : decoded.filter((one) => !held.has(one.message.key));
    if (free.length < decoded.length)
      await this.parkBehind(
        binding,
        decoded.filter((one) => held.has(one.message.key)),
      );
    if (await this.together(binding, free, batch)) this.suspicions.succeeded(binding.group);
    else await this.eachAlone(binding, free, batch);
    const [first, last] = [batch.messages[0], batch.messages.at(-1)];
    if (!first || !last) return;
    // Before the bus commits: what it counts as handled is never ahead of what the database does.
    await binding.store.advance(binding.group, batch.topic, {
      partition: batch.partition,
      from: Number(first.offset),
      next: Number(last.offset) + 1,
    });
  }

  /**
   * Every message by itself; those of a key that failed wait behind it. Throws when all that was
   * tried failed alike: then it is no message's fault.
   */
  private async eachAlone(
    binding: Binding,
    decoded: readonly Decoded[],
    batch: Batch,
  ): Promise<void> {
    const failing = new Map<string, Failing>();
    let handled = 0;
    for (const one of decoded) {
      const before = failing.get(one.message.key);
      if (before) {
        before.messages.push(one);
        continue;
      }
      // Where several fail alike, one try of each of the others tells whether any succeeds.
      const attemptsMax =
        failing.size < ALIKE_KEYS || handled > 0 ? this.parts.retry.attemptsMax : 1;
      const outcome = await this.alone(binding, one, { signal: batch.signal, attemptsMax });
      if (outcome === 'handled') handled += 1;
      else if (outcome !== 'parked')
        failing.set(one.message.key, { error: outcome.error, messages: [one] });
    }
    if (handled > 0) this.suspicions.succeeded(binding.group);
    const [first] = failing.values();
    if (!first) return;
    const errors = [...failing.values()].map(({ error }) => error);
    const waitMs =
      handled > 0 ? undefined : this.suspicions.waitMsOf(placeOf(binding, batch), errors);
    if (waitMs !== undefined) {
      this.parts.log.warn(
        { ...this.facts(binding, first.messages[0]!.message), waitMs, keys: failing.size },
        'all fail alike, partition waits',
      );
      await this.parts.timers.sleep(waitMs, batch.signal);
      if (batch.signal.aborted) throw new Interrupted('the partition is being taken away');
      throw first.error;
    }
    for (const [key, { error, messages }] of failing) {
      await this.hold(binding, messages[0]!, error);
      this.keys.hold(batch, key);
      await this.parkBehind(binding, messages.slice(1));
    }
  }

  /** A message that fails for no reason that has a name holds its key, and is tried again. */
  private hold(binding: Binding, one: Decoded, error: unknown): Promise<void> {
    const now = this.parts.clock.now();
    const attempts = this.parts.retry.attemptsMax;
    const retryAt = nextRetryOf({ parkedAt: now, attempts: 0 }, now) ?? now;
    return this.park(binding, one, { error, attempts, retryAt });
  }

  /** In their order, behind what holds their key. */
  private async parkBehind(binding: Binding, behind: readonly Decoded[]): Promise<void> {
    const error = new DomainError('KEY_HELD', 'conflict', {
      why: 'an earlier message of this key waits',
      remedy: 'replay that one first',
    });
    for (const one of behind)
      await this.park(binding, one, {
        error: 'error' in one ? one.error : error,
        attempts: 0,
        retryAt: this.parts.clock.now(),
      });
  }

  /**
   * False when the batch must be redone message by message; a batch of one goes there straight
   * away.
   */
  private async together(
    binding: Binding,
    decoded: readonly Decoded[],
    batch: Batch,
  ): Promise<boolean> {
    if (decoded.length <= 1) return decoded.length === 0;
    try {
      await processingBatch(binding, batch.messages, () =>
        binding.batch
          ? this.wholeBatch(binding, decoded, batch.signal)
          : this.wholeTransaction(binding, decoded),
      );
      return true;
    } catch (error) {
      this.parts.log.warn(
        {
          group: binding.group,
          topic: batch.topic,
          partition: batch.partition,
          countMessages: decoded.length,
          ...reasonOf(error),
        },
        'batch failed, retrying message by message',
      );
      return false;
    }
  }

  private wholeTransaction(binding: Binding, decoded: readonly Decoded[]): Promise<void> {
    return binding.store.transact(async (transaction) => {
      for (const one of decoded) await this.inTransaction(transaction, binding, one);
    });
  }

  private async wholeBatch(
    binding: Binding,
    decoded: readonly Decoded[],
    signal: AbortSignal,
  ): Promise<void> {
    const events: AnyEvent[] = [];
    const messages: ReceivedMessage[] = [];
    for (const one of decoded) {
      if ('event' in one) {
        events.push(one.event);
        messages.push(one.message);
      } else await this.park(binding, one, { error: one.error, attempts: 1 });
    }
    if (events.length > 0)
      await processingEach(binding, { messages, events }, (traceable) =>
        binding.call(traceable, { messages, signal }),
      );
  }

  private async inTransaction(
    transaction: Transaction,
    binding: Binding,
    one: Decoded,
  ): Promise<void> {
    const { group } = binding;
    if ('error' in one) {
      await this.parkIn(transaction, binding, one, { error: one.error, attempts: 1 });
    } else {
      await processing(binding, one.message, () =>
        handleOnce(transaction, group, one.event, (marking) =>
          binding.call(carried(one.event), { transaction: traced(marking) }),
        ),
      );
    }
  }

  /** Throws what is away. */
  private async alone(
    binding: Binding,
    one: Decoded,
    { signal, attemptsMax }: { readonly signal: AbortSignal; readonly attemptsMax: number },
  ): Promise<Outcome> {
    for (let attempt = 1; ; attempt += 1) {
      if (signal.aborted) throw new Interrupted('the partition is being taken away');
      try {
        await this.once(binding, one, signal);
        return 'error' in one ? 'parked' : 'handled';
      } catch (error) {
        // The bus delivers it again, in its own time and for as long as it takes.
        if (isAway(error) && attempt >= attemptsMax) throw error;
        if (isFinal(error)) {
          await this.park(binding, one, { error, attempts: attempt });
          return 'parked';
        }
        if (attempt >= attemptsMax) return { error };
        this.parts.log.warn(
          { ...this.facts(binding, one.message), attempt, attemptsMax, ...reasonOf(error) },
          'message failed, retrying',
        );
        await this.parts.timers.sleep(this.delayMs(attempt), signal);
      }
    }
  }

  private once(binding: Binding, one: Decoded, signal: AbortSignal): Promise<unknown> {
    if ('error' in one) return this.park(binding, one, { error: one.error, attempts: 1 });
    if (binding.batch)
      return processing(binding, one.message, () =>
        binding.call([carried(one.event)], { messages: [one.message], signal }),
      );
    return binding.store.transact((transaction) => this.inTransaction(transaction, binding, one));
  }

  private park(binding: Binding, one: Decoded, why: Why): Promise<void> {
    return binding.store.transact(async (transaction) => {
      // A batch handler recognises repetitions by itself, in the same inbox even: a mark of ours
      // would make the replay pass for one. Of a conflict the mark is that of the other message.
      const isNew =
        !('event' in one) ||
        binding.batch ||
        isConflict(why.error) ||
        (await transaction.markHandled(binding.group, one.event.id, contentOf(one.event)));
      if (isNew) await this.parkIn(transaction, binding, one, why);
    });
  }

  private async parkIn(
    transaction: Transaction,
    binding: Binding,
    one: Decoded,
    why: Why,
  ): Promise<void> {
    const isNew = await park(transaction, this.parts.clock, {
      group: binding.group,
      decoded: one,
      ...why,
    });
    if (isNew)
      this.parts.log.error(
        {
          ...this.facts(binding, one.message),
          attempts: why.attempts,
          holdsKey: why.retryAt !== undefined,
          ...reasonOf(why.error),
        },
        'message parked',
      );
  }

  /** Exponential, with jitter over its upper half. */
  private delayMs(attempt: number): number {
    const { firstDelayMs, delayMaxMs } = this.parts.retry;
    return (
      Math.min(firstDelayMs * 2 ** (attempt - 1), delayMaxMs) * (0.5 + this.parts.random() / 2)
    );
  }

  private facts(binding: Binding, message: ReceivedMessage): object {
    const traceId = traceIdOf(message);
    return {
      group: binding.group,
      topic: message.topic,
      partition: message.partition,
      offset: String(message.offset),
      ...(traceId && { trace_id: traceId }),
    };
  }
}
