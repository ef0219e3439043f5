import type { Outages, Timers } from '@caretab/kernel';
import type { Assignment } from 'kafkajs';
import {
  type BatchHandler,
  type ConsumeOptions,
  type CrashableConsumer,
  type Log,
  reasonOf,
} from '@caretab/bus';
import { type KafkaConnection, kafkaClient, Sockets } from './kafka-client';
import { rightsRefused } from './kafka-refused';
import { KafkaSession } from './kafka-session';

export interface KafkaConsumerParts {
  readonly connection: KafkaConnection;
  readonly options: ConsumeOptions;
  readonly handle: BatchHandler;
  readonly timers: Timers;
  readonly log: Log;
  readonly connections: Outages;
  readonly deliveries: Outages;
  readonly sessionMs: number;
  readonly heartbeatMs: number;
  readonly rebalanceMs: number;
  readonly longPollMs: number;
  readonly sideBySideMax: number;
  readonly onEnd: () => void;
}

const PAUSE_FIRST_MS = 100;
const PAUSE_MAX_MS = 3000;
/** A session that lived so long was a good one: its end is a new trouble. */
const SOUND_MS = 10_000;
/** One cause for all consumers of a process. */
const KAFKA = 'Kafka';

/**
 * A long-lived member of a consumer group: when its session breaks (brokers down, coordinator
 * lost), it joins again, without limit.
 */
export class KafkaConsumer implements CrashableConsumer {
  private readonly sockets = new Sockets();
  private readonly stopping = new AbortController();
  private session: KafkaSession | undefined;
  private living: Promise<void> = Promise.resolve();
  private owned: Assignment = {};

  constructor(private readonly parts: KafkaConsumerParts) {}

  start(): void {
    this.living = this.live();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.living;
    this.parts.onEnd();
  }

  crash(): void {
    this.session?.die();
    this.sockets.cut();
    this.stopping.abort();
  }

  private async live(): Promise<void> {
    const { timers, connections, options, connection } = this.parts;
    const on = `the group ${options.group} or ${options.topics.join(', ')}`;
    for (let failures = 0; !this.stopping.signal.aborted; failures += 1) {
      const startedAt = performance.now();
      const trouble = await this.once();
      if (!trouble || this.stopping.signal.aborted) return connections.left(this);
      if (performance.now() - startedAt > SOUND_MS) failures = 0;
      // The first is often only a coordinator that moves or has not yet started.
      const lacks = rightsRefused(trouble, connection.sasl, on);
      const lacking = lacks && { reason: lacks.message };
      if (failures > 0)
        connections.failed(this, { group: options.group, ...reasonOf(trouble), ...lacking }, KAFKA);
      await timers.sleep(
        Math.min(PAUSE_FIRST_MS * 2 ** Math.min(failures, 10), PAUSE_MAX_MS),
        this.stopping.signal,
      );
    }
  }

  /** One session; resolves with what broke it, or with nothing after a stop. */
  private async once(): Promise<Error | undefined> {
    const { connection, log, connections, onEnd: _onEnd, ...rest } = this.parts;
    const session = new KafkaSession({
      ...rest,
      log,
      owned: this.owned,
      kafka: kafkaClient(connection, log, this.sockets),
    });
    this.session = session;
    const { signal } = this.stopping;
    let stop = (): void => undefined;
    const stopped = new Promise<void>((resolve) => {
      // Without the event that it is called with: a stop is no trouble.
      stop = () => resolve();
      if (signal.aborted) resolve();
      signal.addEventListener('abort', stop, { once: true });
    });
    const trouble = await session.start().then(
      () => {
        connections.worked(this);
        return Promise.race([session.broken, stopped]);
      },
      (error: Error) => error,
    );
    // An outage has many sessions, and the signal lives as long as the consumer.
    signal.removeEventListener('abort', stop);
    await session.end({ isBroken: trouble !== undefined });
    this.owned = session.owned;
    return trouble ?? undefined;
  }
}
