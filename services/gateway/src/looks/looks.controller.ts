import { edgeRoutes as routes, type RouteAnswer } from '@caretab/contracts';
import { AccessRecordsByService, type Asked, Handles } from '@caretab/host';
import { Controller, Inject, Optional } from '@nestjs/common';
import { LooksClient } from './looks.adapter';

/** HTTP in → who looked at a citizen's data. */
@Controller()
export class LooksController {
  constructor(
    @Inject(LooksClient) private readonly looks: LooksClient,
    /** Absent where no HTTP is, as in the simulation. */
    @Optional() @Inject(AccessRecordsByService) private readonly own = new AccessRecordsByService(),
  ) {}

  @Handles(routes.whoLooked)
  async whoLooked({
    subject,
    params: { personId },
    query: { after },
  }: Asked<typeof routes.whoLooked>): Promise<RouteAnswer<typeof routes.whoLooked>> {
    return this.looks.at(personId, after, { own: this.own, carried: subject });
  }
}
