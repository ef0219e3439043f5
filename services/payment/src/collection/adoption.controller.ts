import { paymentRoutes as routes, type RouteAnswer } from '@caretab/contracts';
import { type Asked, Handles } from '@caretab/host';
import { Controller, Inject } from '@nestjs/common';
import { decidersOf } from '../case/two-names';
import { Adoptions } from './adoptions';
import { VisitPayments } from './visit-payments';

/** Money that payment does not know and the bank does. */
@Controller()
export class AdoptionController {
  constructor(
    @Inject(Adoptions) private readonly adoptions: Adoptions,
    @Inject(VisitPayments) private readonly payments: VisitPayments,
  ) {}

  @Handles(routes.adopt)
  async adopt(asked: Asked<typeof routes.adopt>): Promise<RouteAnswer<typeof routes.adopt>> {
    await this.adoptions.adopt({ ...asked.body, ...decidersOf(asked) });
    return this.payments.of(asked.body.visitId);
  }
}
