import { QueryFailed } from './query-failed';

/** The holder of locks: a transaction. */
export interface Locker {
  /** What it waits for now. */
  waiting?:
    | { readonly key: string; readonly give: () => void; readonly refuse: (error: unknown) => void }
    | undefined;
}

const DEADLOCK_DETECTED = '40P01';

/**
 * Row locks as PostgreSQL keeps them: held until the transaction ends, waited for in turn, and a
 * circle of waiting ends for the one who closes it.
 */
export class Locks {
  private readonly holders = new Map<
    string,
    { readonly holder: Locker; readonly queue: Locker[] }
  >();
  private readonly held = new Map<Locker, Set<string>>();
  /** Transactions that are over, with the reason their next statement fails with. */
  private readonly ended = new WeakMap<Locker, Error | undefined>();

  /**
   * Resolves to whether the locker did not hold it before. Throws QueryFailed 40P01 where waiting
   * would never end.
   */
  async take(locker: Locker, key: string): Promise<boolean> {
    if (this.ended.has(locker)) return this.refuse(locker);
    const lock = this.holders.get(key);
    if (lock?.holder === locker) return false;
    if (!lock) {
      this.give(locker, key, []);
      return true;
    }
    if (this.wouldCircle(locker, lock.holder))
      throw new QueryFailed(
        DEADLOCK_DETECTED,
        `PostgreSQL ${DEADLOCK_DETECTED}: deadlock detected`,
      );
    await new Promise<void>((give, refuse) => {
      locker.waiting = { key, give, refuse };
      lock.queue.push(locker);
    });
    return true;
  }

  isFree(locker: Locker, key: string): boolean {
    const holder = this.holders.get(key)?.holder;
    return holder === undefined || holder === locker;
  }

  /** Gives one lock back before the end: a conflict that was only looked at leaves no lock. */
  release(locker: Locker, key: string): void {
    this.held.get(locker)?.delete(key);
    const { queue } = this.holders.get(key)!;
    this.holders.delete(key);
    const [next, ...rest] = queue;
    if (!next) return;
    const { give } = next.waiting!;
    next.waiting = undefined;
    this.give(next, key, rest);
    give();
  }

  /**
   * The end of a transaction, in whatever way. A waiting one leaves its queue and is rejected with
   * the reason, or never answered.
   */
  releaseAll(locker: Locker, why?: Error): void {
    const { waiting } = locker;
    const queue = waiting && this.holders.get(waiting.key)?.queue;
    if (queue) queue.splice(queue.indexOf(locker), 1);
    locker.waiting = undefined;
    if (why) waiting?.refuse(why);
    for (const key of [...(this.held.get(locker) ?? [])]) this.release(locker, key);
    this.held.delete(locker);
    if (!this.ended.has(locker)) this.ended.set(locker, why);
  }

  /** A dead process takes no lock, whatever it still did: its connection is gone. */
  private refuse(locker: Locker): Promise<never> {
    const why = this.ended.get(locker);
    return why ? Promise.reject(why) : new Promise(() => undefined);
  }

  private give(locker: Locker, key: string, queue: Locker[]): void {
    this.holders.set(key, { holder: locker, queue });
    const keys = this.held.get(locker) ?? new Set();
    this.held.set(locker, keys.add(key));
  }

  private wouldCircle(locker: Locker, holder: Locker): boolean {
    for (
      let next: Locker | undefined = holder;
      next;
      next = next.waiting && this.holders.get(next.waiting.key)?.holder
    )
      if (next === locker) return true;
    return false;
  }
}
