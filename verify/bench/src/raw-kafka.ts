import { setTimeout as sleep } from 'node:timers/promises';
import type { Message } from '@caretab/bus';
import { Kafka, logLevel } from 'kafkajs';

const TOPIC = 'bench.raw';
const BATCH = 500;
/** Batches under way at once: the producer never waits for one answer. */
const IN_FLIGHT = 2;
const JOIN_TIMEOUT_MS = 30_000;

/**
 * Messages per second that one client produces and, at the same time, consumes: the bytes of
 * charges, acks=all, an idempotent producer, and nothing else to do. The topic is made and removed.
 */
export const rawKafka = async (
  brokers: readonly string[],
  charges: readonly Message[],
  partitions: number,
  forMs: number,
): Promise<number> => {
  const kafka = new Kafka({
    brokers: [...brokers],
    clientId: 'bench-raw',
    logLevel: logLevel.NOTHING,
  });
  const admin = kafka.admin();
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: IN_FLIGHT,
    allowAutoTopicCreation: false,
  });
  const consumer = kafka.consumer({
    groupId: `bench-raw-${process.pid}`,
    allowAutoTopicCreation: false,
  });
  await admin.connect();
  try {
    await admin.createTopics({
      topics: [{ topic: TOPIC, numPartitions: partitions }],
      waitForLeaders: true,
    });
    await Promise.all([producer.connect(), consumer.connect()]);
    await consumer.subscribe({ topic: TOPIC, fromBeginning: true });
    let consumed = 0;
    const joined = new Promise<void>((resolve, reject) => {
      consumer.on(consumer.events.GROUP_JOIN, () => resolve());
      setTimeout(
        () => reject(new Error('the raw consumer does not join its group')),
        JOIN_TIMEOUT_MS,
      ).unref();
    });
    await consumer.run({
      eachBatch: ({ batch }) => Promise.resolve(void (consumed += batch.messages.length)),
    });
    await joined;
    let produced = 0;
    const produce = async (untilMs: number): Promise<void> => {
      while (performance.now() < untilMs) {
        const messages = Array.from(
          { length: BATCH },
          (_, index) => charges[(produced + index) % charges.length]!,
        );
        produced += BATCH;
        await producer.send({
          topic: TOPIC,
          acks: -1,
          messages: messages.map(({ key, value, headers }) => ({
            key,
            value,
            headers: { ...headers },
          })),
        });
        // Produced and consumed: what is read later than it is written does not count.
        while (produced - consumed > 20 * BATCH && performance.now() < untilMs) await sleep(1);
      }
    };
    const round = (untilMs: number): Promise<unknown> =>
      Promise.all(Array.from({ length: IN_FLIGHT }, () => produce(untilMs)));
    await round(performance.now() + forMs / 2); // Warm-up, cut off.
    const [before, startedAtMs] = [consumed, performance.now()];
    await round(startedAtMs + forMs);
    return ((consumed - before) * 1000) / (performance.now() - startedAtMs);
  } finally {
    await Promise.allSettled([consumer.disconnect(), producer.disconnect()]);
    await admin.deleteTopics({ topics: [TOPIC] }).catch(() => undefined);
    await admin.disconnect();
  }
};
