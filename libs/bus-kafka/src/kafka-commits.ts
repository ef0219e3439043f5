import type { Timers } from '@caretab/kernel';
import type { Consumer } from 'kafkajs';
import { kafkaErrorType } from './kafka-client';

interface Commit {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

interface Waiting extends Commit {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** The group has gone on without us: what was handled is delivered again, here or elsewhere. */
export class StaleMember extends Error {}

/** After any of these errors the member must join again. */
const STALE = [
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'REBALANCE_IN_PROGRESS',
  'FENCED_INSTANCE_ID',
  'NOT_COORDINATOR_FOR_GROUP',
];
const RETRY_MS = 200;
/**
 * While the partition is being taken away: the join waits for the commit, so the commit must not
 * wait for the join.
 */
const LAST_TRIES = 2;

/**
 * Commits offsets of many partitions: those that come while one request is under way go together in
 * the next.
 */
export class KafkaCommits {
  private waiting: Waiting[] = [];
  private isRunning = false;
  private isOver = false;

  constructor(
    private readonly consumer: Consumer,
    private readonly timers: Timers,
  ) {}

  /** The session is broken: nothing can be committed any more. */
  abandon(): void {
    this.isOver = true;
  }

  /**
   * Repeats what failed on the way; rejects with StaleMember when the broker refuses this member,
   * or when the partition is taken away meanwhile.
   */
  async commit(commit: Commit, leaving: AbortSignal): Promise<void> {
    for (let lastTries = 0; ;) {
      if (this.isOver || lastTries > LAST_TRIES)
        throw new StaleMember('the partition was taken away');
      try {
        return await new Promise((resolve, reject) => {
          this.waiting.push({ ...commit, resolve, reject });
          void this.run();
        });
      } catch (error) {
        if (STALE.includes(kafkaErrorType(error) ?? ''))
          throw new StaleMember('the group has a new generation', { cause: error });
        if (leaving.aborted) lastTries += 1;
        await this.timers.sleep(RETRY_MS);
      }
    }
  }

  private async run(): Promise<void> {
    if (this.isRunning) return;
    this.isRunning = true;
    while (this.waiting.length > 0) {
      await Promise.resolve();
      const round = this.waiting.splice(0);
      try {
        await this.consumer.commitOffsets(
          round.map(({ topic, partition, offset }) => ({
            topic,
            partition,
            offset: String(offset),
          })),
        );
        for (const { resolve } of round) resolve();
      } catch (error) {
        for (const { reject } of round) reject(error);
      }
    }
    this.isRunning = false;
  }
}
