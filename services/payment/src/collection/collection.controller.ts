import { paymentRoutes as routes, type RouteAnswer } from '@caretab/contracts';
import { type Asked, Handles, Jobs } from '@caretab/host';
import { DomainError } from '@caretab/kernel';
import { Controller, Inject } from '@nestjs/common';
import { Collections } from './collections';
import { VisitPayments } from './visit-payments';

type Input<Name extends keyof typeof routes> = Asked<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

@Controller()
export class CollectionController {
  constructor(
    @Inject(Collections) private readonly collections: Collections,
    @Inject(VisitPayments) private readonly payments: VisitPayments,
    @Inject(Jobs) private readonly jobs: Jobs,
  ) {}

  @Handles(routes.pay)
  async pay({ params: { visitId }, body: { token, channel } }: Input<'pay'>): Answer<'pay'> {
    if ((token === undefined) !== (channel === undefined))
      throw new DomainError('ACCOUNT_INCOMPLETE', 'invalid', { needs: ['token', 'channel'] });
    await this.collections.payNow(visitId, token && channel ? { token, channel } : undefined);
    this.jobs.wake('payment.collect');
    return this.payments.of(visitId);
  }

  @Handles(routes.showVisit)
  visit({ scopes, params: { visitId } }: Input<'showVisit'>): Answer<'showVisit'> {
    return this.payments.of(visitId, scopes);
  }

  @Handles(routes.summary)
  summary(): Answer<'summary'> {
    return this.payments.summary();
  }
}
