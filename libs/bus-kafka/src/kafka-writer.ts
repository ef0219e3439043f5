import { AsyncLocalStorage } from 'node:async_hooks';
import type { Kafka, Producer, SASLOptions, TopicMessages } from 'kafkajs';
import { Outages } from '@caretab/kernel';
import { type Log, type Message, partitionOf } from '@caretab/bus';
import { rightsRefused } from './kafka-refused';

interface Sending {
  readonly topic: string;
  readonly messages: readonly Message[];
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * What is larger than this together goes out in several requests, in order; a single message may be
 * larger, as far as its topic takes it.
 */
const REQUEST_BYTES_MAX = 768 * 1024;
/** What a record costs beside its texts, generously. */
const RECORD_BYTES = 64;

/**
 * Writes with an idempotent producer, acks=all, one request at a time: what is sent meanwhile goes
 * out together with the next request. After a failed request the producer is replaced. Its sequence
 * numbers are then in doubt, and a broker that had written the failed request would take the next
 * one for its repetition and drop it.
 */
export class KafkaWriter {
  private readonly queue: Sending[] = [];
  private writing: Promise<void> | undefined;
  private producer: Promise<Producer> | undefined;
  private readonly outages: Outages;
  /** What is written for many is no part of the trace of the one who happened to come first. */
  private readonly outside = AsyncLocalStorage.snapshot();

  constructor(
    private readonly kafka: Kafka,
    log: Log,
    private readonly sasl?: SASLOptions,
  ) {
    this.outages = new Outages(log, { what: 'Kafka publishing' });
  }

  /**
   * Resolves when all in-sync replicas have the messages. Rejects after about ten seconds without a
   * broker; repeating it is then the caller's to decide.
   */
  async send(topic: string, messages: readonly Message[]): Promise<void> {
    const parts = split(messages);
    await Promise.all(
      parts.map(
        ({ messages: part, bytes }) =>
          new Promise<void>(
            (resolve, reject) =>
              this.queue.push({ topic, messages: part, bytes, resolve, reject }) && this.wake(),
          ),
      ),
    );
  }

  /** Resolves when everything that was sent is written, and the connection is closed. */
  async close(): Promise<void> {
    while (this.writing) await this.writing;
    await this.drop();
  }

  private wake(): void {
    this.writing ??= this.outside(() => this.work()).finally(() => (this.writing = undefined));
  }

  private async work(): Promise<void> {
    // Those who send in the same turn of the event loop go out together.
    await Promise.resolve();
    while (this.queue.length > 0) await this.write(this.take());
  }

  private take(): Sending[] {
    let bytes = 0;
    let count = 0;
    for (const sending of this.queue) {
      if (count > 0 && bytes + sending.bytes > REQUEST_BYTES_MAX) break;
      bytes += sending.bytes;
      count += 1;
    }
    return this.queue.splice(0, count);
  }

  private async write(sendings: readonly Sending[]): Promise<void> {
    try {
      await this.request(sendings);
      for (const { resolve } of sendings) resolve();
    } catch (error) {
      await this.drop();
      if (sendings.length > 1 && !isAway(error)) return this.oneByOne(sendings);
      for (const { reject } of sendings) reject(error);
    }
  }

  /** One that the broker refuses must not fail the others. */
  private async oneByOne(sendings: readonly Sending[]): Promise<void> {
    for (const sending of sendings) await this.write([sending]);
  }

  private async request(sendings: readonly Sending[]): Promise<void> {
    const byTopic = new Map<string, TopicMessages>();
    for (const { topic, messages } of sendings) {
      const own = byTopic.get(topic) ?? { topic, messages: [] };
      byTopic.set(topic, own);
      for (const { key, value, headers } of messages) own.messages.push({ key, value, headers });
    }
    try {
      this.producer ??= this.connect();
      await (
        await this.producer
      ).sendBatch({ acks: -1, timeout: 30_000, topicMessages: [...byTopic.values()] });
      this.outages.worked(this);
    } catch (error) {
      const told =
        rightsRefused(error, this.sasl, [...byTopic.keys()].join(', ')) ?? (error as Error);
      this.outages.failed(this, { reason: told.name, text: told.message });
      throw told;
    }
  }

  private async connect(): Promise<Producer> {
    const producer = this.kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      metadataMaxAge: 60_000,
      createPartitioner:
        () =>
        ({ message, partitionMetadata }) =>
          partitionOf(String(message.key), partitionMetadata.length),
      retry: { retries: 12 },
    });
    await producer.connect();
    return producer;
  }

  private async drop(): Promise<void> {
    const producer = this.producer;
    this.producer = undefined;
    await producer?.then((one) => one.disconnect()).catch(() => undefined);
  }
}

/** The broker could not be reached or did not answer in time, as opposed to: it said no. */
const isAway = (error: unknown): boolean => {
  for (
    let at = error as { name?: string; cause?: unknown } | undefined, depth = 0;
    at && depth < 8;
    at = at.cause as typeof at, depth += 1
  ) {
    if (/Connection|Timeout|BrokerNotFound|NoBroker|Lock/.test(at.name ?? '')) return true;
  }
  return false;
};

const bytesOf = ({ key, value, headers }: Message): number => {
  let bytes = RECORD_BYTES + Buffer.byteLength(key) + Buffer.byteLength(value);
  for (const [name, text] of Object.entries(headers))
    bytes += name.length + Buffer.byteLength(text);
  return bytes;
};

const split = (
  messages: readonly Message[],
): { readonly messages: readonly Message[]; readonly bytes: number }[] => {
  const parts: { messages: Message[]; bytes: number }[] = [];
  for (const message of messages) {
    const bytes = bytesOf(message);
    const last = parts.at(-1);
    if (last && last.bytes + bytes <= REQUEST_BYTES_MAX) {
      last.messages.push(message);
      last.bytes += bytes;
    } else parts.push({ messages: [message], bytes });
  }
  return parts;
};
