import { AsyncLocalStorage } from 'node:async_hooks';
import { assert } from '@caretab/kernel';

/** What both stores keep about running transactions: none inside another, and who wants to know of new messages. */
export class UnitsOfWork {
  private readonly current = new AsyncLocalStorage<{ open: boolean }>();
  private readonly listeners = new Set<() => void>();

  /** Runs `work` as one unit. A unit inside a unit would wait for itself (for its locks, or for a connection). */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    assert(!this.current.getStore()?.open, 'a transaction is not opened inside another of the same store');
    const unit = { open: true };
    try {
      return await this.current.run(unit, work);
    } finally {
      unit.open = false;
    }
  }

  onPublish(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Called after the commit. What a listener throws must not look like a failed transaction, so it runs on its own. */
  published(): void {
    for (const listener of this.listeners) queueMicrotask(listener);
  }
}

/** Remembers the first failure inside a transaction: a caller that catches it cannot commit what is half done. */
export class Failures {
  private failed = false;
  private first: unknown;

  async watch<Result>(operation: () => Promise<Result>): Promise<Result> {
    this.throwIfAny();
    try {
      return await operation();
    } catch (error) {
      this.failed = true;
      this.first = error;
      throw error;
    }
  }

  throwIfAny(): void {
    if (this.failed) throw this.first;
  }
}
