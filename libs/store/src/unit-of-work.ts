import { AsyncLocalStorage } from 'node:async_hooks';
import { assert } from '@caretab/kernel';
import type { TransactOptions } from './store';

/** A unit that runs, and the one around it, of another store. */
interface Unit {
  readonly of: UnitsOfWork;
  readonly outer: Unit | undefined;
  open: boolean;
}

/** One for all stores: every further one would be carried through every promise of the process. */
const current = new AsyncLocalStorage<Unit>();

/** The innermost unit that has not ended: whatever began inside an ended one stands alone. */
const openUnit = (unit: Unit | undefined): Unit | undefined =>
  unit === undefined || unit.open ? unit : openUnit(unit.outer);

/**
 * What both stores keep about running transactions: none inside another, and who wants to know of
 * new messages.
 */
export class UnitsOfWork {
  private readonly listeners = new Set<() => void>();

  /**
   * Runs `work` as one unit. A unit inside a unit would wait for itself (for its locks, or for a
   * connection).
   */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    const outer = openUnit(current.getStore());
    for (let around = outer; around; around = openUnit(around.outer))
      assert(around.of !== this, 'a transaction is not opened inside another of the same store');
    const unit: Unit = { of: this, outer, open: true };
    try {
      return await current.run(unit, work);
    } finally {
      unit.open = false;
    }
  }

  onPublish(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /**
   * Called after the commit. What a listener throws must not look like a failed transaction, so it
   * runs on its own.
   */
  published(): void {
    for (const listener of this.listeners) queueMicrotask(listener);
  }
}

/** What only a durable transaction may do: no reader of anything would repeat it. */
export const assertDurable = ({ commit }: TransactOptions): void =>
  assert(commit !== 'asynchronous', 'what is marked or published is committed durably');

/**
 * Remembers the first failure inside a transaction: a caller that catches it cannot commit what is
 * half done.
 */
export class Failures {
  private failed = false;
  private first: unknown;

  async watch<Result>(operation: () => Promise<Result>): Promise<Result> {
    this.throwIfAny();
    try {
      return await operation();
    } catch (error) {
      this.fail(error);
      throw error;
    }
  }

  /** The transaction is over, whatever its operations say. */
  fail(error: unknown): void {
    if (this.failed) return;
    this.failed = true;
    this.first = error;
  }

  throwIfAny(): void {
    if (this.failed) throw this.first;
  }
}
