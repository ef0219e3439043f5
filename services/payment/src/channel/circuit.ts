import type { CircuitPolicy } from '../collection/policy';
import type { Silence } from './channel';

/** A circuit that is open: since when, and how the last request failed. */
export interface OpenCircuit {
  readonly since: Date;
  /** `restarted`: orders were without an answer as the process began. */
  readonly silence: Silence | 'restarted';
}

/** The acquirer rejects our key: that is about no order. */
const OF_THE_KEY: ReadonlySet<Silence> = new Set(['unauthorized', 'forbidden']);

/** Silent orders that are remembered; more go as any other. */
const SILENT_MAX = 1000;
/** How long a silent order leaves the probe to others, where it is their turn. */
const OTHERS_FIRST_MS = 2000;

/**
 * The circuit breaker of one channel. Failures in a row open it; an answer closes it. While it is
 * open, one request at a time goes as a probe. A rejected key is a failure each time. The silence on
 * an order counts once until an answer comes, however often it is asked for: an order that gets no
 * answer may be at fault itself, and stops no others. So every second probe is left to the others:
 * else the silent ones, which are asked for again and again, would be all the probes.
 */
export class Circuit {
  /** Requests with a rejected key since the last answer. */
  private rejections = 0;
  /** Orders and refunds without an answer since the last answer. */
  private readonly silent = new Set<string>();
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
  admit(now: Date, orderId?: string): Date | undefined {
    if (!this.open) return undefined;
    const othersMs = this.isOthersTurn(orderId) ? OTHERS_FIRST_MS : 0;
    const waitMs = this.probeAtMs + othersMs - now.getTime();
    // A longer wait than was planned: the clock was ahead then, and has been set back.
    if (waitMs > 0 && waitMs <= this.delayMs + othersMs) return new Date(now.getTime() + waitMs);
    this.planProbe(now);
    return undefined;
  }

  /** A request was answered. Returns whether that closed the circuit. */
  succeed(): boolean {
    const wasOpen = this.open !== undefined;
    this.open = undefined;
    this.rejections = 0;
    this.silent.clear();
    return wasOpen;
  }

  /** The request for an order or a refund got no answer. Returns whether that opened the circuit. */
  fail(orderId: string, silence: Silence, now: Date): boolean {
    if (OF_THE_KEY.has(silence)) this.rejections += 1;
    else this.remember(orderId);
    if (this.open) {
      this.open = { ...this.open, silence };
      return false;
    }
    if (!this.isEnough()) return false;
    this.open = { since: now, silence };
    this.probes = 0;
    this.planProbe(now);
    return true;
  }

  /**
   * Remembers the orders that a process before this one left without an answer, since when. They open
   * the circuit as if they had just fallen silent, and then the next request is the probe. Fewer are
   * remembered, and count with those to come. Returns whether that opened it.
   */
  resume(orderIds: readonly string[], since: Date): boolean {
    if (this.open) return false;
    for (const orderId of orderIds) this.remember(orderId);
    if (!this.isEnough()) return false;
    this.open = { since, silence: 'restarted' };
    this.probes = 0;
    this.delayMs = 0;
    this.probeAtMs = 0;
    return true;
  }

  private remember(orderId: string): void {
    if (this.silent.size < SILENT_MAX) this.silent.add(orderId);
  }

  private isOthersTurn(orderId: string | undefined): boolean {
    return orderId !== undefined && this.silent.has(orderId) && this.probes % 2 === 0;
  }

  private isEnough(): boolean {
    return this.rejections + this.silent.size >= this.policy.opensAfter;
  }

  private planProbe(now: Date): void {
    const delays = this.policy.probeDelaysMs;
    this.delayMs = delays[Math.min(this.probes, delays.length - 1)]!;
    this.probeAtMs = now.getTime() + this.delayMs;
    this.probes += 1;
  }
}
