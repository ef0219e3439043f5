import { adjudicationRoutes as routes, type RouteAnswer } from '@caretab/contracts';
import { type Asked, Handles, STORE } from '@caretab/host';
import type { Store } from '@caretab/store';
import { Controller, Inject } from '@nestjs/common';
import { claimAnswer } from './claim-answer';
import { OutsideUses } from './outside-use';
import { PlanUses } from './plan-use-at';
import { Estimates } from './estimates';

type Input<Name extends keyof typeof routes> = Asked<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

@Controller()
export class ClaimController {
  constructor(
    @Inject(STORE) private readonly store: Store,
    @Inject(PlanUses) private readonly uses: PlanUses,
    @Inject(OutsideUses) private readonly outside: OutsideUses,
    @Inject(Estimates) private readonly estimates: Estimates,
  ) {}

  @Handles(routes.showClaim)
  show({ scopes, params: { visitId } }: Input<'showClaim'>): Answer<'showClaim'> {
    return claimAnswer(this.store, visitId, scopes);
  }

  @Handles(routes.showPlanUse)
  use({ scopes, params, query }: Input<'showPlanUse'>): Answer<'showPlanUse'> {
    const { personId } = params;
    return this.uses.of({ personId, year: Number(query.year), at: query.at }, scopes);
  }

  @Handles(routes.putOutsideUse)
  async putOutsideUse({
    params: { personId },
    body,
    subject,
  }: Input<'putOutsideUse'>): Answer<'putOutsideUse'> {
    return this.outside.take(personId, body, subject.id);
  }

  @Handles(routes.estimate)
  estimate({ scopes, body }: Input<'estimate'>): Answer<'estimate'> {
    return this.estimates.of(body, scopes);
  }
}
