import type { Clock, Timers } from '@caretab/kernel';
import type { History } from './history';

interface Planned {
  readonly atUs: number;
  readonly order: number;
  readonly what: string;
  readonly run: () => void;
  cancelled: boolean;
}

const TURNS_MAX = 100;
/** Steps between two real turns, in which the machine's own events have their say. */
const STEPS_PER_TURN = 256;

/**
 * Virtual time, and the only thing that makes anything happen: what is planned runs one after the
 * other, the earliest first. Between two steps all that became ready runs to its next wait, so the
 * whole platform is one deterministic sequence.
 */
export class Scheduler implements Clock, Timers {
  steps = 0;
  private readonly planned: Planned[] = [];
  private nowUs: number;
  private order = 0;

  constructor(
    startsAt: string,
    private readonly history: Pick<History, 'tellAt'>,
  ) {
    this.nowUs = Date.parse(startsAt) * 1000;
  }

  now(): Date {
    return new Date(Math.floor(this.nowUs / 1000));
  }

  get nowMs(): number {
    return this.nowUs / 1000;
  }

  /** Plans `run` for later; gives how to call it off. */
  after(delayMs: number, what: string, run: () => void): () => void {
    const planned: Planned = {
      atUs: this.nowUs + Math.max(0, Math.round(delayMs * 1000)),
      order: (this.order += 1),
      what,
      run,
      cancelled: false,
    };
    this.push(planned);
    return () => void (planned.cancelled = true);
  }

  sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    return this.sleepAs('wakes', durationMs, signal);
  }

  sleepAs(what: string, durationMs: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        cancel();
        signal?.removeEventListener('abort', end);
        resolve();
      };
      const cancel = this.after(durationMs, what, end);
      signal?.addEventListener('abort', end);
    });
  }

  /** The clock leaps; what is due until then happens late. */
  leap(durationMs: number): void {
    this.nowUs += durationMs * 1000;
    this.history.tellAt(this.nowUs, `the clock leaps ${durationMs} ms`);
  }

  /** Does the next thing and all that follows from it at once; false when nothing is planned. */
  async step(): Promise<boolean> {
    let next = this.next();
    // A process that starts takes a few turns of its own before it waits for anything.
    for (let turn = 0; !next && turn < TURNS_MAX; turn += 1) {
      await turned();
      next = this.next();
    }
    if (!next) return false;
    this.nowUs = Math.max(this.nowUs, next.atUs);
    this.steps += 1;
    this.history.tellAt(this.nowUs, next.what);
    next.run();
    await (this.steps % STEPS_PER_TURN === 0 ? turned() : settled());
    return true;
  }

  stamp(): string {
    return this.now().toISOString().slice(5, 23);
  }

  private next(): Planned | undefined {
    let next = this.pop();
    while (next?.cancelled) next = this.pop();
    return next;
  }

  private push(planned: Planned): void {
    const heap = this.planned;
    let at = heap.push(planned) - 1;
    for (
      let parent = (at - 1) >> 1;
      at > 0 && isBefore(planned, heap[parent]!);
      parent = (at - 1) >> 1
    ) {
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = planned;
  }

  private pop(): Planned | undefined {
    const heap = this.planned;
    const first = heap[0];
    const last = heap.pop();
    if (!first || !last || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

const isBefore = (a: Planned, b: Planned): boolean =>
  a.atUs < b.atUs || (a.atUs === b.atUs && a.order < b.order);

/**
 * All promises that are ready have run: a tick comes when no promise is left that could go on.
 * There is no socket or real timer that could come between.
 */
const settled = (): Promise<void> =>
  new Promise((done) => queueMicrotask(() => process.nextTick(done)));

/** As above, and the machine's own events have been processed. */
const turned = (): Promise<void> => new Promise((done) => setImmediate(done));
