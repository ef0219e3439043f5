import { type AgreementDay, businessDateOf, DAY_MS, type VisitStanding } from '@caretab/contracts';
import { canonicalJson, type Clock } from '@caretab/kernel';
import { type Store, stream, type Transaction } from '@caretab/store';
import type { Logger } from '@caretab/telemetry';
import { type Disagreement, differingBuckets, disagreements, groupsOf } from './compare';
import { type DifferenceRow, differenceTable } from './difference.table';
import type { Aspect } from './digests';
import type { AgreementSide } from './side';

export interface AgreementOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** The service that is compared with. */
  readonly neighbour: string;
  readonly ours: AgreementSide;
  readonly theirs: AgreementSide;
  readonly aspects: readonly Aspect[];
  /**
   * The neighbour knows of something that began here: no message under way explains it, so it is
   * held at once.
   */
  isLost(ours: VisitStanding | null, theirs: VisitStanding | null): boolean;
  /** Anything else is held once it has stood unchanged for so long. */
  readonly settleMs: number;
  /** Between two rounds, once every day was compared. */
  readonly intervalMs: number;
}

export interface Compared {
  readonly days: number;
  readonly differences: number;
  readonly held: number;
}

/** Visits of both sides that are in memory at once. */
const VISITS_MAX = 20_000;
/** Days with differences that each round compares again, beside today and its neighbours. */
const DAYS_AGAIN_MAX = 20;

const dayBefore = (day: string): string =>
  new Date(Date.parse(day) - DAY_MS).toISOString().slice(0, 10);

const laterOf = (a: string | null, b: string | null): string | null =>
  a === null || (b !== null && b > a) ? b : a;

/**
 * Compares what a service knows of closed visits with what its neighbour knows, day by day, by
 * digests. Visits that differ are kept as rows while they do; nothing else is touched.
 */
export class Agreement {
  /** The older day that is compared next; undefined: the walk begins with the latest again. */
  private cursor: string | undefined;
  /** Every day was compared once since the start. */
  private isWalked = false;
  private lastRoundAt: Date | undefined;
  private failingSince: Date | undefined;
  private readonly startedAt: Date;
  private counts: Omit<Compared, 'days'> = { differences: 0, held: 0 };

  constructor(private readonly options: AgreementOptions) {
    this.startedAt = options.clock.now();
  }

  get neighbour(): string {
    return this.options.neighbour;
  }

  /** Every day was compared, or the comparison had its time: see `docs/reliability.md`. */
  isProven(waitMs: number): boolean {
    const waitedMs = this.options.clock.now().getTime() - this.startedAt.getTime();
    return this.isWalked || waitedMs >= waitMs || waitedMs < 0;
  }

  /** What is known without asking: for gauges and health. */
  state(): Omit<Compared, 'days'> & {
    readonly failingSince: Date | undefined;
    readonly lastRoundAt: Date;
    /** Since the last complete round, or the start. */
    readonly ageMs: number;
  } {
    const { counts, failingSince, lastRoundAt = this.startedAt } = this;
    const ageMs = this.options.clock.now().getTime() - lastRoundAt.getTime();
    return { ...counts, failingSince, lastRoundAt, ageMs };
  }

  /**
   * One round: the latest days, days with differences, and one older day. Returns 1 until every day
   * was compared since the start, so that a job goes on at once. A neighbour that is away is logged
   * once, and asked again in the next round.
   */
  async runOnce(): Promise<number> {
    const { clock, logger, neighbour } = this.options;
    if (!this.isDue()) return 0;
    try {
      const isFirst = this.cursor === undefined;
      if (isFirst || this.isWalked) await this.compareLatest();
      if (this.cursor === undefined) this.cursor = this.oldestOfLatest();
      const older = await this.compareDay(this.cursor);
      this.cursor = older ?? undefined;
      const isWalking = !this.isWalked && older !== null;
      if (older === null) this.isWalked = true;
      await this.count();
      this.lastRoundAt = clock.now();
      if (this.failingSince) logger.info({ neighbour }, 'agreement comparison resumed');
      this.failingSince = undefined;
      return isWalking ? 1 : 0;
    } catch (error) {
      if (!this.failingSince)
        logger.warn(
          { neighbour, reason: String(error) },
          'agreement comparison failed, retrying: visits are not compared with this neighbour',
        );
      this.failingSince ??= clock.now();
      return 0;
    }
  }

  /** Compares one day, or all; for an operator. Throws NEIGHBOUR_UNAVAILABLE (unavailable). */
  async compare(day?: string): Promise<Compared> {
    let days = 0;
    for (let next: string | null = day ?? this.latest(); next !== null;) {
      const older = await this.compareDay(next);
      days += 1;
      next = day === undefined ? older : null;
    }
    await this.count();
    return { days, ...this.counts };
  }

  /** A clock that was set back delays nothing; what failed is tried again at every turn. */
  private isDue(): boolean {
    const { clock, intervalMs } = this.options;
    if (!this.isWalked || !this.lastRoundAt || this.failingSince) return true;
    const sinceMs = clock.now().getTime() - this.lastRoundAt.getTime();
    return sinceMs < 0 || sinceMs >= intervalMs;
  }

  private latest(): string {
    const { clock } = this.options;
    // A process whose clock is behind must not leave out what others closed.
    return businessDateOf(new Date(clock.now().getTime() + DAY_MS));
  }

