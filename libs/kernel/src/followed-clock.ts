import type { Clock } from './ports';

/** An answer of whole milliseconds may be of any moment in them. */
const RESOLUTION_MS = 1;

/**
 * The time of a process: the machine's, until it follows another clock, as a database's. Then it is
 * counted by elapsed time: a leap of the machine's clock is not seen, and one of the other clock is
 * followed at the next look.
 */
export class FollowedClock implements Clock {
  /** By how much the time is ahead of the elapsed time; undefined while it is the machine's. */
  private aheadMs: number | undefined;

  constructor(
    private readonly machine: Clock,
    private readonly elapsedMs: () => number,
  ) {}

  now(): Date {
    if (this.aheadMs === undefined) return this.machine.now();
    return new Date(this.elapsedMs() + this.aheadMs);
  }

  /**
   * Asks the other clock, and moves by as little as the answer demands: by nothing where it can be
   * of this clock's time. Returns by how many ms it moved. Throws what `ask` throws; the time then
   * goes on as before.
   */
  async follow(ask: () => Promise<Date>): Promise<number> {
    const askedMs = this.elapsedMs();
    const otherMs = (await ask()).getTime();
    const answeredMs = this.elapsedMs();
    const before = this.aheadMs ?? this.machine.now().getTime() - answeredMs;
    const least = otherMs - answeredMs;
    const most = otherMs + RESOLUTION_MS - askedMs;
    this.aheadMs = Math.min(Math.max(before, least), most);
    return this.aheadMs - before;
  }

  /** The machine's time again. */
  release(): void {
    this.aheadMs = undefined;
  }
}
