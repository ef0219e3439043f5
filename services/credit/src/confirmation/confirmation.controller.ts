import { type RouteAnswer, visitConfirmationRoutes as routes } from '@caretab/contracts';
import { type Asked, Handles } from '@caretab/host';
import { DomainError } from '@caretab/kernel';
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
    const { agree, desk } = body;
    const isService = subject.roles.some(({ kind }) => kind === 'Service');
    if (desk !== undefined && (!isService || !visitId.startsWith(`${desk}-`)))
      throw new DomainError('REQUEST_INVALID', 'invalid', {
        faults: [
          { field: '/desk', why: 'the edge alone says it, of the institution of the visit' },
        ],
      });
    await this.confirmations.answer(visitId, agree, { subject, scopes, desk });
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
