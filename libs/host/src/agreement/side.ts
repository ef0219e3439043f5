import type { AgreementDay, AgreementVisits, VisitStanding } from '@caretab/contracts';
import type { Store, Transaction } from '@caretab/store';
import { bucketOf, DayDigest } from './digests';

/** Closed visits by day, as one service knows them. A day is that of the visit's end (Asia/Shanghai). */
export interface AgreementSide {
  day(day: string): Promise<AgreementDay>;
  /** A page of the visits of some buckets; `after` is `next` of the page before. */
  visits(day: string, buckets: readonly number[], after?: string): Promise<AgreementVisits>;
}

/** How a service reads its own visits of a day. */
export interface StandingRows {
  /** The next visits of a day that have a verdict, by visit id, at most so many. */
  page(
    transaction: Transaction,
    where: { readonly day: string; readonly after: string | undefined; readonly countMax: number },
  ): Promise<{ readonly lines: readonly VisitStanding[]; readonly next: string | undefined }>;
  /** The last day before another that has visits. */
  earlier(transaction: Transaction, day: string): Promise<string | undefined>;
}

/** Visits of one transaction. */
const PAGE_VISITS = 500;

/** A service's own side, read from its rows page by page: memory stays that of one page. */
export class OwnSide implements AgreementSide {
  constructor(
    private readonly store: Store,
    private readonly lines: StandingRows,
  ) {}

  async day(day: string): Promise<AgreementDay> {
    const digest = new DayDigest();
    let after: string | undefined;
    do {
      const page = await this.page(day, after);
      for (const line of page.lines) digest.add(line);
      after = page.next;
    } while (after !== undefined);
    const earlier = await this.store.transact((transaction) =>
      this.lines.earlier(transaction, day),
    );
    return { day, earlier: earlier ?? null, buckets: digest.result() };
  }

  async visits(day: string, buckets: readonly number[], after?: string): Promise<AgreementVisits> {
    const { lines, next } = await this.page(day, after);
    const visits = lines.filter(({ visitId }) => buckets.includes(bucketOf(visitId)));
    return next === undefined ? { visits } : { visits, next };
  }

  private page(day: string, after: string | undefined) {
    return this.store.transact((transaction) =>
      this.lines.page(transaction, { day, after, countMax: PAGE_VISITS }),
    );
  }
}
