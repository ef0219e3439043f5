import type { RecordedEvent } from './event-store';

export interface RecentEventsLimits {
  readonly countMax: number;
  /** Of the texts as they were read. */
  readonly bytesMax: number;
}

/** An event with the length of its texts, what it costs to keep. */
export interface Sized {
  readonly event: RecordedEvent;
  readonly bytes: number;
}

/**
 * The newest events that a follower read, for the followers close behind it: they need not be read
 * and parsed again. It holds one stretch of the log without a hole, from `after` (exclusive) to its
 * last event; what does not go on from there begins a stretch of its own.
 */
export class RecentEvents {
  private stretch: Sized[] = [];
  private after = 0n;
  private bytes = 0;

  constructor(private readonly limits: RecentEventsLimits) {}

  /** What was read after a position, all of it in order. */
  add(after: bigint, read: readonly Sized[]): void {
    if (read.length === 0) return;
    if (after !== this.end) {
      // A follower that is behind, or one that has been here already.
      if (after < this.end) return;
      [this.stretch, this.after, this.bytes] = [[], after, 0];
    }
    this.stretch.push(...read);
    this.bytes += read.reduce((sum, { bytes }) => sum + bytes, 0);
    this.forget();
  }

  /** At most `countMax` events after a position; undefined when the log has to be asked. */
  read(after: bigint, countMax: number): RecordedEvent[] | undefined {
    if (after < this.after || after >= this.end) return undefined;
    const from = this.indexAfter(after);
    return this.stretch.slice(from, from + countMax).map(({ event }) => event);
  }

  /** The stretch may be of another log. */
  clear(): void {
    [this.stretch, this.after, this.bytes] = [[], 0n, 0];
  }

  private get end(): bigint {
    return this.stretch.at(-1)?.event.position ?? this.after;
  }

  /** Positions grow: halving finds the first beyond. */
  private indexAfter(after: bigint): number {
    let [low, high] = [0, this.stretch.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.stretch[middle]!.event.position > after) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  private forget(): void {
    let gone = 0;
    while (
      gone < this.stretch.length &&
      (this.stretch.length - gone > this.limits.countMax || this.bytes > this.limits.bytesMax)
    )
      this.bytes -= this.stretch[gone++]!.bytes;
    if (gone === 0) return;
    this.after = this.stretch[gone - 1]!.event.position;
    this.stretch = this.stretch.slice(gone);
  }
}
