import type { Scope } from '@caretab/access';
import { DAY_MS, type RouteAnswer, type settlementRoutes as routes } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { type SettlementRow, settlementTable } from './settlement.table';

const DAYS_MAX = 92;
const PAGE = 200;
const FIGURES = ['grossFen', 'postedFen', 'fundFen', 'personalAccountFen'] as const;
const NAMES = ['postings', ...FIGURES] as const;

type Figures = Record<(typeof NAMES)[number], number>;
/** Sums as the asker has them: whole numbers in words. */
export type Claimed = { readonly [Name in keyof Figures]?: string | undefined };

/** Which postings are meant. */
export interface Period {
  readonly payerId: string;
  readonly from: string;
  readonly to: string;
  readonly institutionId?: string | undefined;
}

const wrongDays = ({ from, to }: Pick<Period, 'from' | 'to'>): DomainError =>
  new DomainError('SETTLEMENT_DAYS', 'invalid', { from, to, daysMax: DAYS_MAX });

/** Each day of a period. Throws SETTLEMENT_DAYS (invalid). */
const daysOf = ({ from, to }: Period): string[] => {
  const [first, last] = [Date.parse(from), Date.parse(to)];
  const count = (last - first) / DAY_MS + 1;
  // Days that no calendar has are no numbers, and so neither above nor below.
  if (!(count >= 1 && count <= DAYS_MAX)) throw wrongDays({ from, to });
  return Array.from({ length: count }, (_, day) =>
    new Date(first + day * DAY_MS).toISOString().slice(0, 10),
  );
};

const whereOf = ({ payerId, institutionId }: Period) => ({
  payerId,
  ...(institutionId !== undefined && { institutionId }),
});

const figuresOf = (postings: number, sums: Omit<Figures, 'postings'>): Figures => ({
  ...{ postings, grossFen: sums.grossFen, postedFen: sums.postedFen },
  ...{ fundFen: sums.fundFen, personalAccountFen: sums.personalAccountFen },
});

const resultOf = (all: Figures, claimed: Claimed): 0 | 1 | undefined => {
  const sent = NAMES.filter((name) => claimed[name] !== undefined);
  if (sent.length === 0) return undefined;
  return sent.every((name) => Number(claimed[name]) === all[name]) ? 0 : 1;
};

const told = ({ personId: _, payerId: __, ...posting }: SettlementRow) => posting;

/** What was posted to an insurer, by the business day of the postings (ADR 114). */
export class SettlementDesk {
  constructor(private readonly store: Store) {}

  /** A page of postings by day. Throws SETTLEMENT_DAYS (invalid): also of a page of other days. */
  async list(
    period: Period,
    after: string | undefined,
    scopes: readonly Scope[],
  ): Promise<RouteAnswer<typeof routes.listSettlements>> {
    const days = daysOf(period);
    // What stands before the first day's first posting: rows of earlier days are never looked at.
    const [businessDate, settlementId] = after?.split('_') ?? [days[0], ''];
    if (!days.includes(businessDate!)) throw wrongDays(period);
    const { rows, next } = await this.store.transact(
      (transaction) =>
        transaction.rows(settlementTable).page(
          { ...whereOf(period), businessDate: { lte: days.at(-1)! } },
          {
            ...{ orderBy: 'businessDate', countMax: PAGE },
            after: { businessDate: businessDate!, settlementId: settlementId! },
          },
        ),
      { within: scopes },
    );
    return {
      settlements: rows.map(told),
      ...(next && { next: `${next.businessDate}_${next.settlementId}` }),
    };
  }

  /** Sums, and whether the asker's own equal them. Throws SETTLEMENT_DAYS (invalid). */
  async totals(
    period: Period,
    claimed: Claimed,
    scopes: readonly Scope[],
  ): Promise<RouteAnswer<typeof routes.sumSettlements>> {
    const days = daysOf(period);
    const rows = await this.store.transact(
      (transaction) =>
        transaction
          .rows(settlementTable)
          .group(
            { ...whereOf(period), businessDate: { in: days } },
            { by: ['institutionId', 'benefit', 'planId'], sum: FIGURES },
          ),
      { within: scopes },
    );
    const groups = rows.map(({ values, count, sums }) => ({
      ...values,
      ...figuresOf(count, sums),
    }));
    const all = figuresOf(0, { grossFen: 0, postedFen: 0, fundFen: 0, personalAccountFen: 0 });
    for (const group of groups) for (const name of NAMES) all[name] += group[name];
    const result = resultOf(all, claimed);
    return { all, groups, ...(result !== undefined && { result }) };
  }
}
