import { type RouteAnswer, type RouteInput, visitLedgerRoutes as routes } from '@caretab/contracts';
import { Handles } from '@caretab/host';
import { Controller, Inject } from '@nestjs/common';
import { Decisions } from './decisions';

/** HTTP in → the decisions on charges, for the gateway. */
@Controller()
export class DecisionController {
  constructor(@Inject(Decisions) private readonly decisions: Decisions) {}

  @Handles(routes.decisions)
  async on({
    params: { visitId },
    body: { charges, waitMs },
  }: RouteInput<typeof routes.decisions>): Promise<RouteAnswer<typeof routes.decisions>> {
    return { decisions: await this.decisions.on(visitId, charges, waitMs) };
  }
}
