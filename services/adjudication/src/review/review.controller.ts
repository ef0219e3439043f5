import { reviewRoutes as routes, type RouteAnswer } from '@caretab/contracts';
import { type Asked, Handles } from '@caretab/host';
import { Controller, Inject } from '@nestjs/common';
import { Reviews } from './reviews';

type Input<Name extends keyof typeof routes> = Asked<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

/** HTTP in → what checks found, and what a payer decides on it. */
@Controller()
export class ReviewController {
  constructor(@Inject(Reviews) private readonly reviews: Reviews) {}

  @Handles(routes.listReviews)
  list({ params: { payerId }, query }: Input<'listReviews'>): Answer<'listReviews'> {
    return this.reviews.list(payerId, query);
  }

  @Handles(routes.showReview)
  show({ params }: Input<'showReview'>): Answer<'showReview'> {
    return this.reviews.show(params);
  }

  @Handles(routes.ownReview)
  own({ params, subject }: Input<'ownReview'>): Answer<'ownReview'> {
    return this.reviews.own(params, subject.id);
  }

  @Handles(routes.decideReview)
  decide({ params, body, subject, approvedBy }: Input<'decideReview'>): Answer<'decideReview'> {
    return this.reviews.decide(params, body, { by: subject.id, approvedBy });
  }

  @Handles(routes.showCheckRules)
  async rules(): Answer<'showCheckRules'> {
    return this.reviews.rulesInForce;
  }
}
