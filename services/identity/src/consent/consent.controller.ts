import { identityRoutes as routes, type RouteAnswer, type RouteInput } from '@caretab/contracts';
import { Handles } from '@caretab/host';
import { Controller, Inject } from '@nestjs/common';
import { Consents } from './consents';

type Route = typeof routes.showConsents;

/** HTTP in → consents. */
@Controller()
export class ConsentController {
  constructor(@Inject(Consents) private readonly consents: Consents) {}

  @Handles(routes.showConsents)
  show({ params: { personId } }: RouteInput<Route>): Promise<RouteAnswer<Route>> {
    return this.consents.show(personId);
  }
}
