/** The time, handed in. Nothing outside an adapter asks the machine for it. */
export interface Clock {
  now(): Date;
}

/** Fresh identifiers, handed in. */
export interface Ids {
  next(): string;
}

/** A cancellable wait, handed in, so that a simulation can own the passing of time. */
export interface Timers {
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>;
}

/**
 * Why a wait is cut short that is simply over. Without a reason Node makes an exception for each abort,
 * with its stack.
 */
export const OVER = 'over';
