import { paymentRoutes as routes, type RouteAnswer, type RouteInput } from '@caretab/contracts';
import { Handles } from '@caretab/host';
import { Controller, Inject } from '@nestjs/common';
import { Reconciliations } from './reconciliations';

type Reconcile = typeof routes.reconcile;

@Controller()
export class ReconciliationController {
  constructor(@Inject(Reconciliations) private readonly reconciliations: Reconciliations) {}

  @Handles(routes.reconcile)
  of({ params: { date } }: RouteInput<Reconcile>): Promise<RouteAnswer<Reconcile>> {
    return this.reconciliations.of(date);
  }
}
