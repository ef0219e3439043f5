import { type RouteAnswer, type RouteInput, visitLedgerRoutes as routes } from '@caretab/contracts';
import { Handles, STORE } from '@caretab/host';
import { DomainError } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { Controller, Inject } from '@nestjs/common';
import { accountBalanceView } from './account-balance.view';
import { type InstitutionDayRow, institutionDayView } from './institution-day.view';
import { personVisitsView } from './person-visits.view';
import { Projection } from './projection';
import { visitView } from './visit.view';

const PERSON_VISITS_MAX = 500;
const VISIT_STATUSES = [
  'unknown',
  'open',
  'cancelled',
  'closed',
  'adjudicated',
  'settled',
] as const;

type Input<Name extends keyof typeof routes> = RouteInput<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

/** Questions to the ledger's views, and the commands that rebuild and check them. */
@Controller()
export class ViewsController {
  constructor(
    @Inject(STORE) private readonly store: Store,
    @Inject(Projection) private readonly projection: Projection,
  ) {}

  @Handles(routes.showVisit)
  async visit({ params: { visitId } }: Input<'showVisit'>): Answer<'showVisit'> {
    const row = await this.store.transact((transaction) =>
      transaction.rows(visitView.table).get({ visitId }),
    );
    if (!row) throw new DomainError('VISIT_UNKNOWN', 'not-found', { visitId });
    return row;
  }

  @Handles(routes.personVisits)
  async person({ params: { personId } }: Input<'personVisits'>): Answer<'personVisits'> {
    const visits = await this.store.transact((transaction) =>
      transaction
        .rows(personVisitsView.table)
        .find(
          { personId },
          { orderBy: 'startedAt', descending: true, countMax: PERSON_VISITS_MAX },
        ),
    );
    return { personId, visits };
  }

  @Handles(routes.institutionDay)
  async day({
    params: { institutionId, businessDate },
  }: Input<'institutionDay'>): Answer<'institutionDay'> {
    const row = await this.store.transact((transaction) =>
      transaction.rows(institutionDayView.table).get({ dayId: `${institutionId}/${businessDate}` }),
    );
    if (!row) throw new DomainError('DAY_UNKNOWN', 'not-found', { institutionId, businessDate });
    return row;
  }

  @Handles(routes.summary)
  async summary(): Answer<'summary'> {
    return this.store.transact(async (transaction) => {
      const rows = transaction.rows(visitView.table);
      const visitsByStatus: Record<string, number> = {};
      for (const status of VISIT_STATUSES) {
        const count = await rows.count({ status });
        if (count > 0) visitsByStatus[status] = count;
      }
      const chargesWaiting = await rows.sum({ chargesWaiting: { gt: 0 } }, 'chargesWaiting');
      const days: InstitutionDayRow[] = await transaction
        .rows(institutionDayView.table)
        .find({}, { orderBy: 'dayId' });
      return {
        visitsByStatus,
        chargesWaiting,
        paymentsMissed: await rows.count({ missedReason: { gt: '' } }),
        days,
      };
    });
  }

  @Handles(routes.trialBalance)
  async trialBalance(): Answer<'trialBalance'> {
    const accounts = await this.store.transact((transaction) =>
      transaction.rows(accountBalanceView.table).find({}, { orderBy: 'account' }),
    );
    const sum = (field: 'debitFen' | 'creditFen'): number =>
      accounts.reduce((total, row) => total + row[field], 0);
    return {
      accounts,
      debitFen: sum('debitFen'),
      creditFen: sum('creditFen'),
      differenceFen: sum('debitFen') - sum('creditFen'),
    };
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
