import { DomainError } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import { meter } from '@caretab/telemetry';
import type { Binding, WorkParts } from './binding';
import type { ReceivedMessage } from './bus';
import { nextRetryOf } from './held-keys';
import { handleOnce } from './marked-transaction';
import {
  contentOf,
  type Decoded,
  isAwaited,
  isAway,
  isConflict,
  isFinal,
  isForged,
  park,
  type ParkOptions,
  reasonOf,
} from './parking';
import { carried, processing, traced, traceIdOf } from './tracing';

type Why = Pick<ParkOptions, 'error' | 'attempts' | 'retryAt'>;

/**
 * The partition is being taken away or the member is stopping: what is not done is delivered again,
 * here or elsewhere.
 */
export class Interrupted extends Error {}

/** What became of one message by itself. */
export type Outcome = 'handled' | 'parked' | { readonly error: unknown };

/** Counted by topic and code. */
const forged = ({ topic }: Binding, error: unknown): void =>
  meter('caretab.bus')
    .createCounter('caretab.bus.forged', {
      description: 'messages that no author of their topic wrote',
    })
    .add(1, { topic: topic.name, code: reasonOf(error).code });

/** One message by itself: retried within bounds, and parked. */
export class SingleMessage {
  constructor(private readonly parts: WorkParts) {}

  /** Throws what is away. */
  async alone(
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
        if (isAwaited(error) || attempt >= attemptsMax) return { error };
        // What is away is reported by the bus, which delivers the batch again.
        if (!isAway(error))
          this.parts.log.warn(
            { ...this.facts(binding, one.message), attempt, attemptsMax, ...reasonOf(error) },
            'message failed, retrying',
          );
        await this.parts.timers.sleep(this.delayMs(attempt), signal);
      }
    }
  }

  async inTransaction(transaction: Transaction, binding: Binding, one: Decoded): Promise<void> {
    const { group } = binding;
    if ('error' in one) {
      await this.parkIn(transaction, binding, one, { error: one.error, attempts: 1 });
    } else {
      await processing(binding, one.message, () =>
        handleOnce(transaction, group, one.event, async (marking) => {
          await binding.prepare?.([one.event], { transaction: marking, keys: [one.message.key] });
          return binding.call(carried(one.event), { transaction: traced(marking) });
        }),
      );
    }
  }

  /**
   * A message that fails for no reason that has a name, or refers to what is still to come, holds
   * its key, and is tried again.
   */
  hold(binding: Binding, one: Decoded, error: unknown): Promise<void> {
    const now = this.parts.clock.now();
    const attempts = isAwaited(error) ? 1 : this.parts.retry.attemptsMax;
    const retryAt = nextRetryOf({ parkedAt: now, attempts: 0 }, now) ?? now;
    return this.park(binding, one, { error, attempts, retryAt });
  }

  /** In their order, behind what holds their key. */
  async parkBehind(binding: Binding, behind: readonly Decoded[]): Promise<void> {
    const error = new DomainError('KEY_HELD', 'conflict', {
      why: 'an earlier message of this key waits',
      remedy: 'replay that one first',
    });
    for (const one of behind)
      await this.park(
        binding,
        one,
        // What cannot be read is refused by name, and holds nothing back.
        'error' in one
          ? { error: one.error, attempts: 1 }
          : { error, attempts: 0, retryAt: this.parts.clock.now() },
      );
  }

  /** What cannot be read: refused by its contract. */
  parkUnreadable(binding: Binding, one: Decoded, error: unknown): Promise<void> {
    return this.park(binding, one, { error, attempts: 1 });
  }

  facts(binding: Binding, message: ReceivedMessage): object {
    const traceId = traceIdOf(message);
    return {
      group: binding.group,
      topic: message.topic,
      partition: message.partition,
      offset: String(message.offset),
      ...(traceId && { trace_id: traceId }),
    };
  }

  private once(binding: Binding, one: Decoded, signal: AbortSignal): Promise<unknown> {
    if ('error' in one) return this.parkUnreadable(binding, one, one.error);
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

  /** In the transaction of the batch. */
  async parkIn(transaction: Transaction, binding: Binding, one: Decoded, why: Why): Promise<void> {
    const isNew = await park(transaction, this.parts.clock, {
      group: binding.group,
      contract: binding.topic,
      decoded: one,
      ...why,
    });
    if (isNew && isForged(why.error)) forged(binding, why.error);
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
}
