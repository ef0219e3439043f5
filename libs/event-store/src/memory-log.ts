import { EventStoreUnavailable } from './errors';
import type { ChainedEvent } from './recorded';
import type { PagedSubscription } from './subscription';
import type { TransferredEvent } from './transfer';

/** A log as it was at some time. */
export type LogCopy = readonly ChainedEvent[];

/** What twins of one log share, and what other hands than the ledger's do to it. */
export class MemoryLog {
  /** In the order of positions; events that were taken away are missing. */
  events: ChainedEvent[] = [];
  /** Of every twin of this log: who appends wakes them. */
  readonly followers = new Set<PagedSubscription>();
  private streams = new Map<string, ChainedEvent[]>();
  private isRefusing = false;

  get head(): bigint {
    return this.events.at(-1)?.position ?? 0n;
  }

  names(): Iterable<string> {
    return this.streams.keys();
  }

  /** Events of a stream in the order of their revisions. */
  stream(name: string): readonly ChainedEvent[] {
    return this.streams.get(name) ?? [];
  }

  record(event: TransferredEvent): ChainedEvent {
    const chained = { ...event, position: this.head + 1n };
    this.keep(chained);
    return chained;
  }

  page(after: bigint, countMax: number, streamPrefix = ''): ChainedEvent[] {
    const page: ChainedEvent[] = [];
    for (let index = this.indexAfter(after); index < this.events.length; index += 1) {
      if (page.length === countMax) break;
      if (this.events[index]!.stream.startsWith(streamPrefix)) page.push(this.events[index]!);
    }
    return page;
  }

  wake(): void {
    for (const follower of this.followers) follower.wake();
  }

  /** Throws EventStoreUnavailable while the ledger has no right to the log. */
  assertAllowed(): void {
    if (this.isRefusing) throw new EventStoreUnavailable('the right to the log was taken back');
  }

  /** Takes the right to read and to append away, or gives it back. */
  refuse(on: boolean): void {
    this.isRefusing = on;
    if (!on) this.wake();
  }

  /** Takes the events of a stream before a revision away. */
  truncate(stream: string, before: number): void {
    this.put(this.events.filter((one) => one.stream !== stream || one.revision >= before));
  }

  copied(): LogCopy {
    return [...this.events];
  }

  /** Puts a copy in the place of the log, under every twin. */
  put(copy: LogCopy): void {
    this.events = [];
    this.streams = new Map();
    for (const event of copy) this.keep(event);
    this.wake();
  }

  private keep(event: ChainedEvent): void {
    const recorded = this.streams.get(event.stream) ?? [];
    recorded.push(event);
    this.streams.set(event.stream, recorded);
    this.events.push(event);
  }

  /** Positions grow: halving finds the first beyond. */
  private indexAfter(after: bigint): number {
    let [low, high] = [0, this.events.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.events[middle]!.position > after) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
