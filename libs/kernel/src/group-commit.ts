import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * What is sent together with others; a lane is sent one after the other, never twice in a batch nor
 * in two batches at once.
 */
export interface Groupable {
  readonly lane: string;
  readonly events: number;
  readonly bytes: number;
}

export interface GroupCommitLimits {
  readonly batchEventsMax: number;
  readonly batchBytesMax: number;
  /** Batches under way at once. */
  readonly inFlightMax: number;
  /** Requests waiting; beyond it a request is refused at once. */
  readonly queueMax: number;
}

export type Outcome<Answer> = { readonly answer: Answer } | { readonly error: unknown };

interface Waiting<Request, Answer> {
  readonly request: Request;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gathers concurrent requests into batches: sends at once when idle, and together whatever queued
 * while batches were under way. `send` gives an outcome per request, in order; when it throws, the
 * whole batch has failed.
 */
export class GroupCommit<Request extends Groupable, Answer> {
  private readonly lanes = new Map<string, Waiting<Request, Answer>[]>();
  /**
   * Lanes whose first request may be sent, in the order they became so: one busy lane does not hold
   * up the others.
   */
  private ready: string[] = [];
  private waiting = 0;
  private inFlight = 0;
  private isScheduled = false;
  private drained: (() => void)[] = [];
  /** What is sent for many is no part of the trace of the one who happened to come first. */
  private readonly outside = AsyncLocalStorage.snapshot();

  constructor(
    private readonly limits: GroupCommitLimits,
    private readonly send: (batch: readonly Request[]) => Promise<readonly Outcome<Answer>[]>,
    private readonly refusal: () => Error,
    /** When a batch starts: at the end of the turn, so that requests of one turn travel together. */
    private readonly later: (run: () => void) => void = (run) => void setImmediate(run),
  ) {}

  add(request: Request): Promise<Answer> {
    if (this.waiting >= this.limits.queueMax) return Promise.reject(this.refusal());
    this.waiting += 1;
    return new Promise<Answer>((resolve, reject) => {
      const lane = this.lanes.get(request.lane);
      if (lane) lane.push({ request, resolve, reject });
      else {
        this.lanes.set(request.lane, [{ request, resolve, reject }]);
        this.ready.push(request.lane);
      }
      this.schedule();
    });
  }

  /** Resolves when nothing is waiting or under way. */
  async drain(): Promise<void> {
    if (this.waiting === 0 && this.inFlight === 0) return;
    await new Promise<void>((resolve) => this.drained.push(resolve));
  }

  private schedule(): void {
    if (this.isScheduled || this.inFlight >= this.limits.inFlightMax || this.ready.length === 0)
      return;
    this.isScheduled = true;
    this.later(() => {
      this.isScheduled = false;
      while (this.inFlight < this.limits.inFlightMax && this.ready.length > 0)
        void this.outside(() => this.sendBatch(this.take()));
    });
  }

  private take(): Waiting<Request, Answer>[] {
    const batch: Waiting<Request, Answer>[] = [];
    let events = 0;
    let bytes = 0;
    for (const lane of this.ready) {
      const first = this.lanes.get(lane)![0]!;
      events += first.request.events;
      bytes += first.request.bytes;
      // A request that is too large for any batch travels alone.
      if (
        batch.length > 0 &&
        (events > this.limits.batchEventsMax || bytes > this.limits.batchBytesMax)
      )
        break;
      batch.push(first);
    }
    this.ready = this.ready.slice(batch.length);
    for (const { request } of batch) this.lanes.get(request.lane)!.shift();
    this.waiting -= batch.length;
    return batch;
  }

  private async sendBatch(batch: readonly Waiting<Request, Answer>[]): Promise<void> {
    this.inFlight += 1;
    try {
      const outcomes = await this.send(batch.map(({ request }) => request));
      batch.forEach(({ resolve, reject }, index) => {
        const outcome = outcomes[index]!;
        if ('error' in outcome) reject(outcome.error);
        else resolve(outcome.answer);
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
    this.inFlight -= 1;
    this.release(batch);
    this.schedule();
  }

  /** A lane's next request may go. */
  private release(batch: readonly Waiting<Request, Answer>[]): void {
    for (const { request } of batch) {
      if (this.lanes.get(request.lane)!.length > 0) this.ready.push(request.lane);
      else this.lanes.delete(request.lane);
    }
    if (this.waiting > 0 || this.inFlight > 0) return;
    for (const resolve of this.drained.splice(0)) resolve();
  }
}
