import type { CircuitPolicy } from '../collection/policy';
import type { Silence } from './channel';

/** A circuit that is open: since when, and how the last request failed. */
export interface OpenCircuit {
  readonly since: Date;
  /** `restarted`: orders were without an answer as the process began. */
  readonly silence: Silence | 'restarted';
}

/**
 * The circuit breaker of one channel. Requests that fail in a row open it; an answer closes it. While
 * it is open, one request at a time goes as a probe.
 */
export class Circuit {
  private failures = 0;
  private open: OpenCircuit | undefined;
  private probes = 0;
  private probeAtMs = 0;
  /** From when the next probe was planned until it may go. */
  private delayMs = 0;

  constructor(private readonly policy: CircuitPolicy) {}

  get state(): OpenCircuit | undefined {
    return this.open;
  }

  /** Undefined: the request may go, as the probe where the circuit is open. Else when to ask again. */
  admit(now: Date): Date | undefined {
    if (!this.open) return undefined;
    const waitMs = this.probeAtMs - now.getTime();
    // A longer wait than was planned: the clock was ahead then, and has been set back.
    if (waitMs > 0 && waitMs <= this.delayMs) return new Date(this.probeAtMs);
    this.planProbe(now);
    return undefined;
  }

  /** A request was answered. Returns whether that closed the circuit. */
  succeed(): boolean {
    const wasOpen = this.open !== undefined;
    this.open = undefined;
    this.failures = 0;
    return wasOpen;
  }

  /** A request got no answer. Returns whether that opened the circuit. */
  fail(silence: Silence, now: Date): boolean {
    this.failures += 1;
    if (this.open) {
      this.open = { ...this.open, silence };
      return false;
    }
    if (this.failures < this.policy.opensAfter) return false;
    this.open = { since: now, silence };
    this.probes = 0;
    this.planProbe(now);
    return true;
  }

  /** Opens it for what a process before this one has seen: the next request is the probe. */
  resume(since: Date): void {
    if (this.open) return;
    this.open = { since, silence: 'restarted' };
    this.probes = 0;
    this.delayMs = 0;
    this.probeAtMs = 0;
  }

  private planProbe(now: Date): void {
    const delays = this.policy.probeDelaysMs;
    this.delayMs = delays[Math.min(this.probes, delays.length - 1)]!;
    this.probeAtMs = now.getTime() + this.delayMs;
    this.probes += 1;
  }
}
