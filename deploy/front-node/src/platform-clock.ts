/** How the node's own clock stands to the platform's. */
export interface Measured {
  readonly offsetMs: number;
  /** By the platform's time. */
  readonly measuredAt: Date;
  /** The answer took so long: the offset is wrong by half of it at most. */
  readonly roundTripMs: number;
}

/**
 * The platform's time, as it was measured last, carried on by a clock that is never set: what is done to
 * the machine's clock meanwhile changes nothing. After a start it is the machine's, by the last offset, and
 * never before what the node knew of it earlier.
 */
export class PlatformClock {
  private measured: Measured | undefined;
  private measuredElapsedMs = 0;
  private readonly startedMs: number;
  private readonly startedElapsedMs: number;

  constructor(
    private readonly machine: {
      readonly now: () => number;
      /** Only goes forward. */
      readonly elapsedMs: () => number;
    },
    earlierOffsetMs = 0,
    knownMs = -Infinity,
  ) {
    this.startedElapsedMs = machine.elapsedMs();
    this.startedMs = Math.max(machine.now() + earlierOffsetMs, knownMs);
  }

  now(): Date {
    const { elapsedMs } = this.machine;
    if (!this.measured) return new Date(this.startedMs + elapsedMs() - this.startedElapsedMs);
    const sinceMs = elapsedMs() - this.measuredElapsedMs;
    return new Date(this.measured.measuredAt.getTime() + sinceMs);
  }

  /** Asks the platform for its time, and takes the middle of the way as the moment of its answer. */
  async measure(ask: () => Promise<Date | undefined>): Promise<Measured | undefined> {
    const { now, elapsedMs } = this.machine;
    const begunMs = elapsedMs();
    const said = await ask();
    if (!said) return undefined;
    const roundTripMs = elapsedMs() - begunMs;
    const measuredAt = new Date(said.getTime() + roundTripMs / 2);
    this.measuredElapsedMs = elapsedMs();
    const offsetMs = Math.round(measuredAt.getTime() - now());
    this.measured = { offsetMs, measuredAt, roundTripMs };
    return this.measured;
  }

  get last(): Measured | undefined {
    return this.measured;
  }
}
