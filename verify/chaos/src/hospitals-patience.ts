import { patiently } from '@caretab/hospital';

/** Longer than any service stays away, in milliseconds. */
const TIMEOUT_MS = 15 * 60_000;

/** Retries for a quarter of an hour, at least every five seconds. `send` must be idempotent. */
export const untilAnswered = <Answer>(send: () => Promise<Answer>): Promise<Answer> =>
  patiently(send, { timeoutMs: TIMEOUT_MS, firstPauseMs: 200, pauseMaxMs: 5_000 });

/** A pause that ends early when there is no more time to lose. */
export const pauseUnless = async (durationMs: number, signal: AbortSignal): Promise<void> => {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, durationMs);
    signal.addEventListener('abort', done, { once: true });
  });
};

/** What a pace goes by; the machine's own unless a test says otherwise. */
export interface Metronome {
  nowMs(): number;
  pause(durationMs: number, signal: AbortSignal): Promise<void>;
}

const machine: Metronome = { nowMs: () => performance.now(), pause: pauseUnless };
const BURST_MS = 1000;

/**
 * Hands out moments at a steady rate; what was not taken within a second is lost, so that a pause
 * is not followed by a flood.
 */
export class Pace {
  private nextAtMs = 0;

  constructor(
    private readonly perSecond: number,
    private readonly metronome = machine,
  ) {}

  /** Resolves when so many may go out. */
  async take(count: number, signal: AbortSignal): Promise<void> {
    const nowMs = this.metronome.nowMs();
    const atMs = Math.max(this.nextAtMs, nowMs - BURST_MS);
    this.nextAtMs = atMs + (count * 1000) / this.perSecond;
    if (atMs > nowMs) await this.metronome.pause(atMs - nowMs, signal);
  }
}
