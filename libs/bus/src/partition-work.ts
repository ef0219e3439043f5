import type { Topic } from '@caretab/contracts';
import type { Clock, Timers } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import type { BatchHandler, ReceivedMessage } from './bus';
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
  reasonOf,
} from './parking';
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

/**
 * The partition is being taken away or the member is stopping: what is not done is delivered again,
 * here or elsewhere.
 */
class Interrupted extends Error {}

/**
 * Works one batch of one partition: all of it in one transaction; when that fails, message by
 * message, each retried within bounds and then parked. Once a message of a key is parked, later
 * messages of that key go on. Rejects only when nothing could be written (a store is down) or when
 * interrupted.
 */
export class PartitionWork {
  constructor(private readonly parts: WorkParts) {}

  async handle(binding: Binding, batch: Batch): Promise<void> {
    const decoded = batch.messages.map((message) => decode(binding.topic, message));
    if (!(await this.together(binding, decoded, batch)))
      for (const one of decoded) await this.alone(binding, one, batch.signal);
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
   * False when the batch must be redone message by message; a batch of one goes there straight
   * away.
   */
  private async together(
    binding: Binding,
    decoded: readonly Decoded[],
    batch: Batch,
  ): Promise<boolean> {
    if (decoded.length === 1) return false;
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
      } else await this.park(binding, one, one.error, 1);
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
      await this.parkIn(transaction, binding, one, one.error, 1);
    } else {
      await processing(binding, one.message, () =>
        handleOnce(transaction, group, one.event, (marking) =>
          binding.call(carried(one.event), { transaction: traced(marking) }),
        ),
      );
    }
  }

  private async alone(binding: Binding, one: Decoded, signal: AbortSignal): Promise<void> {
    const { attemptsMax } = this.parts.retry;
    for (let attempt = 1; ; attempt += 1) {
      if (signal.aborted) throw new Interrupted('the partition is being taken away');
      try {
        await this.once(binding, one, signal);
        return;
      } catch (error) {
        // The bus delivers it again, in its own time and for as long as it takes.
        if (isAway(error) && attempt >= attemptsMax) throw error;
        if (isFinal(error) || attempt >= attemptsMax)
          return this.park(binding, one, error, attempt);
        this.parts.log.warn(
          { ...this.facts(binding, one.message), attempt, attemptsMax, ...reasonOf(error) },
          'message failed, retrying',
        );
        await this.parts.timers.sleep(this.delayMs(attempt), signal);
      }
    }
  }

  private once(binding: Binding, one: Decoded, signal: AbortSignal): Promise<unknown> {
    if ('error' in one) return this.park(binding, one, one.error, 1);
    if (binding.batch)
      return processing(binding, one.message, () =>
        binding.call([carried(one.event)], { messages: [one.message], signal }),
      );
    return binding.store.transact((transaction) => this.inTransaction(transaction, binding, one));
  }

  private park(binding: Binding, one: Decoded, error: unknown, attempts: number): Promise<void> {
    return binding.store.transact(async (transaction) => {
      // A batch handler recognises repetitions by itself, in the same inbox even: a mark of ours
      // would make the replay pass for one. Of a conflict the mark is that of the other message.
      const isNew =
        !('event' in one) ||
        binding.batch ||
        isConflict(error) ||
        (await transaction.markHandled(binding.group, one.event.id, contentOf(one.event)));
      if (isNew) await this.parkIn(transaction, binding, one, error, attempts);
    });
  }

  private async parkIn(
    transaction: Transaction,
    binding: Binding,
    one: Decoded,
    error: unknown,
    attempts: number,
  ): Promise<void> {
    const isNew = await park(transaction, this.parts.clock, {
      group: binding.group,
      decoded: one,
      error,
      attempts,
    });
    if (isNew)
      this.parts.log.error(
        { ...this.facts(binding, one.message), attempts, ...reasonOf(error) },
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
