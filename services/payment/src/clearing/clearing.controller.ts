import { paymentRoutes as routes, type RouteAnswer, type RouteInput } from '@caretab/contracts';
import { Handles } from '@caretab/host';
import { Controller, Inject } from '@nestjs/common';
import { Clearings } from './clearings';

type Input<Name extends keyof typeof routes> = RouteInput<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

@Controller()
export class ClearingController {
  constructor(@Inject(Clearings) private readonly clearings: Clearings) {}

  @Handles(routes.clear)
  clear({ body: { businessDate } }: Input<'clear'>): Answer<'clear'> {
    return this.clearings.clear(businessDate);
  }

  @Handles(routes.showClearing)
  get({ params: { businessDate } }: Input<'showClearing'>): Answer<'showClearing'> {
    return this.clearings.get(businessDate);
  }
}
