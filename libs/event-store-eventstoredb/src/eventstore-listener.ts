import type { Timers } from '@caretab/kernel';
import type { EventStoreConnection } from './eventstore-connection';
import { withMetadata } from './eventstore-metadata';

const RECONNECT_MS = 500;

/**
 * Holds one subscription that is notified of every append and deletion, and of all metadata. While it
 * is broken, readers poll; only latency depends on it.
 */
export class EventStoreListener {
  private readonly stopping = new AbortController();
  private readonly ended: Promise<void>;

  constructor(
    private readonly connection: EventStoreConnection,
    private readonly namespace: string,
    private readonly timers: Timers,
    private readonly onAppended: () => void,
  ) {
    this.ended = this.run();
  }

  stop(): Promise<void> {
    this.stopping.abort();
    return this.ended;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      // Its confirmation is an answer too, and wakes the readers: an event may have arrived while
      // no listener was connected.
      await this.connection
        .listen({ prefixes: withMetadata(this.namespace), from: 'end' }, this.onAppended, signal)
        // It falls silent and rings again: `Consumer too slow` is no error, and a store that is
        // away is reported by the readers.
        .catch(() => undefined);
      if (!signal.aborted) await this.timers.sleep(RECONNECT_MS, signal).catch(() => undefined);
    }
  }
}
