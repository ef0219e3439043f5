import { AsyncLocalStorage } from 'node:async_hooks';
import { Outages, systemTimers, type Timers } from '@caretab/kernel';
import type { Admin, Kafka } from 'kafkajs';
import {
  type BatchHandler,
  type Bus,
  type Committed,
  type ConsumeOptions,
  type CrashableConsumer,
  type Log,
  type Message,
  type ReceivedMessage,
  silentLog,
  type TopicDeclaration,
} from '@caretab/bus';
import { isPassing, kafkaClient, type KafkaConnection } from './kafka-client';
import { KafkaConsumer } from './kafka-consumer';
import { KafkaLag, positionsOf } from './kafka-lag';
import { kafkaRefused, rightsRefused } from './kafka-refused';
import { readKept } from './kafka-read-kept';
import { KafkaTopics } from './kafka-topics';
import { KafkaWriter } from './kafka-writer';

export interface KafkaBusOptions extends KafkaConnection {
  readonly logger?: Log;
  readonly timers?: Timers;
  /** Copies of a new topic's partitions; by default 3, or as many as there are brokers. */
  readonly replicationFactor?: number;
  /**
   * A member that is silent for so long is replaced. Brokers allow 6 s or more unless configured.
   */
  readonly sessionMs?: number;
  /** How soon a member notices that the group changes. */
  readonly heartbeatMs?: number;
  /** How long a rebalance waits for batches at work. */
  readonly rebalanceMs?: number;
  /**
   * How long the broker holds a fetch that finds nothing; a message that comes meanwhile ends it at
   * once.
   */
  readonly longPollMs?: number;
  /** Partitions a member works side by side. */
  readonly sideBySideMax?: number;
  /** Least time between two readings of lags. */
  readonly lagRestMs?: number;
}

const DEFAULTS = {
  sessionMs: 10_000,
  heartbeatMs: 500,
  rebalanceMs: 30_000,
  longPollMs: 250,
  sideBySideMax: 4,
  lagRestMs: 20,
};

const PASSING_MS = 200;
const PASSING_TIMEOUT_MS = 10_000;
/** What is unanswered then was asked on lines that died without a word; kafkajs would ask on for minutes. */
const QUESTION_MS = 60_000;

/**
 * The bus on Apache Kafka. `send` is idempotent and acknowledged by all in-sync replicas; offsets
 * are committed after the handler's effect. When brokers are down, members retry joining without
 * limit, and `send` rejects after its timeout, for its caller to retry.
 */
export class KafkaBus implements Bus {
  readonly system = 'kafka';
  private readonly options: KafkaBusOptions & typeof DEFAULTS;
  private readonly log: Log;
  private readonly connections: Outages;
  private readonly deliveries: Outages;
  private readonly timers: Timers;
  private readonly kafka: Kafka;
  private readonly topics: KafkaTopics;
  private readonly writer: KafkaWriter;
  private readonly lags: KafkaLag;
  private readonly consumers = new Set<KafkaConsumer>();
  private admin: Promise<Admin> | undefined;
  /** A consumer lives on its own, whatever asked for it. */
  private readonly outside = AsyncLocalStorage.snapshot();

  constructor(options: KafkaBusOptions) {
    this.options = { ...DEFAULTS, ...options };
    this.log = options.logger ?? silentLog;
    this.connections = new Outages(this.log, { what: 'Kafka consumer', fails: 'disconnected' });
    this.deliveries = new Outages(this.log, { what: 'delivery of a batch' });
    this.timers = options.timers ?? systemTimers;
    this.kafka = kafkaClient(options, this.log);
    const withAdmin = <Result>(work: (admin: Admin) => Promise<Result>): Promise<Result> =>
      this.withAdmin(work);
    this.topics = new KafkaTopics(withAdmin, this.log, this.timers, options.replicationFactor);
    this.writer = new KafkaWriter(this.kafka, this.log, options.sasl);
    this.lags = new KafkaLag(withAdmin, this.timers, this.options.lagRestMs);
  }

  /**
   * Creates what is missing and compares what is there; rejects when a topic has another number of
   * partitions.
   */
  declare(topics: readonly TopicDeclaration[]): Promise<void> {
    return this.topics.declare(topics).catch((error: unknown) => {
      throw kafkaRefused(error, this.options.sasl);
    });
  }

