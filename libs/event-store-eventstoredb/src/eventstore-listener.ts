import type { Timers } from '@caretab/kernel';
import type { EventStoreConnection } from './eventstore-connection';

const RECONNECT_MS = 500;

/**
 * Holds one subscription that hears when anybody has appended. While it is broken, readers poll; so
 * nothing depends on it but speed.
 */
export class EventStoreListener {
  private readonly stopping = new AbortController();
  private readonly ended: Promise<void>;

  constructor(
    private readonly connection: EventStoreConnection,
    private readonly namespace: string,
    private readonly timers: Timers,
    private readonly onAppended: () => void,
    private readonly onError: (error: unknown) => void,
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
      // Its confirmation is an answer too, and wakes the readers: something may have come while
      // nobody listened.
      await this.connection
        .listen({ prefix: this.namespace, from: 'end' }, this.onAppended, signal)
        .catch(this.onError);
      if (!signal.aborted) await this.timers.sleep(RECONNECT_MS, signal).catch(() => undefined);
    }
  }
}
