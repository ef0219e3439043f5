import { isStorable } from '@caretab/contracts';
import type { Batch, Binding, WorkParts } from './binding';
import type { ReceivedMessage } from './bus';
import type { Handled } from '@caretab/store';
import { Outages } from '@caretab/kernel';
import { handleTogether } from './handle-together';
import { HeldKeys } from './held-keys';
import { type AnyEvent, type Decoded, decode, isAway, reasonOf, whyOf } from './parking';
import { Interrupted, SingleMessage } from './single-message';
import { ALIKE_KEYS, placeName, placeOf, Suspicions, type WaitingPartition } from './suspicions';
import { processingBatch, processingEach } from './tracing';

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
 * - what may still come by another topic (`awaited`): as below, at the first try;
 * - anything else: held with all that follows of its key, in order, and retried by itself; other
 *   keys go on. Where several keys fail alike and none succeeds, it is taken for an outage.
 * Rejects for an outage, or when interrupted: the bus delivers the batch again.
 */
export class PartitionWork {
  private readonly keys = new HeldKeys();
  private readonly suspicions = new Suspicions();
  private readonly outages: Outages;

  private readonly single: SingleMessage;

  constructor(private readonly parts: WorkParts) {
    this.single = new SingleMessage(parts);
    this.outages = new Outages(parts.log, { what: 'messages', fails: 'all fail alike' });
  }

  /** What partitions wait for now, in words: for `/health`. */
  waiting(service: string): readonly WaitingPartition[] {
    return this.suspicions.waiting(service);
  }

  async handle(binding: Binding, batch: Batch): Promise<void> {
    const place = placeOf(binding, batch);
    try {
      await this.work(binding, batch);
      this.suspicions.end(place);
      this.outages.worked(placeName(place));
    } catch (error) {
      if (error instanceof Interrupted) this.outages.left(placeName(place));
      else this.suspicions.wait(place, whyOf(error), this.parts.clock.now());
      throw error;
    }
  }

  private async work(binding: Binding, batch: Batch): Promise<void> {
    const decoded = batch.messages
      .filter((message) => isWanted(binding, message))
      .map((message) => decode(binding.topic, message, this.parts.authors));
    const held = await this.keys.among(binding, batch);
    const free = held.size === 0 ? decoded : decoded.filter((one) => !held.has(one.message.key));
    if (free.length < decoded.length)
      await this.single.parkBehind(
        binding,
        decoded.filter((one) => held.has(one.message.key)),
      );
    const done = await this.together(binding, free, batch);
    if (done === 'not') {
      await this.eachAlone(binding, free, batch);
      await this.prepareForAll(binding, batch);
    } else this.suspicions.succeeded(binding.group);
    const handled = handledOf(binding, batch);
    // Before the bus commits: what it counts as handled is never ahead of what the database does.
    if (handled && done !== 'with its position')
      await binding.store.advance(handled.group, handled.topic, handled.range);
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
      // Where several fail alike, one try of each other shows whether any succeeds.
      const attemptsMax =
        failing.size < ALIKE_KEYS || handled > 0 ? this.parts.retry.attemptsMax : 1;
      const outcome = await this.single.alone(binding, one, { signal: batch.signal, attemptsMax });
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
      const facts = this.single.facts(binding, first.messages[0]!.message);
      this.outages.failed(placeName(placeOf(binding, batch)), {
        ...{ ...facts, waitMs, keys: failing.size },
        ...reasonOf(first.error),
      });
      await this.parts.timers.sleep(waitMs, batch.signal);
      if (batch.signal.aborted) throw new Interrupted('the partition is being taken away');
      throw first.error;
    }
    for (const [key, { error, messages }] of failing) {
      await this.single.hold(binding, messages[0]!, error);
      this.keys.hold(batch, key);
      await this.single.parkBehind(binding, messages.slice(1));
    }
  }

  /** Messages that were handled alone were prepared for alone; those of other types were not. */
  private async prepareForAll(binding: Binding, batch: Batch): Promise<void> {
    const { store, prepare, preparesForKeys } = binding;
    if (!prepare || !preparesForKeys) return;
    const keys = this.keysOf(binding, batch);
    await store.transact((transaction) => prepare([], { transaction, keys }));
  }

  /**
   * Messages whose type is not handled are not read, and may have any key. What is done for a key
   * alone is done for those that an author of the topic wrote.
   */
  private keysOf({ topic, preparesForKeys }: Binding, { messages }: Batch): string[] {
    const { authors } = this.parts;
    const counts = (message: ReceivedMessage): boolean =>
      isStorable(message.key) && (!preparesForKeys || isByAuthor(authors, topic, message));
    return [...new Set(messages.filter(counts).map(({ key }) => key))];
  }

  /**
   * `not` when the batch must be redone message by message; a batch of one goes there straight away.
   */
  private async together(
    binding: Binding,
    decoded: readonly Decoded[],
    batch: Batch,
  ): Promise<'not' | 'done' | 'with its position'> {
    if (decoded.length === 0 && !binding.preparesForKeys) return 'done';
    if (decoded.length === 1 && !binding.prepare) return 'not';
    try {
      await processingBatch(binding, batch.messages, () =>
        binding.batch
          ? this.wholeBatch(binding, decoded, batch.signal)
          : this.wholeTransaction(binding, decoded, batch),
      );
      return binding.batch ? 'done' : 'with its position';
    } catch (error) {
      // What is away is reported by the bus, which delivers the batch again.
      if (!isAway(error))
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
      return 'not';
    }
  }

  private wholeTransaction(
    binding: Binding,
    decoded: readonly Decoded[],
    batch: Batch,
  ): Promise<void> {
    const keys = this.keysOf(binding, batch);
    return binding.store.transact(
      (transaction) => handleTogether(transaction, binding, { decoded, keys, single: this.single }),
      { handles: handledOf(binding, batch) },
    );
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
      } else await this.single.parkUnreadable(binding, one, one.error);
    }
    if (events.length > 0)
      await processingEach(binding, { messages, events }, (traceable) =>
        binding.call(traceable, { messages, signal }),
      );
  }
}

const handledOf = ({ group }: Binding, batch: Batch): Handled | undefined => {
  const [first, last] = [batch.messages[0], batch.messages.at(-1)];
  if (!first || !last) return undefined;
  const range = {
    partition: batch.partition,
    from: Number(first.offset),
    next: Number(last.offset) + 1,
  };
  return { group, topic: batch.topic, range };
};

/** What is ignored is not read; what has no type of the topic is refused. */
const isWanted = ({ ignored }: Binding, { headers }: ReceivedMessage): boolean =>
  !ignored?.has(headers['ce_type'] ?? '');

const isByAuthor = (
  authors: WorkParts['authors'],
  topic: Binding['topic'],
  message: ReceivedMessage,
): boolean => {
  try {
    authors.verify(topic, message);
    return true;
  } catch {
    return false;
  }
};
