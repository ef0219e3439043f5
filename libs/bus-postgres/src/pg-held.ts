import type { BatchHandler, ConsumeOptions, ReceivedMessage } from '@caretab/bus';
import type { Outages, Timers } from '@caretab/kernel';
import type { Pool } from 'pg';
import type { Claim, PgMembership } from './pg-membership';

export interface PgPartition {
  readonly id: number;
  readonly topic: string;
  readonly partition: number;
}

export interface PgConsumerParts {
  readonly pool: Pool;
  readonly schema: string;
  readonly membership: PgMembership;
  readonly options: ConsumeOptions;
  readonly handle: BatchHandler;
  /** Every partition of the consumer's topics. */
  readonly partitions: readonly PgPartition[];
  readonly heartbeatMs: number;
  /** When it first looks by itself, and later less often. */
  readonly pollMs: number;
  /**
   * It rests as long as its last read took, so that what comes meanwhile is read together, and at
   * most so long. The first message after a pause does not wait.
   */
  readonly restMaxMs: number;
  /** Partitions worked at the same time. */
  readonly sideBySideMax: number;
  readonly timers: Timers;
  readonly outages: Outages;
  /** Asks the other members to rebalance. */
  announce(): void;
  onEnd(): void;
}

/** A partition while this member owns it. */
export interface Held {
  readonly place: PgPartition;
  readonly claim: Claim;
  /** Renewed when the partition, once to be given up, is this member's again. */
  abort: AbortController;
  /** The next offset to commit from. */
  position: bigint;
  /** There may be messages beyond `page`. */
  isDirty: boolean;
  page: readonly ReceivedMessage[];
  work: Promise<void> | undefined;
  failures: number;
  /** Another member is to have it; released when the batch in work is done. */
  isLeaving: boolean;
}

/** A partition that this member has just got. */
export const heldBy = (claim: Claim, place: PgPartition): Held => ({
  place,
  claim,
  abort: new AbortController(),
  position: claim.offset,
  isDirty: true,
  page: [],
  work: undefined,
  failures: 0,
  isLeaving: false,
});
