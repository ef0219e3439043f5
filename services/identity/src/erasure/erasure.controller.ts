import {
  identityRoutes as routes,
  Reply,
  type RouteAnswer,
  type RouteInput,
} from '@caretab/contracts';
import { type Asked, Handles, STORE } from '@caretab/host';
import type { Store } from '@caretab/store';
import { Controller, Inject } from '@nestjs/common';
import { eraseAll } from './erase-all';
import { Erasures } from './erasures';
import { retention } from './retention';

type Input<Name extends keyof typeof routes> = RouteInput<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

/** HTTP in → erasures. */
@Controller()
export class ErasureController {
  constructor(
    @Inject(STORE) private readonly store: Store,
    @Inject(Erasures) private readonly erasures: Erasures,
  ) {}

  @Handles(routes.destroyPersonalData)
  async erase({
    params: { personId },
    approvedBy,
  }: Asked<(typeof routes)['destroyPersonalData']>): Answer<'destroyPersonalData'> {
    const { store, erasures } = this;
    const receipt = await eraseAll({ store, erasures }, personId, approvedBy);
    return receipt.status === 'done' ? new Reply(200, receipt) : new Reply(202, receipt);
  }

  @Handles(routes.showErasure)
  show({ params: { personId } }: Input<'showErasure'>): Answer<'showErasure'> {
    return this.erasures.show(personId);
  }

  @Handles(routes.showRetention)
  async retention(): Answer<'showRetention'> {
    return retention;
  }
}
