import type { Admin } from 'kafkajs';
import type { Timers } from '@caretab/kernel';
import { type Committed, nameOf } from '@caretab/bus';

interface Question {
  readonly group: string;
  readonly topics: readonly string[];
  readonly resolve: (lag: number) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * How far groups are behind. Questions that come while one round is under way are answered together
 * by the next, so that twenty groups asked several times a second cost one reading of each topic's
 * end. An answer is never older than its question.
 */
export class KafkaLag {
  private waiting: Question[] = [];
  private isRunning = false;

  constructor(
    private readonly admin: <Result>(work: (admin: Admin) => Promise<Result>) => Promise<Result>,
    private readonly timers: Timers,
    private readonly restMs: number,
  ) {}

  of(group: string, topics: readonly string[]): Promise<number> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ group, topics, resolve, reject });
      void this.run();
    });
  }

  private async run(): Promise<void> {
    if (this.isRunning) return;
    this.isRunning = true;
    while (this.waiting.length > 0) {
      // Those who ask in the same turn of the event loop are answered together.
      await Promise.resolve();
      await this.round(this.waiting.splice(0));
      if (this.restMs > 0) await this.timers.sleep(this.restMs);
    }
    this.isRunning = false;
  }

  private async round(questions: readonly Question[]): Promise<void> {
    try {
      await this.admin(async (admin) => {
        const topicsOf = new Map<string, Set<string>>();
        for (const { group, topics } of questions)
          topicsOf.set(group, new Set([...(topicsOf.get(group) ?? []), ...topics]));
        // Committed first, ends after: what is sent in between counts as lag, and a group is never
        // called done too early.
        const committed = new Map(
          await Promise.all(
            [...topicsOf].map(
              async ([group, topics]) =>
                [group, await committedOf(admin, group, [...topics])] as const,
            ),
          ),
        );
        const names = [...new Set([...topicsOf.values()].flatMap((topics) => [...topics]))];
        const ends = new Map(
          await Promise.all(
            names.map(async (topic) => [topic, await admin.fetchTopicOffsets(topic)] as const),
          ),
        );
        for (const { group, topics, resolve } of questions) {
          let lag = 0n;
          for (const topic of topics)
            for (const { partition, low, high } of ends.get(topic)!)
              lag += behind(
                committed.get(group)!.get(nameOf({ topic, partition })),
                BigInt(low),
                BigInt(high),
              );
          resolve(Number(lag));
        }
      });
    } catch (error) {
      for (const { reject } of questions) reject(error);
    }
  }
}

/** What a group has committed, of every partition of the topics. */
export const positionsOf = async (
  admin: Admin,
  group: string,
  topics: readonly string[],
): Promise<readonly Committed[]> => {
  const committed = await committedOf(admin, group, [...topics]);
  const ends = await Promise.all(
    topics.map(async (topic) => [topic, await admin.fetchTopicOffsets(topic)] as const),
  );
  return ends.flatMap(([topic, partitions]) =>
    partitions.map(({ partition, low, high }) => {
      const first = BigInt(low);
      const known = committed.get(nameOf({ topic, partition }));
      const offset = known === undefined || known < first ? first : known;
      return { topic, partition, offset, first, end: BigInt(high) };
    }),
  );
};

/** A group that has committed nothing begins at the earliest message that is still there. */
const behind = (committed: bigint | undefined, low: bigint, high: bigint): bigint => {
  const from = committed === undefined || committed < low ? low : committed;
  return high > from ? high - from : 0n;
};

const committedOf = async (
  admin: Admin,
  groupId: string,
  topics: string[],
): Promise<ReadonlyMap<string, bigint>> => {
  const offsets = await admin.fetchOffsets({ groupId, topics });
  return new Map(
    offsets.flatMap(({ topic, partitions }) =>
      partitions
        .filter(({ offset }) => !offset.startsWith('-'))
        .map(({ partition, offset }) => [nameOf({ topic, partition }), BigInt(offset)] as const),
    ),
  );
};
