import { plans } from '@caretab/benefits';
import { adjudicationRoutes as routes, type RouteAnswer } from '@caretab/contracts';
import { Handles } from '@caretab/host';
import { Controller } from '@nestjs/common';

@Controller()
export class PlanController {
  @Handles(routes.listPlans)
  list(): RouteAnswer<typeof routes.listPlans> {
    return { plans };
  }
}
