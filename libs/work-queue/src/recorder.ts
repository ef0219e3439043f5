import { AsyncLocalStorage } from 'node:async_hooks';
import { type Groupable, GroupCommit, type Outcome as Answer } from '@caretab/kernel';
import {
  outageOf,
  QueryFailed,
  type Store,
  type Table,
  type Transaction,
  UniqueViolation,
} from '@caretab/store';

/** What a row needs to be an item of work. */
export interface WorkRow {
  /** When the next attempt is due, or the lease of the present one ends; null: nothing is left to do. */
  readonly nextAttemptAt: Date | null;
  /** The number of the last lease, 0 before the first: a fencing token. */
  readonly lease: number;
}

/** What came of the work on an item; its row as it was leased. */
export interface Done<Row, Outcome> {
  readonly leased: Row;
  readonly outcome: Outcome;
}

export interface RecorderOptions<Row extends WorkRow, Outcome> {
  readonly store: Store;
  readonly table: Table<Row>;
  /** The table's primary key. */
  readonly key: keyof Row & string;
  /**
   * Runs before the rows of a group are locked: locks what is locked before them, and reads for all
   * at once what `record` reads of each.
   */
  prepare?(transaction: Transaction, group: readonly Done<Row, Outcome>[]): Promise<void>;
  /**
   * Stores what came of one item; `row` is as it stands, locked. What it does outside of the
   * transaction is idempotent: it runs again after a deadlock, or after a failure in its group.
   */
  record(transaction: Transaction, row: Row, outcome: Outcome): Promise<void>;
}

interface Waiting<Row, Outcome> extends Groupable, Done<Row, Outcome> {
  readonly inTrace: <Result>(run: () => Result) => Result;
}

const LIMITS = {
  batchEventsMax: 100,
  batchBytesMax: Number.POSITIVE_INFINITY,
  inFlightMax: 1,
  // What is worked on is bounded by the lanes.
  queueMax: Number.POSITIVE_INFINITY,
};

/**
 * Records what comes of work: whatever came back while the last group was being committed is
 * recorded by one transaction, each row behind its own lease. No timer, so one alone waits for none.
 */
export class Recorder<Row extends WorkRow, Outcome> {
  private readonly group: GroupCommit<Waiting<Row, Outcome>, boolean>;

  constructor(private readonly options: RecorderOptions<Row, Outcome>) {
    this.group = new GroupCommit(
      LIMITS,
      (batch) => this.recordBatch(batch),
      () => new Error('too much is worked on'),
      queueMicrotask,
    );
  }

  /** False when the lease was lost: another worker has the item, and nothing is stored. */
  record(leased: Row, outcome: Outcome): Promise<boolean> {
    return this.group.add({
      lane: String(leased[this.options.key]),
      events: 1,
      bytes: 0,
      leased,
      outcome,
      inTrace: AsyncLocalStorage.snapshot(),
    });
  }

  /** A group that failed is recorded one by one, so that an error of one is its own. */
  private async recordBatch(
    batch: readonly Waiting<Row, Outcome>[],
  ): Promise<readonly Answer<boolean>[]> {
    const together = await this.recordTogether(batch);
    if (!('error' in together)) return together.answers.map((answer) => ({ answer }));
    // What may be committed is found out when the leases end; where the database is away, so are all.
    if (batch.length === 1 || !together.isUndone) return batch.map(() => together);
    const answers: Answer<boolean>[] = [];
    for (const one of batch) {
      const alone = await this.recordTogether([one]);
      answers.push('error' in alone ? alone : { answer: alone.answers[0]! });
    }
    return answers;
  }

  private async recordTogether(
    batch: readonly Waiting<Row, Outcome>[],
  ): Promise<
    | { readonly answers: readonly boolean[] }
    | { readonly error: unknown; readonly isUndone: boolean }
  > {
    let isCommitting = false;
    try {
      const answers = await this.options.store.transact(async (transaction) => {
        isCommitting = false;
        const done = await this.recordEach(transaction, batch);
        isCommitting = true;
        return done;
      });
      return { answers };
    } catch (error) {
      const isRefused = error instanceof QueryFailed || error instanceof UniqueViolation;
      return { error, isUndone: !outageOf(error) && (isRefused || !isCommitting) };
    }
  }

  private async recordEach(
    transaction: Transaction,
    batch: readonly Waiting<Row, Outcome>[],
  ): Promise<boolean[]> {
    const { table, key, prepare, record } = this.options;
    await prepare?.(transaction, batch);
    const locked = await transaction.rows(table).lockAll(batch.map(({ leased }) => leased));
    const rows = new Map(locked.map((row) => [row[key], row]));
    const answers: boolean[] = [];
    for (const { leased, outcome, inTrace } of batch) {
      const row = rows.get(leased[key]);
      const isHeld = row?.lease === leased.lease;
      if (isHeld) await inTrace(() => record(transaction, row, outcome));
      answers.push(isHeld);
    }
    return answers;
  }
}
