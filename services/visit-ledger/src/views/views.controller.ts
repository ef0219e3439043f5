import { BusinessDate, InstitutionId, PersonId, VisitId } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { STORE, valid } from '@caretab/host';
import { Controller, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
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

/** Questions to the ledger's views, and the commands that rebuild and check them. */
@ApiTags('visit-ledger')
@Controller('visit-ledger')
export class ViewsController {
  constructor(
    @Inject(STORE) private readonly store: Store,
    @Inject(Projection) private readonly projection: Projection,
  ) {}

  @Get('visits/:visitId')
  @ApiOperation({ summary: 'How a visit stands' })
  async visit(@Param('visitId', valid(VisitId)) visitId: string): Promise<unknown> {
    const row = await this.store.transact((transaction) =>
      transaction.rows(visitView.table).get({ visitId }),
    );
    if (!row) throw new DomainError('VISIT_UNKNOWN', 'not-found', { visitId });
    return row;
  }

  @Get('persons/:personId/visits')
  @ApiOperation({ summary: "A person's visits, newest first" })
  async person(@Param('personId', valid(PersonId)) personId: string): Promise<unknown> {
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

  @Get('institutions/:institutionId/days/:businessDate')
  @ApiOperation({ summary: "An institution's day" })
  async day(
    @Param('institutionId', valid(InstitutionId)) institutionId: string,
    @Param('businessDate', valid(BusinessDate)) businessDate: string,
  ): Promise<unknown> {
    const row = await this.store.transact((transaction) =>
      transaction.rows(institutionDayView.table).get({ dayId: `${institutionId}/${businessDate}` }),
    );
    if (!row) throw new DomainError('DAY_UNKNOWN', 'not-found', { institutionId, businessDate });
    return row;
  }

  @Get('summary')
  @ApiOperation({ summary: 'Every institution’s days, and visits by status' })
  async summary(): Promise<unknown> {
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

  @Get('trial-balance')
  @ApiOperation({
    summary:
      'The double-entry book: every account, and the difference of debits and credits (must be 0)',
  })
  async trialBalance(): Promise<unknown> {
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

  @Post('views/rebuild')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Drop all views and fold the whole log anew; readers are not disturbed',
  })
  rebuild(): Promise<unknown> {
    return this.projection.rebuild();
  }

  @Get('views/check')
  @ApiOperation({ summary: 'Compare every row of every view with the fold of its facts' })
  async check(): Promise<unknown> {
    const views = await this.projection.check();
    return { equal: views.every((view) => view.differences.length === 0), views };
  }
}
