import type { Kind } from './faults';

/** One fault and what came after it. Times are in milliseconds of one monotonic clock. */
interface Struck {
  readonly kind: Kind;
  readonly began: number;
  ended: number | undefined;
  ready: number | undefined;
  decided: number | undefined;
}

/** The middle and the worst of some durations; undefined when there are none. */
export interface Spread {
  readonly count: number;
  readonly medianMs: number;
  readonly worstMs: number;
}

/** What faults of one kind cost. */
export interface Recovery {
  readonly kind: Kind;
  readonly count: number;
  /** From its beginning to its end: what was imposed. */
  readonly outage: Spread | undefined;
  /** From its end until what it struck was ready again. */
  readonly ready: Spread | undefined;
  /** From its end until the first charge that was sent after it was decided. */
  readonly decided: Spread | undefined;
}

export const spreadOf = (durations: readonly number[]): Spread | undefined => {
  if (durations.length === 0) return undefined;
  const sorted = [...durations].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return {
    count: sorted.length,
    medianMs: Math.round((sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2),
    worstMs: Math.round(sorted.at(-1)!),
  };
};

/** Watches how long the platform takes to be itself again after each fault. */
export class Recoveries {
  private readonly struck = new Map<number, Struck>();

  began(fault: number, kind: Kind, at: number): void {
    this.struck.set(fault, {
      kind,
      began: at,
      ended: undefined,
      ready: undefined,
      decided: undefined,
    });
  }

  /** The fault is over: what was broken is healed, what was killed is being started. */
  ended(fault: number, at: number): void {
    this.struck.get(fault)!.ended = at;
  }

  ready(fault: number, at: number): void {
    this.struck.get(fault)!.ready = at;
  }

  /** A charge was decided: faults that were over when it was sent learn from the first such. */
  decision(sent: number, decided: number): void {
    for (const one of this.struck.values()) {
      if (one.ended === undefined || sent < one.ended) continue;
      one.decided = Math.min(one.decided ?? Infinity, decided);
    }
  }

  /** Faults after which something never was as before, by number. */
  unrecovered(): number[] {
    return [...this.struck]
      .filter(([, { ready, decided }]) => ready === undefined || decided === undefined)
      .map(([fault]) => fault);
  }

  /** By kind, in the order in which they first struck. */
  byKind(): Recovery[] {
    const kinds = [...new Set([...this.struck.values()].map(({ kind }) => kind))];
    return kinds.map((kind) => {
      const own = [...this.struck.values()].filter((one) => one.kind === kind);
      const since = (from: keyof Struck, to: keyof Struck): Spread | undefined =>
        spreadOf(
          own.flatMap((one) =>
            one[from] === undefined || one[to] === undefined
              ? []
              : [(one[to] as number) - (one[from] as number)],
          ),
        );
      return {
        kind,
        count: own.length,
        outage: since('began', 'ended'),
        ready: since('ended', 'ready'),
        decided: since('ended', 'decided'),
      };
    });
  }
}
