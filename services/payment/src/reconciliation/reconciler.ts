import { businessDateOf, DAY_MS } from '@caretab/contracts';
import type { Degradation } from '@caretab/host';
import { type Clock, DomainError } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import type { Logger } from '@caretab/telemetry';
import { keepDifferenceCases } from './difference-cases';
import type { Reconciliation } from './reconcile';
import {
  type Difference,
  type ReconciliationRow,
  reconciliationTable,
} from './reconciliation.table';
import type { Calendars } from '../collection/policy';
import { keepChannelDate, type Reconciliations } from './reconciliations';
import { keepRows } from './statement-rows';

/** Days back that are compared by themselves; older ones when an operator asks. */
const DAYS_MAX = 10;
/** A bank has its statement some time after the day's end; what is in flight then has ended. */
const STATEMENT_DELAY_MS = 3_600_000;
const DIFFERENCES_MAX = 100;
const PAGE_ROWS = 31;

/** The days that are compared by themselves, the latest first. */
export const daysToReconcile = (now: Date): string[] =>
  Array.from({ length: DAYS_MAX }, (_, back) =>
    businessDateOf(new Date(now.getTime() - STATEMENT_DELAY_MS - (back + 1) * DAY_MS)),
  );

const differencesOf = ({
  onlyOurs,
  onlyTheirs,
  amountsDiffer,
  others,
}: Omit<Reconciliation, 'matched' | 'matchedFen' | 'agrees'>): Difference[] =>
  [
    ...onlyTheirs.map(({ kind, id, amountFen }) => ({
      ...{ what: 'only-theirs' as const, kind, id },
      ...{ oursFen: null, theirsFen: amountFen },
    })),
    ...amountsDiffer.map((pair) => ({ what: 'amounts-differ' as const, ...pair })),
    ...onlyOurs.map(({ kind, id, amountFen }) => ({
      ...{ what: 'only-ours' as const, kind, id },
      ...{ oursFen: amountFen, theirsFen: null },
    })),
    ...others.map(({ kind, id, amountFen }) => ({
      ...{ what: 'other' as const, kind, id },
      ...{ oursFen: null, theirsFen: amountFen },
    })),
  ].slice(0, DIFFERENCES_MAX);

/** Reconciles each day that is over by itself, and keeps the latest result of each. */
export class Reconciler {
  /** Days that differ, as of the last look. */
  private differing: readonly ReconciliationRow[] = [];
  private isFailing = false;

  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly reconciliations: Reconciliations;
      readonly policy: Calendars;
      readonly logger: Pick<Logger, 'info' | 'warn'>;
      /** Between two comparisons of a day that differs; one that agrees is compared daily. */
      readonly intervalMs: number;
    },
  ) {}

  /** Compares the days that are due; a channel that is away is asked again at the next turn. */
  async runOnce(): Promise<number> {
    const { logger } = this.parts;
    try {
      for (const date of await this.due()) await this.compare(date);
      if (this.isFailing) logger.info({}, 'reconciliation resumed');
      this.isFailing = false;
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'CHANNEL_UNAVAILABLE') throw error;
      if (!this.isFailing)
        logger.warn(error.details, 'reconciliation failed, retrying: the channel has no statement');
      this.isFailing = true;
    }
    await this.look();
    return 0;
  }

  /**
   * Compares a day that is over now; the result takes the place of an earlier one. Throws
   * DAY_NOT_OVER (unprocessable), CHANNEL_UNAVAILABLE (conflict).
   */
  async reconcile(date: string): Promise<ReconciliationRow> {
    const today = businessDateOf(this.parts.clock.now());
    if (date >= today)
      throw new DomainError('DAY_NOT_OVER', 'unprocessable', {
        field: '/date',
        why: `the day has not ended: it is ${today} in Asia/Shanghai`,
        remedy: 'reconcile a day once it is over',
      });
    const row = await this.compare(date);
    await this.look();
    return row;
  }

  /** A page of results, the latest day first; `after` is `next` of the page before. */
  list(
    after?: string,
  ): Promise<{ readonly rows: readonly ReconciliationRow[]; readonly next: string | undefined }> {
    return this.parts.store.transact(async (transaction) => {
      const { rows, next } = await transaction.rows(reconciliationTable).page(
        {},
        {
          orderBy: 'date',
          descending: true,
          countMax: PAGE_ROWS,
          after: after === undefined ? undefined : { date: after },
        },
      );
      return { rows, next: next?.date };
    });
  }

  /** Days that differ, of those that are compared by themselves. */
  degradations(): readonly Degradation[] {
    return this.differing.map((row) => ({
      what: `reconciliation of ${row.date}`,
      why:
        `${row.onlyOurs} only ours, ${row.onlyTheirs} only the bank's, ` +
        `${row.amountsDiffer} of other amounts, ${row.others} of other kinds`,
      since: row.differsSince!,
    }));
  }

  private async due(): Promise<string[]> {
    const { clock, intervalMs } = this.parts;
    const now = clock.now();
    const known = new Map((await this.rows()).map((row) => [row.date, row]));
    return daysToReconcile(now).filter((date) => {
      const row = known.get(date);
      if (!row) return true;
      const ageMs = now.getTime() - row.reconciledAt.getTime();
      // A clock that was set back delays nothing.
      return ageMs < 0 || ageMs >= (row.differsSince ? intervalMs : DAY_MS);
    });
  }

  private rows(): Promise<ReconciliationRow[]> {
    const date = { in: daysToReconcile(this.parts.clock.now()) };
    return this.parts.store.transact((transaction) =>
      transaction.rows(reconciliationTable).find({ date }, { orderBy: 'date' }),
    );
  }

  private async look(): Promise<void> {
    this.differing = (await this.rows()).filter(({ differsSince }) => differsSince !== null);
  }

  private async compare(date: string): Promise<ReconciliationRow> {
    const { store, clock, reconciliations, logger, policy } = this.parts;
    const { result, carried } = await reconciliations.compare(date);
    const now = clock.now();
    return store.transact(async (transaction) => {
      const rows = transaction.rows(reconciliationTable);
      await keepChannelDate(transaction, date, carried);
      const before = await rows.get({ date }, { lock: 'wait' });
      const others = await keepRows(transaction, date, {
        others: result.others,
        recorded: { now, policy },
      });
      const counts = {
        onlyOurs: result.onlyOurs.length,
        onlyTheirs: result.onlyTheirs.length,
        amountsDiffer: result.amountsDiffer.length,
        others: others.length,
      };
      const isEven = Object.values(counts).every((count) => count === 0);
      const row: ReconciliationRow = {
        date,
        matched: result.matched,
        matchedFen: result.matchedFen,
        ...counts,
        inTransit: result.inTransit.length,
        differences: differencesOf({ ...result, others }),
        reconciledAt: now,
        differsSince: isEven ? null : (before?.differsSince ?? now),
      };
      await rows.save(row);
      const { differences = [] } = before ?? {};
      await keepDifferenceCases(transaction, row, { before: differences, now });
      if (!isEven && !before?.differsSince)
        logger.warn({ date, ...counts }, "reconciliation differs: our books and the bank's");
      if (isEven && before?.differsSince) logger.info({ date }, 'reconciliation agrees again');
      return row;
    });
  }
}
