import { paymentRoutes as routes, type RouteAnswer, type RouteInput } from '@caretab/contracts';
import { Handles } from '@caretab/host';
import { Controller, Inject } from '@nestjs/common';
import { Reconciler } from './reconciler';
import { Reconciliations } from './reconciliations';

type Input<Name extends keyof typeof routes> = RouteInput<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

@Controller()
export class ReconciliationController {
  constructor(
    @Inject(Reconciliations) private readonly reconciliations: Reconciliations,
    @Inject(Reconciler) private readonly reconciler: Reconciler,
  ) {}

  @Handles(routes.reconcile)
  of({ params: { date } }: Input<'reconcile'>): Answer<'reconcile'> {
    return this.reconciliations.of(date);
  }

  @Handles(routes.listReconciliations)
  async list({ query: { after } }: Input<'listReconciliations'>): Answer<'listReconciliations'> {
    const { rows, next } = await this.reconciler.list(after);
    return { reconciliations: [...rows], ...(next !== undefined && { next }) };
  }

  @Handles(routes.reconcileDay)
  reconcile({ body: { date } }: Input<'reconcileDay'>): Answer<'reconcileDay'> {
    return this.reconciler.reconcile(date);
  }
}
