import { type RouteAnswer, settlementRoutes as routes } from '@caretab/contracts';
import { type Asked, Handles } from '@caretab/host';
import { Controller, Inject } from '@nestjs/common';
import { SettlementDesk } from './settlement-desk';

type Input<Name extends keyof typeof routes> = Asked<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

/** HTTP in → what was posted to an insurer. */
@Controller()
export class SettlementController {
  constructor(@Inject(SettlementDesk) private readonly desk: SettlementDesk) {}

  @Handles(routes.listSettlements)
  list({ scopes, params, query }: Input<'listSettlements'>): Answer<'listSettlements'> {
    const { after, ...period } = query;
    return this.desk.list({ ...params, ...period }, after, scopes);
  }

  @Handles(routes.sumSettlements)
  totals({ scopes, params, query }: Input<'sumSettlements'>): Answer<'sumSettlements'> {
    const { from, to, institutionId, ...claimed } = query;
    return this.desk.totals({ ...params, from, to, institutionId }, claimed, scopes);
  }
}
