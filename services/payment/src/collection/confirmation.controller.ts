import { paymentRoutes as routes, type RouteAnswer } from '@caretab/contracts';
import { type Asked, concerning, Handles, Jobs } from '@caretab/host';
import { Controller, Inject } from '@nestjs/common';
import { cursorOf, cursorText } from '../case/cursor';
import { Confirmations } from './confirmations';

type Input<Name extends keyof typeof routes> = Asked<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

/** Visits that wait for who pays, and what they say. */
@Controller()
export class ConfirmationController {
  constructor(
    @Inject(Confirmations) private readonly confirmations: Confirmations,
    @Inject(Jobs) private readonly jobs: Jobs,
  ) {}

  @Handles(routes.confirm)
  async confirm({ params: { visitId }, body }: Input<'confirm'>): Answer<'confirm'> {
    const payer = await this.confirmations.answer(visitId, body.confirmed);
    if (body.confirmed) this.jobs.wake('payment.collect');
    return concerning([payer], { visitId, confirmed: body.confirmed });
  }

  @Handles(routes.listConfirmations)
  async list({
    query: { status = 'awaiting-confirmation', after },
  }: Input<'listConfirmations'>): Answer<'listConfirmations'> {
    const { visits, next } = await this.confirmations.list(
      status,
      after === undefined ? undefined : cursorOf(after),
    );
    const payers = visits.map(({ accountPersonId }) => accountPersonId);
    return concerning(payers, { visits, ...(next && { next: cursorText(next) }) });
  }
}
