import type { Topic } from '@caretab/contracts';
import { assert, type Clock, systemChance, type Timers } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { type CustomTransportStrategy, type MessageHandler, Server } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import type { Authors } from './authors';
import type { Bus, Consumer } from './bus';
import type { ConsumesOptions, PreparesOptions } from './consumes';
import { type Log, silentLog } from './log';
import type { Binding, RetryLimits } from './binding';
import { PartitionWork } from './partition-work';
import type { WaitingPartition } from './suspicions';

export interface BusStrategyOptions {
  readonly bus: Bus;
  /** Each service's store, by service name: where its marks and parked messages are kept. */
  readonly stores: ReadonlyMap<string, Store>;
  readonly clock: Clock;
  readonly timers: Timers;
  /** By whom the messages may be. */
  readonly authors: Pick<Authors, 'verify'>;
  readonly logger?: Log;
  /** Default: 5 attempts, 100 ms doubling up to 5 s. */
  readonly retry?: Partial<RetryLimits>;
  readonly random?: () => number;
}

const RETRY: RetryLimits = { attemptsMax: 5, firstDelayMs: 100, delayMaxMs: 5000 };

/**
 * Consumer groups as a Nest transport: each group of `@Consumes` methods becomes one member on the
 * bus.
 */
export class BusStrategy extends Server implements CustomTransportStrategy {
  private readonly work: PartitionWork;
  private readonly running: Consumer[] = [];

  constructor(private readonly options: BusStrategyOptions) {
    super();
    const { clock, timers, authors, logger: log = silentLog, random = systemChance } = options;
    this.work = new PartitionWork({
      clock,
      timers,
      authors,
      log,
      random,
      retry: { ...RETRY, ...options.retry },
    });
  }

  /**
   * Nest calls this once all handlers are registered. Declares what is consumed, then joins every
   * group.
   */
  listen(callback: (error?: unknown) => void): void {
    this.start().then(() => callback(), callback);
  }

  /** Leaves every group; resolves when the batches in work are done. */
  async close(): Promise<void> {
    await Promise.all(this.running.splice(0).map((consumer) => consumer.stop()));
  }

  /** Groups with their topics; of one service, or of all. */
  consumers(
    service?: string,
  ): readonly { readonly group: string; readonly topics: readonly string[] }[] {
    const topics = new Map<string, string[]>();
    for (const { group, topic } of this.bindings())
      topics.set(group, [...(topics.get(group) ?? []), topic.name]);
    return [...topics]
      .filter(([group]) => service === undefined || serviceOf(group) === service)
      .map(([group, names]) => ({ group, topics: names }));
  }

  /** The handler of a topic for a group, or undefined when this process has none. */
  binding(group: string, topic: string): Binding | undefined {
    return this.bindings().find((one) => one.group === group && one.topic.name === topic);
  }

  /** Partitions of a service that wait for what is away, and why. */
  waiting(service: string): readonly WaitingPartition[] {
    return this.work.waiting(service);
  }

  /** There are no transport events to listen to. */
  on(): void {}

  unwrap<T>(): T {
    return this.options.bus as T;
  }

  private async start(): Promise<void> {
    const { bus } = this.options;
    const bindings = this.bindings();
    const topics = new Map<string, Topic>(bindings.map(({ topic }) => [topic.name, topic]));
    await bus.declare(
      [...topics.values()].map(({ name, partitions, retentionMs }) => ({
        name,
        partitions,
        retentionMs,
      })),
    );
    for (const { group, topics: names } of this.consumers()) {
      const byTopic = new Map(
        bindings.filter((one) => one.group === group).map((one) => [one.topic.name, one]),
      );
      const [{ rest } = {}, ...others] = byTopic.values();
      assert(
        others.every((other) => other.rest === rest),
        `group ${group} has one rest`,
      );
      this.running.push(
        await bus.consume({ group, topics: names, ...(rest && { rest }) }, (batch) =>
          this.work.handle(byTopic.get(batch.topic)!, batch),
        ),
      );
    }
  }

  private bindings(): Binding[] {
    return [...this.messageHandlers.values()]
      .filter((handler) => handler.extras?.['consumes'])
      .map((handler) => this.bind(handler));
  }

  private bind(handler: MessageHandler): Binding {
    const {
      from,
      group,
      batch = false,
      ignored = {},
      rest,
    } = handler.extras!['consumes'] as ConsumesOptions;
    assert(!handler.next, `group ${group} has one handler for ${from.name}`);
    const store = this.options.stores.get(serviceOf(group));
    const preparing = [...this.messageHandlers.values()].find(({ extras }) => {
      const prepares = preparesOf(extras);
      return prepares?.group === group && prepares.from.name === from.name;
    });
    assert(store, `the first part of group ${group} is a service with a store`);
    return {
      group,
      topic: from,
      batch,
      rest,
      system: this.options.bus.system,
      store,
      call: (payload, context) => this.call(handler, payload, context),
      ignored: new Set(Object.keys(ignored)),
      ...(preparing && {
        prepare: (events, context) => this.call(preparing, events, context),
        preparesForKeys: preparesOf(preparing.extras)!.forKeys ?? false,
      }),
    };
  }

  private call(handler: MessageHandler, payload: unknown, context: unknown): Promise<unknown> {
    return lastValueFrom(
      this.transformToObservable(handler(payload, context) as Promise<unknown>),
      { defaultValue: undefined },
    );
  }
}

const preparesOf = (extras: MessageHandler['extras']): PreparesOptions | undefined =>
  extras?.['prepares'] as PreparesOptions | undefined;

const serviceOf = (group: string): string => group.split('.', 1)[0]!;
