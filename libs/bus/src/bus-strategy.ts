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
  /** The institutions that have a topic of their own now; none by default. */
  readonly hospitals?: () => readonly string[];
  readonly logger?: Log;
  /** Default: 5 attempts, 100 ms doubling up to 5 s. */
  readonly retry?: Partial<RetryLimits>;
  readonly random?: () => number;
}

const RETRY: RetryLimits = { attemptsMax: 5, firstDelayMs: 100, delayMaxMs: 5000 };

/** A member of a group, and what it reads. */
interface Running {
  readonly consumer: Consumer;
  readonly topics: readonly string[];
}

/**
 * Consumer groups as a Nest transport: each group of `@Consumes` methods becomes one member on the
 * bus. A group of hospitals' own topics joins again where another has come.
 */
export class BusStrategy extends Server implements CustomTransportStrategy {
  private readonly work: PartitionWork;
  private readonly running = new Map<string, Running>();
  /** All that were there once: what is left in a topic is read when its last key has gone, too. */
  private readonly hospitals = new Set<string>();
  private isClosed = false;

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
    this.isClosed = true;
    const running = [...this.running.values()];
    this.running.clear();
    await Promise.all(running.map(({ consumer }) => consumer.stop()));
  }

  /** Groups of a service, also those that read nothing yet. */
  groups(service: string): readonly string[] {
    const groups = this.handling().map(({ group }) => group);
    return [...new Set(groups)].filter((group) => serviceOf(group) === service);
  }

  /** What a group reads now. */
  topicsOf(group: string): readonly string[] {
    return this.consumers().find((one) => one.group === group)?.topics ?? [];
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

  /** Makes what is consumed, where it is not there. */
  async declare(): Promise<void> {
    this.noteHospitals();
    const topics = new Map(this.bindings().map(({ topic }) => [topic.name, topic]));
    await this.options.bus.declare(
      [...topics.values()].map(({ name, partitions, retentionMs }) => ({
        name,
        partitions,
        retentionMs,
      })),
    );
  }

  /** Groups whose topics have become more read those too. Returns 0, as a job that is done. */
  async takeOver(): Promise<number> {
    this.noteHospitals();
    for (const { group, topics } of this.consumers()) {
      const running = this.running.get(group);
      if (running?.topics.length === topics.length) continue;
      await this.declare();
      await running?.consumer.stop();
      this.running.delete(group);
      await this.join(group);
    }
    return 0;
  }

  private noteHospitals(): void {
    for (const one of this.options.hospitals?.() ?? []) this.hospitals.add(one);
  }

  private async start(): Promise<void> {
    this.isClosed = false;
    await this.declare();
    for (const { group } of this.consumers()) await this.join(group);
  }

  private async join(group: string): Promise<void> {
    const bindings = this.bindings().filter((one) => one.group === group);
    const byTopic = new Map(bindings.map((one) => [one.topic.name, one]));
    const [{ rest } = {}, ...others] = bindings;
    assert(
      others.every((other) => other.rest === rest),
      `group ${group} has one rest`,
    );
    const topics = [...byTopic.keys()];
    const consumer = await this.options.bus.consume(
      { group, topics, ...(rest && { rest }) },
      (batch) => this.work.handle(byTopic.get(batch.topic)!, batch),
    );
    if (this.isClosed) return consumer.stop();
    this.running.set(group, { consumer, topics });
  }

  private handling(): ConsumesOptions[] {
    return [...this.messageHandlers.values()].flatMap(
      ({ extras }) => (extras?.['consumes'] as ConsumesOptions | undefined) ?? [],
    );
  }

  private bindings(): Binding[] {
    return [...this.messageHandlers.values()]
      .filter((handler) => handler.extras?.['consumes'])
      .flatMap((handler) => this.bind(handler));
  }

  /** Once, or once for each hospital. */
  private bind(handler: MessageHandler): Binding[] {
    const {
      from,
      each,
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
    const topics = each ? [...this.hospitals].map(each) : [from];
    return topics.map((topic) => ({
      group,
      topic,
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
    }));
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
