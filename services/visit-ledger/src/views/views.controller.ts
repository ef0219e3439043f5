import { type RouteAnswer, type RouteInput, visitLedgerRoutes as routes } from '@caretab/contracts';
import { idsOf } from '@caretab/bus';
import { type Asked, Handles, STORE } from '@caretab/host';
import { DomainError } from '@caretab/kernel';
import type { Cursor, Store } from '@caretab/store';
import { Controller, Inject } from '@nestjs/common';
import { accountBalanceView } from './account-balance.view';
import { type InstitutionDayRow, institutionDayView } from './institution-day.view';
import { personVisitsView } from './person-visits.view';
import { Projection } from './projection';
import { refundOwedFen, visitView } from './visit.view';

const PERSON_VISITS_MAX = 500;
/** Institutions' days, or accounts, of one answer. */
const PAGE_ROWS = 1000;

type Input<Name extends keyof typeof routes> = RouteInput<(typeof routes)[Name]>;
type Scoped<Name extends keyof typeof routes> = Pick<
  Asked<(typeof routes)[Name]>,
  keyof Input<Name> | 'scopes'
>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

/** Questions to the ledger's views, and the commands that rebuild and check them. */
@Controller()
export class ViewsController {
  constructor(
    @Inject(STORE) private readonly store: Store,
    @Inject(Projection) private readonly projection: Projection,
  ) {}

  @Handles(routes.showVisit)
  async visit({ scopes, params: { visitId } }: Scoped<'showVisit'>): Answer<'showVisit'> {
    const row = await this.store.transact(
      (transaction) => transaction.rows(visitView.table).get({ visitId }),
      { within: scopes },
    );
    if (!row) throw new DomainError('VISIT_UNKNOWN', 'not-found', { visitId });
    return { ...row, refundOwedFen: refundOwedFen(row) };
  }

  @Handles(routes.personVisits)
  async person({ scopes, params: { personId } }: Scoped<'personVisits'>): Answer<'personVisits'> {
    // Of who is merged those of both, each under its own id.
    const ids = await this.store.transact((transaction) => idsOf(transaction, personId));
    const latest = { orderBy: 'startedAt', descending: true, countMax: PERSON_VISITS_MAX } as const;
    const rows = await this.store.transact(
      (transaction) =>
        transaction.rows(personVisitsView.table).find({ personId: { in: ids } }, latest),
      { within: scopes },
    );
    const visits = rows.map((row) => ({ ...row, refundOwedFen: Math.max(0, -row.owedFen) }));
    return { personId, visits };
  }

  @Handles(routes.institutionDay)
  async day({
    scopes,
    params: { institutionId, businessDate },
  }: Scoped<'institutionDay'>): Answer<'institutionDay'> {
    const dayId = `${institutionId}/${businessDate}`;
    const row = await this.store.transact(
      (transaction) => transaction.rows(institutionDayView.table).get({ dayId }),
      { within: scopes },
    );
    if (!row) throw new DomainError('DAY_UNKNOWN', 'not-found', { institutionId, businessDate });
    return row;
  }

  @Handles(routes.summary)
  async summary({ query: { before } }: Input<'summary'>): Answer<'summary'> {
    return this.store.transact(async (transaction) => {
      const rows = transaction.rows(visitView.table);
      const statuses = await rows.group({}, { by: ['status'], sum: ['chargesWaiting'] });
      const { rows: days, next } = await transaction.rows(institutionDayView.table).page(
        {},
        {
          orderBy: 'businessDate',
          descending: true,
          countMax: PAGE_ROWS,
          after: before === undefined ? undefined : cursorOf(before),
        },
      );
      return {
        visitsByStatus: Object.fromEntries(
          statuses.map(({ values, count }) => [values.status, count]),
        ),
        chargesWaiting: statuses.reduce((total, { sums }) => total + sums.chargesWaiting, 0),
        paymentsMissed: await rows.count({ missedReason: { gt: '' } }),
        days: [...days],
        ...(next && { nextBefore: next.dayId! }),
      };
    });
  }

  @Handles(routes.trialBalance)
  async trialBalance({ query: { after } }: Input<'trialBalance'>): Answer<'trialBalance'> {
    return this.store.transact(async (transaction) => {
      const rows = transaction.rows(accountBalanceView.table);
      const { rows: accounts, next } = await rows.page(
        {},
        { countMax: PAGE_ROWS, after: after === undefined ? undefined : { account: after } },
      );
      const debitFen = await rows.sum({}, 'debitFen');
      const creditFen = await rows.sum({}, 'creditFen');
      return {
        accounts: [...accounts],
        debitFen,
        creditFen,
        differenceFen: debitFen - creditFen,
        ...(next && { nextAfter: next.account! }),
      };
    });
  }

  @Handles(routes.rebuildViews)
  rebuild(): Answer<'rebuildViews'> {
    return this.projection.rebuild();
  }

  @Handles(routes.checkViews)
  async check(): Answer<'checkViews'> {
    const views = await this.projection.check();
    return { equal: views.every((view) => view.differences.length === 0), views };
  }
}

const cursorOf = (dayId: string): Cursor<InstitutionDayRow> => ({
  dayId,
  businessDate: dayId.slice(dayId.indexOf('/') + 1),
});
