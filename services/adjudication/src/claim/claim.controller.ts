import {
  adjudicationRoutes as routes,
  type RouteAnswer,
  type RouteInput,
} from '@caretab/contracts';
import { Handles, STORE } from '@caretab/host';
import type { Store } from '@caretab/store';
import { Controller, Inject } from '@nestjs/common';
import { claimAnswer } from './claim-answer';
import { Estimates } from './estimates';

type Input<Name extends keyof typeof routes> = RouteInput<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

@Controller()
export class ClaimController {
  constructor(
    @Inject(STORE) private readonly store: Store,
    @Inject(Estimates) private readonly estimates: Estimates,
  ) {}

  @Handles(routes.showClaim)
  show({ params: { visitId } }: Input<'showClaim'>): Answer<'showClaim'> {
    return claimAnswer(this.store, visitId);
  }

  @Handles(routes.estimate)
  estimate({ body }: Input<'estimate'>): Answer<'estimate'> {
    return this.estimates.of(body);
  }
}
