import { edgeRoutes as routes, type RouteAnswer, type RouteInput } from '@caretab/contracts';
import { Handles } from '@caretab/host';
import { Controller, Inject } from '@nestjs/common';
import { NotificationClient } from './notification.adapter';
import { VisitLedgerClient } from './visit-ledger.adapter';

type Route = typeof routes.answerAgreement;

/** What a citizen answers to a late charge, by the code of the notice. */
@Controller()
export class AgreementsController {
  constructor(
    @Inject(NotificationClient) private readonly notification: NotificationClient,
    @Inject(VisitLedgerClient) private readonly ledger: VisitLedgerClient,
  ) {}

  @Handles(routes.answerAgreement)
  async answer({ body: { code, agree } }: RouteInput<Route>): Promise<RouteAnswer<Route>> {
    const { visitId, chargeId } = await this.notification.lateChargeOf(code);
    await this.ledger.answerLateCharge({ visitId, chargeId }, agree);
    return { agreed: agree };
  }
}
