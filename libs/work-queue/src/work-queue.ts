import type { Clock } from '@caretab/kernel';
import type { Transaction, Where } from '@caretab/store';
import { ClockWatch, type Plan, rescheduleFuturePlans } from './clock-drift';
import { lockDue } from './due';
import { Recorder, type RecorderOptions, type WorkRow } from './recorder';

/** A claimed row as it is to be stored, and what is to be done with it; without an item nothing. */
export interface Claimed<Row, Item> {
  readonly row: Row;
  readonly item?: Item;
}

export interface WorkQueueOptions<Row extends WorkRow, Item, Outcome> extends RecorderOptions<
  Row,
  Outcome
> {
  readonly clock: Clock;
  /** Items that are worked on at the same time in this process. */
  readonly lanes: number;
  /** How long a worker has an item to itself; longer than all timeouts of one `work` together. */
  readonly leaseMs: number;
  /** The longest delays, by kind of row: see `rescheduleFuturePlans`. */
  readonly plans: readonly Plan<Row>[];
  /**
   * Runs in the transaction of the claim, for rows that have a new lease: reads and writes what
   * `work` needs, and returns each row. It may run again after a deadlock.
   */
  begin(
    transaction: Transaction,
    rows: readonly Row[],
    now: Date,
  ): Promise<readonly Claimed<Row, Item>[]>;
  /** Works on one item, outside of any transaction; what comes of it goes to the queue's `record`. */
  work(item: Item): Promise<void>;
}

/** Items per lane in one round: a round ends, however much there is. */
const ITEMS_PER_LANE = 5;
/** Rows of one claim. */
const CLAIM_MAX = 100;

/**
 * Items of work that are rows of a service, changed in the same transactions as its other rows. A
 * claim takes many due rows at once and gives each a lease; a lease that ends makes the row due
 * again. A worker whose lease was lost cannot store anything: see `record`.
 */
export class WorkQueue<Row extends WorkRow, Item, Outcome> {
  private readonly watch = new ClockWatch();
  private readonly recorder: Recorder<Row, Outcome>;

  constructor(private readonly options: WorkQueueOptions<Row, Item, Outcome>) {
    this.recorder = new Recorder(options);
  }

  /**
   * Claims and works on what is due, several items side by side; at most five per lane. Returns how
   * many rows it claimed or rescheduled: 0 means that nothing is due. An item that fails is due
   * again when its lease ends, and does not stop the others; the first failure is thrown at the end.
   */
  async runOnce(): Promise<number> {
    const { lanes, clock } = this.options;
    const rescheduled = await this.rescheduleFuturePlans(clock.now());
    const roundMax = lanes * ITEMS_PER_LANE;
    const atWork = new Set<Promise<void>>();
    const failures: unknown[] = [];
    for (let [claimed, mayHaveMore] = [0, true]; ;) {
      const free = lanes - atWork.size;
      // Half of the lanes at once, so that a busy queue claims in batches.
      if (mayHaveMore && claimed < roundMax && free * 2 >= lanes) {
        const countMax = Math.min(free, roundMax - claimed, CLAIM_MAX);
        const found = await this.claim(countMax, failures);
        claimed += found.length;
        mayHaveMore = found.length === countMax;
        for (const { item } of found) if (item !== undefined) this.start(item, atWork, failures);
      } else if (atWork.size > 0) {
        await Promise.race(atWork);
        mayHaveMore = true;
      } else if (failures.length > 0) throw failures[0];
      else return claimed + rescheduled;
    }
  }

  /**
   * Records what came of the work on an item, together with whatever comes back at the time. False
   * when the lease was lost: another worker has the item, and nothing is stored.
   */
  record(leased: Row, outcome: Outcome): Promise<boolean> {
    return this.recorder.record(leased, outcome);
  }

  /** When a lease that starts or is renewed now ends. */
  leaseEnd(now: Date): Date {
    return new Date(now.getTime() + this.options.leaseMs);
  }

  /** Counts the rows of a kind that are due, or whose lease ends, within so many ms. */
  countDue(aheadMs: number, where: Where<Row> = {}): Promise<number> {
    const { store, clock, table } = this.options;
    const until = new Date(clock.now().getTime() + aheadMs);
    return store.transact((transaction) =>
      transaction.rows<Row>(table).count({ ...where, nextAttemptAt: { lte: until } } as Where<Row>),
    );
  }

  private start(item: Item, atWork: Set<Promise<void>>, failures: unknown[]): void {
    const work = this.options
      .work(item)
      .catch((error: unknown) => void failures.push(error))
      .finally(() => atWork.delete(work));
    atWork.add(work);
  }

  /** Throws nothing: what fails is added to the failures. */
  private async claim(countMax: number, failures: unknown[]): Promise<Claimed<Row, Item>[]> {
    try {
      return await this.take(countMax);
    } catch {
      return this.claimEach(countMax, failures).catch((failure: unknown) => {
        failures.push(failure);
        return [];
      });
    }
  }

  /**
   * Claims one by one after a claim of many failed, so that a row that cannot be begun does not
   * hold up the others. Such a row waits for the time of a lease.
   */
  private async claimEach(countMax: number, failures: unknown[]): Promise<Claimed<Row, Item>[]> {
    const { store, clock, table, key } = this.options;
    const due = await store.transact((transaction) =>
      transaction.rows<Row>(table).find({ nextAttemptAt: { lte: clock.now() } } as Where<Row>, {
        orderBy: 'nextAttemptAt',
        countMax,
      }),
    );
    const claimed: Claimed<Row, Item>[] = [];
    for (const row of due)
      try {
        claimed.push(...(await this.take(1, { [key]: row[key] } as Where<Row>)));
      } catch (error) {
        failures.push(error);
        await this.postpone(row);
      }
    return claimed;
  }

  private take(countMax: number, where: Where<Row> = {}): Promise<Claimed<Row, Item>[]> {
    const { store, clock, table, begin } = this.options;
    return store.transact(async (transaction) => {
      const now = clock.now();
      const due = { table, dueAt: 'nextAttemptAt', where, now, countMax } as const;
      const rows = await lockDue<Row>(transaction, due);
      if (rows.length === 0) return [];
      const nextAttemptAt = this.leaseEnd(now);
      const claimed = await begin(
        transaction,
        rows.map((row) => ({ ...row, lease: row.lease + 1, nextAttemptAt })),
        now,
      );
      await transaction.rows<Row>(table).save(...claimed.map(({ row }) => row));
      return [...claimed];
    });
  }

  private postpone(seen: Row): Promise<void> {
    const { store, clock, table, key } = this.options;
    return store.transact(async (transaction) => {
      const rows = transaction.rows<Row>(table);
      const where = { [key]: seen[key], lease: seen.lease } as Where<Row>;
      const row = await rows.get(where, { lock: 'wait' });
      if (row) await rows.save({ ...row, nextAttemptAt: this.leaseEnd(clock.now()) });
    });
  }

  private async rescheduleFuturePlans(now: Date): Promise<number> {
    if (!this.watch.isTimeToLook(now)) return 0;
    const { store, table, plans } = this.options;
    let count = 0;
    for (const plan of plans)
      count += await rescheduleFuturePlans<Row>(store, { ...plan, table, now });
    return count;
  }
}
