import {
  LookInterval,
  OVER,
  type Outages,
  REST,
  type Rest,
  restAfter,
  type Timers,
} from '@caretab/kernel';
import type {
  EventBatchHandler,
  RecordedEvent,
  SubscribeOptions,
  Subscription,
} from './event-store';

/**
 * Redelivery after a handler threw, and reading again after the store failed: doubling from first
 * to last.
 */
const BACKOFF_FIRST_MS = 50;
const BACKOFF_LAST_MS = 5_000;

export interface Page {
  readonly events: readonly RecordedEvent[];
  /** Everything up to here was looked at, whether it fitted the prefix or not. */
  readonly readTo: bigint;
}

export interface SubscriptionParts {
  readonly after: bigint;
  readonly readPage: (after: bigint) => Promise<Page>;
  readonly handle: EventBatchHandler;
  readonly timers: Timers;
  /** Least time between two batches. */
  readonly breathMs?: number | undefined;
  /** It rests after a smaller batch than this (`restAfter`); absent: it does not. */
  readonly restsBelow?: number;
  readonly resting?: Rest | undefined;
  /** Goes forward alone, whatever is done to the clock; a reader without it does not rest. */
  readonly elapsedMs?: () => number;
  /** Polls again after this time even without a call of `wake`, and later less often. */
  readonly pollMs: number;
  readonly onTurn: SubscribeOptions['onTurn'];
  /** Where a follower that fails says so. */
  readonly outages?: Outages | undefined;
}

/**
 * Reads pages and hands them on, one at a time and in order, until stopped: from the past without a
 * seam into what is being written.
 */
export class PagedSubscription implements Subscription {
  private readonly stopping = new AbortController();
  private readonly ended: Promise<void>;
  private wakeUp: () => void = () => undefined;
  private isWoken = false;
  private readonly looks: LookInterval;
  private position: bigint;

  constructor(private readonly parts: SubscriptionParts) {
    this.position = parts.after;
    this.looks = new LookInterval(parts.pollMs);
    this.ended = this.run();
  }

  /** There may be something new. */
  wake(): void {
    this.isWoken = true;
    this.wakeUp();
  }

  stop(): Promise<void> {
    this.stopping.abort();
    this.parts.outages?.left(this);
    this.wakeUp();
    return this.ended;
  }

  private get isStopped(): boolean {
    return this.stopping.signal.aborted;
  }

  private async run(): Promise<void> {
    while (!this.isStopped) {
      this.isWoken = false;
      const breath = this.parts.breathMs ? this.sleep(this.parts.breathMs) : undefined;
      const page = await this.untilItWorks('reading', () => this.parts.readPage(this.position));
      if (!page || this.isStopped) return;
      if (page.events.length > 0) {
        const beganMs = this.parts.elapsedMs?.();
        const isHandled = await this.untilItWorks(
          'handling',
          async () => (await this.parts.handle(page.events), true),
        );
        if (!isHandled) return;
        if (beganMs !== undefined) await this.rest(page.events.length, beganMs);
      }
      this.parts.onTurn?.();
      const isEnd = page.events.length === 0 && page.readTo === this.position;
      this.position = page.readTo;
      if (isEnd) await this.pause();
      if (!isEnd || this.isWoken) this.looks.reset();
      await breath;
    }
  }

  /** The result, or undefined when stopped before it worked. */
  private async untilItWorks<Result>(
    doing: 'reading' | 'handling',
    work: () => Promise<Result>,
  ): Promise<Result | undefined> {
    for (let backoffMs = BACKOFF_FIRST_MS; ; backoffMs = Math.min(backoffMs * 2, BACKOFF_LAST_MS)) {
      try {
        const result = await work();
        this.parts.outages?.worked(this);
        return result;
      } catch (error) {
        if (!this.isStopped) {
          this.failed(error, doing);
          this.parts.onTurn?.(error);
        }
      }
      await this.sleep(backoffMs);
      if (this.isStopped) return undefined;
    }
  }

  /** All followers of a process lose the same store. */
  private failed(error: unknown, doing: 'reading' | 'handling'): void {
    const { name, kind } = error as { readonly name?: string; readonly kind?: string };
    const isAway = kind === 'unavailable';
    this.parts.outages?.failed(
      this,
      isAway ? { doing, why: name, text: (error as Error).message } : { doing, err: error },
      ...(isAway ? [name] : []),
    );
  }

  private async rest(events: number, beganMs: number): Promise<void> {
    const { restsBelow = 0, resting = REST.onTheWay, elapsedMs } = this.parts;
    if (events < restsBelow) await this.sleep(restAfter(elapsedMs!() - beganMs, resting));
  }

  private async pause(): Promise<void> {
    if (this.isWoken || this.isStopped) return;
    const waiting = new AbortController();
    await new Promise<void>((resolve) => {
      this.wakeUp = resolve;
      this.sleep(this.looks.next(), waiting.signal).then(resolve, resolve);
    });
    this.wakeUp = () => undefined;
    waiting.abort(OVER);
  }

  /** Ends early, without an error, when stopped. */
  private async sleep(
    durationMs: number,
    signal: AbortSignal = this.stopping.signal,
  ): Promise<void> {
    await this.parts.timers.sleep(durationMs, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }
}
