import { paymentRoutes as routes, type RouteAnswer, type RouteInput } from '@caretab/contracts';
import { Handles } from '@caretab/host';
import { Controller, Inject } from '@nestjs/common';
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
  async adopt({
    body,
  }: RouteInput<typeof routes.adopt>): Promise<RouteAnswer<typeof routes.adopt>> {
    await this.adoptions.adopt(body);
    return this.payments.of(body.visitId);
  }
}