  private oldestOfLatest(): string {
    return dayBefore(dayBefore(this.latest()));
  }

  private async compareLatest(): Promise<void> {
    const [first, second] = [this.latest(), dayBefore(this.latest())];
    for (const day of [first, second]) await this.compareDay(day);
    for (const day of await this.daysWithDifferences())
      if (day !== first && day !== second) await this.compareDay(day);
  }

  private daysWithDifferences(): Promise<readonly string[]> {
    const { store, neighbour } = this.options;
    return store.transact(async (transaction) => {
      const groups = await transaction.rows(differenceTable).group({ neighbour }, { by: ['day'] });
      return groups
        .map(({ values }) => values.day)
        .reverse()
        .slice(0, DAYS_AGAIN_MAX);
    });
  }

  /** Returns the next older day that either side has. */
  private async compareDay(day: string): Promise<string | null> {
    const { ours, theirs, aspects } = this.options;
    // The neighbour first: what began here is then known here too, unless it was lost.
    const their = await theirs.day(day);
    const own = await ours.day(day);
    const found = new Set<string>();
    const buckets = differingBuckets(own.buckets, their.buckets, aspects);
    for (const group of groupsOf(buckets, visitsIn(own, their), VISITS_MAX)) {
      const theirVisits = await allOf(theirs, day, group);
      const ownVisits = await allOf(ours, day, group);
      const differing = disagreements(ownVisits, theirVisits, aspects);
      for (const { visitId } of differing) found.add(visitId);
      await this.keep(day, differing);
    }
    await this.endOthers(day, found);
    return laterOf(own.earlier, their.earlier);
  }

  private keep(day: string, found: readonly Disagreement[]): Promise<void> {
    const { store, clock, neighbour, settleMs, isLost, logger } = this.options;
    const now = clock.now();
    return store.transact(async (transaction) => {
      const rows = transaction.rows(differenceTable);
      const known = await rows.lockAll(found.map(({ visitId }) => ({ neighbour, day, visitId })));
      const before = new Map(known.map((row) => [row.visitId, row]));
      const next = found.map(({ visitId, ours, theirs }): DifferenceRow => {
        const row = before.get(visitId);
        const isSame = row !== undefined && sameLines(row, { ours, theirs });
        const firstSeenAt = isSame ? row.firstSeenAt : now;
        const stoodMs = now.getTime() - firstSeenAt.getTime();
        const isHeld = isLost(ours, theirs) || (isSame && (row.isHeld || stoodMs >= settleMs));
        return { neighbour, day, visitId, ours, theirs, isHeld, firstSeenAt, lastSeenAt: now };
      });
      const newlyHeld = next.filter((row) => row.isHeld && !before.get(row.visitId)?.isHeld);
      if (newlyHeld.length > 0)
        logger.warn(
          { neighbour, day, visits: newlyHeld.length, first: newlyHeld[0]!.visitId },
          'visits held: this service and its neighbour know different things of them',
        );
      await rows.save(...next);
    });
  }

  /** A hold ends by itself: the visit agrees. */
  private endOthers(day: string, found: ReadonlySet<string>): Promise<void> {
    const { store, neighbour, logger } = this.options;
    return store.transact(async (transaction) => {
      let ended = 0;
      for await (const batch of this.rowsOf(transaction, day)) {
        const over = batch.filter(({ visitId }) => !found.has(visitId));
        if (over.length === 0) continue;
        const visitId = { in: over.map((row) => row.visitId) };
        await transaction.rows(differenceTable).delete({ neighbour, day, visitId });
        ended += over.filter(({ isHeld }) => isHeld).length;
      }
      if (ended > 0) logger.info({ neighbour, day, visits: ended }, 'visits agree, no longer held');
    });
  }

  private rowsOf(transaction: Transaction, day: string) {
    const { neighbour } = this.options;
    return stream(transaction.rows(differenceTable), { neighbour, day });
  }

  private async count(): Promise<void> {
    const { store, neighbour } = this.options;
    const groups = await store.transact((transaction) =>
      transaction.rows(differenceTable).group({ neighbour }, { by: ['isHeld'] }),
    );
    const countOf = (isHeld: boolean): number =>
      groups.find(({ values }) => values.isHeld === isHeld)?.count ?? 0;
    this.counts = { differences: countOf(true) + countOf(false), held: countOf(true) };
  }
}

const visitsIn =
  (own: AgreementDay, their: AgreementDay) =>
  (bucket: number): number =>
    (own.buckets[bucket]?.visits ?? 0) + (their.buckets[bucket]?.visits ?? 0);

const allOf = async (
  side: AgreementSide,
  day: string,
  buckets: readonly number[],
): Promise<VisitStanding[]> => {
  const lines: VisitStanding[] = [];
  let after: string | undefined;
  do {
    const page = await side.visits(day, buckets, after);
    lines.push(...page.visits);
    after = page.next;
  } while (after !== undefined);
  return lines;
};

/** jsonb keeps no order of keys. */
const sameLines = (
  row: Pick<DifferenceRow, 'ours' | 'theirs'>,
  found: Omit<Disagreement, 'visitId'>,
): boolean => canonicalJson([row.ours, row.theirs]) === canonicalJson([found.ours, found.theirs]);
