import { pause } from '@caretab/deploy';

/**
 * No definite answer arrived, so the same request must be repeated; not before `afterMs`, if the
 * server asked for that.
 */
export class Later extends Error {
  constructor(
    message: string,
    readonly afterMs: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'Later';
  }
}

const FIRST_PAUSE_MS = 200;
const PAUSE_MAX_MS = 5_000;
/** Nothing that is restarted stays away so long. */
export const PATIENCE_MS = 15 * 60_000;

/**
 * Says something until there is a definite answer, less and less often. `say` must be repeatable.
 * Throws after a quarter of an hour, with the last reason.
 */
export const untilAnswered = async <Answer>(
  say: () => Promise<Answer>,
  {
    patienceMs = PATIENCE_MS,
    sleep = pause,
  }: { readonly patienceMs?: number; readonly sleep?: (durationMs: number) => Promise<void> } = {},
): Promise<Answer> => {
  const startedAt = performance.now();
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, PAUSE_MAX_MS)) {
    try {
      return await say();
    } catch (error) {
      if (!(error instanceof Later) || performance.now() - startedAt > patienceMs) throw error;
      await sleep(Math.max(pauseMs, error.afterMs));
    }
  }
};

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
