import type { Topic } from '@caretab/contracts';
import type { Clock, Rest, Timers } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import type { Authors } from './authors';
import type { BatchHandler } from './bus';
import type { Log } from './log';

/** A handler method bound to one topic for one group. */
export interface Binding {
  readonly group: string;
  readonly topic: Topic;
  readonly batch: boolean;
  /** As `ConsumeOptions`. */
  readonly rest?: Rest | undefined;
  /** The types of events that it does not handle. */
  readonly ignored?: ReadonlySet<string>;
  /** Locks and reads for a whole batch what its events will ask for. */
  readonly prepare?: ((events: unknown, context: unknown) => Promise<unknown>) | undefined;
  /** Whether it is called for a batch of which no event is handled. */
  readonly preparesForKeys?: boolean;
  /** The kind of bus, as traces name it. */
  readonly system?: string | undefined;
  readonly store: Store;
  /** Calls the controller's method through Nest; rejects with the method's own error. */
  call(payload: unknown, context: unknown): Promise<unknown>;
}

export interface RetryLimits {
  readonly attemptsMax: number;
  readonly firstDelayMs: number;
  readonly delayMaxMs: number;
}

export interface WorkParts {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  readonly retry: RetryLimits;
  readonly authors: Pick<Authors, 'verify'>;
  /** In [0, 1): spreads the retries of many members. */
  readonly random: () => number;
}

export type Batch = Parameters<BatchHandler>[0];
