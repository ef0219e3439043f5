import type { Clock, Ids, Timers } from '@caretab/kernel';

/** A clock that stands still until a test moves it. */
export interface FixedClock extends Clock {
  advance(durationMs: number): void;
  set(iso: string): void;
}

/** A clock that shows `iso` (an instant with its zone, '2026-03-02T08:00:00Z'). */
export const fixedClock = (iso: string): FixedClock => {
  let nowMs = instant(iso);
  return {
    now: () => new Date(nowMs),
    advance: (durationMs) => void (nowMs += durationMs),
    set: (next) => void (nowMs = instant(next)),
  };
};

const instant = (iso: string): number => {
  const milliseconds = Date.parse(iso);
  if (Number.isNaN(milliseconds)) throw new Error(`Not an instant: ${iso}`);
  return milliseconds;
};

/** Ids that count: `visit-1`, `visit-2`, … */
export const sequentialIds = (prefix: string): Ids => {
  let count = 0;
  return { next: () => `${prefix}-${++count}` };
};

/** Randomness that is the same for the same seed. */
export interface Random {
  /** At least 0, below 1. */
  next(): number;
  /** A whole number, `from` and `to` included. */
  integer(from: number, to: number): number;
  pick<Item>(items: readonly Item[]): Item;
  /** A copy in another order. */
  shuffle<Item>(items: readonly Item[]): Item[];
}

/**
 * Mulberry32: small, quick, and even enough to drive a simulation; nothing secret may come from it.
 */
export const seededRandom = (seed: number): Random => {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const integer = (from: number, to: number) => from + Math.floor(next() * (to - from + 1));
  const shuffle = <Item>(items: readonly Item[]): Item[] => {
    const copy = [...items];
    for (let last = copy.length - 1; last > 0; last--) {
      const other = integer(0, last);
      [copy[last], copy[other]] = [copy[other]!, copy[last]!];
    }
    return copy;
  };
  const pick = <Item>(items: readonly Item[]): Item => {
    if (items.length === 0) throw new Error('Nothing to pick from');
    return items[integer(0, items.length - 1)]!;
  };
  return { next, integer, pick, shuffle };
};

interface Sleeper {
  readonly wakesAtMs: number;
  readonly wake: () => void;
}

/**
 * Time that passes only when a test says so. A sleep ends early, without an error, when its signal
 * aborts.
 */
export class TestTimers implements Timers {
  private sleepers: Sleeper[] = [];
  private nowMs = 0;

  /** With a clock, passing time moves the clock too. */
  constructor(private readonly clock?: FixedClock) {}

  sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const sleeper = { wakesAtMs: this.nowMs + durationMs, wake: resolve };
      this.sleepers.push(sleeper);
      signal?.addEventListener(
        'abort',
        () => {
          this.sleepers = this.sleepers.filter((other) => other !== sleeper);
          resolve();
        },
        { once: true },
      );
    });
  }

  /** How many sleep now. */
  get sleeping(): number {
    return this.sleepers.length;
  }

  /**
   * Lets time pass, waking each sleeper at its moment, in order, and giving it the turn before the
   * next.
   */
  async advance(durationMs: number): Promise<void> {
    const endMs = this.nowMs + durationMs;
    for (;;) {
      await settle();
      const [next] = [...this.sleepers].sort((a, b) => a.wakesAtMs - b.wakesAtMs);
      if (!next || next.wakesAtMs > endMs) break;
      this.sleepers = this.sleepers.filter((other) => other !== next);
      this.moveTo(next.wakesAtMs);
      next.wake();
    }
    this.moveTo(endMs);
  }

  private moveTo(nowMs: number): void {
    this.clock?.advance(nowMs - this.nowMs);
    this.nowMs = nowMs;
  }
}

/** Lets everything run that is ready to run. */
const settle = (): Promise<void> => new Promise((done) => setImmediate(done));
