import { type RouteAnswer, visitConfirmationRoutes as routes } from '@caretab/contracts';
import { type Asked, Handles } from '@caretab/host';
import { Controller, Inject } from '@nestjs/common';
import { VisitConfirmations } from './visit-confirmations';

type Input<Name extends keyof typeof routes> = Asked<(typeof routes)[Name]>;

/** HTTP in → the word of who pays about a visit. */
@Controller()
export class ConfirmationController {
  constructor(@Inject(VisitConfirmations) private readonly confirmations: VisitConfirmations) {}

  @Handles(routes.confirmVisit)
  async answer({
    params: { visitId },
    body,
    subject,
    scopes,
  }: Input<'confirmVisit'>): Promise<RouteAnswer<typeof routes.confirmVisit>> {
    await this.confirmations.answer(visitId, body.agree, { subject, scopes });
    return this.confirmations.show(visitId, scopes);
  }

  @Handles(routes.showVisitConfirmation)
  show({
    params,
    scopes,
  }: Input<'showVisitConfirmation'>): Promise<RouteAnswer<typeof routes.showVisitConfirmation>> {
    return this.confirmations.show(params.visitId, scopes);
  }
}