  async send(topic: string, messages: readonly Message[]): Promise<void> {
    await this.topics.require([topic]);
    if (messages.length > 0) await this.writer.send(topic, messages);
  }

  /** Resolves when the topics are there and the member is on its way into the group. */
  async consume(options: ConsumeOptions, handle: BatchHandler): Promise<CrashableConsumer> {
    await this.topics.require(options.topics);
    const {
      brokers,
      clientId,
      ssl,
      sasl,
      requestMs,
      sessionMs,
      heartbeatMs,
      rebalanceMs,
      longPollMs,
      sideBySideMax,
    } = this.options;
    const consumer = new KafkaConsumer({
      connection: {
        brokers,
        clientId,
        ...(ssl === undefined ? {} : { ssl }),
        ...(sasl === undefined ? {} : { sasl }),
        ...(requestMs === undefined ? {} : { requestMs }),
      },
      options,
      handle,
      timers: this.timers,
      log: this.log,
      connections: this.connections,
      deliveries: this.deliveries,
      sessionMs,
      heartbeatMs,
      rebalanceMs,
      longPollMs,
      sideBySideMax,
      onEnd: () => this.consumers.delete(consumer),
    });
    this.consumers.add(consumer);
    this.outside(() => consumer.start());
    return consumer;
  }

  lag(group: string, topics: readonly string[]): Promise<number> {
    return this.lags.of(group, topics);
  }

  committed(group: string, topics: readonly string[]): Promise<readonly Committed[]> {
    return this.withAdmin((admin) => positionsOf(admin, group, topics)).catch((error: unknown) => {
      const on = `the group ${group} or ${topics.join(', ')}`;
      throw rightsRefused(error, this.options.sasl, on) ?? error;
    });
  }

  async read(
    { topic, name }: { readonly topic: string; readonly name: string },
    handle: (messages: readonly ReceivedMessage[]) => Promise<void>,
  ): Promise<void> {
    await this.topics.require([topic]);
    const ends = await this.withAdmin((admin) => admin.fetchTopicOffsets(topic));
    await readKept(this.kafka, { topic, name, ends }, handle);
  }

  async close(): Promise<void> {
    await Promise.all([...this.consumers].map((consumer) => consumer.stop()));
    await this.writer.close();
    await this.admin?.then((admin) => admin.disconnect()).catch(() => undefined);
    this.admin = undefined;
  }

  /**
   * Asks again what a broker cannot answer yet: leaders move, and a young cluster has no
   * coordinators. All that is asked may be repeated.
   */
  private async withAdmin<Result>(work: (admin: Admin) => Promise<Result>): Promise<Result> {
    for (let waitedMs = 0; ; waitedMs += PASSING_MS) {
      try {
        return await this.once(work);
      } catch (error) {
        if (!isPassing(error) || waitedMs >= PASSING_TIMEOUT_MS) throw error;
        await this.timers.sleep(PASSING_MS);
      }
    }
  }

  /** One connection for questions; a new one after a failure. */
  private async once<Result>(work: (admin: Admin) => Promise<Result>): Promise<Result> {
    this.admin ??= this.connectAdmin();
    const current = this.admin;
    const over = new AbortController();
    try {
      return await Promise.race([current.then(work), this.silence(over.signal)]);
    } catch (error) {
      if (this.admin === current) this.admin = undefined;
      // It may not answer this either.
      void current.then((admin) => admin.disconnect()).catch(() => undefined);
      throw error;
    } finally {
      over.abort();
    }
  }

  /** Rejects after its time, unless the signal comes first. */
  private async silence(over: AbortSignal): Promise<never> {
    await this.timers.sleep(QUESTION_MS, over);
    if (over.aborted) return new Promise<never>(() => undefined);
    throw new Error(`Kafka left a question unanswered for ${QUESTION_MS} ms`);
  }

  private async connectAdmin(): Promise<Admin> {
    const admin = this.kafka.admin();
    await admin.connect();
    // kafkajs knows no broker to ask for a group before it has seen the cluster's metadata once.
    await admin.listTopics();
    return admin;
  }
}
