import { edgeRoutes as routes, type RouteAnswer, type RouteInput } from '@caretab/contracts';
import { Handles } from '@caretab/host';
import { Controller, Inject } from '@nestjs/common';
import { CreditClient } from './credit.adapter';
import { NotificationClient } from './notification.adapter';
import { PaymentClient } from './payment.adapter';
import { VisitLedgerClient } from './visit-ledger.adapter';

type Route = typeof routes.answerAgreement;

/** What citizens answer by the code of a notice: to a late charge, or whether a visit is theirs. */
@Controller()
export class AgreementsController {
  constructor(
    @Inject(NotificationClient) private readonly notification: NotificationClient,
    @Inject(VisitLedgerClient) private readonly ledger: VisitLedgerClient,
    @Inject(PaymentClient) private readonly payment: PaymentClient,
    @Inject(CreditClient) private readonly credit: CreditClient,
  ) {}

  @Handles(routes.answerAgreement)
  async answer({ body: { code, agree } }: RouteInput<Route>): Promise<RouteAnswer<Route>> {
    const { visitId, chargeId, linkId } = await this.notification.askedBy(code);
    if (linkId !== undefined) await this.ledger.answerIdentification({ visitId, linkId }, agree);
    else if (chargeId === undefined) await this.confirm(visitId, agree);
    else await this.ledger.answerLateCharge({ visitId, chargeId }, agree);
    return { agreed: agree };
  }

  /** Before anything is deferred credit asks, before a debit payment: whichever waits. */
  private async confirm(visitId: string, agree: boolean): Promise<void> {
    if (!(await this.credit.confirm(visitId, agree))) await this.payment.confirm(visitId, agree);
  }
}
