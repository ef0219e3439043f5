import type { ReceivedMessage } from '@caretab/bus';
import { systemIds } from '@caretab/kernel';
import type { Kafka } from 'kafkajs';
import { receivedOf } from './kafka-message';

export interface KeptTopic {
  readonly topic: string;
  /** What the names of its groups begin with: kafkajs reads as a member of one, and commits nothing. */
  readonly name: string;
  readonly ends: readonly {
    readonly partition: number;
    readonly low: string;
    readonly high: string;
  }[];
}

/** Reads what a topic holds, each partition up to its end as it was at the beginning. */
export const readKept = async (
  kafka: Kafka,
  { topic, name, ends }: KeptTopic,
  handle: (messages: readonly ReceivedMessage[]) => Promise<void>,
): Promise<void> => {
  const left = new Map(
    ends
      .filter(({ low, high }) => BigInt(low) < BigInt(high))
      .map(({ partition, high }) => [partition, BigInt(high)]),
  );
  if (left.size === 0) return;
  const consumer = kafka.consumer({
    groupId: `${name}.${systemIds.next()}`,
    allowAutoTopicCreation: false,
    retry: { retries: 8, restartOnFailure: async () => false },
  });
  const { promise: over, resolve, reject } = deferred();
  consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch, heartbeat }) => {
        const end = left.get(batch.partition);
        if (end === undefined) return;
        const messages = batch.messages
          .filter(({ offset }) => BigInt(offset) < end)
          .map((message) => receivedOf(topic, batch.partition, message));
        await handle(messages).catch(reject);
        await heartbeat();
        if (BigInt(batch.lastOffset()) + 1n >= end) left.delete(batch.partition);
        if (left.size === 0) resolve();
      },
    });
    await over;
  } finally {
    await consumer.disconnect().catch(() => undefined);
  }
};

const deferred = () => {
  let resolve!: () => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<void>((...both) => ([resolve, reject] = both));
  // The reader that waits for it sees its rejection.
  promise.catch(() => undefined);
  return { promise, resolve, reject };
};
