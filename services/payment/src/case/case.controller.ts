import { paymentRoutes as routes, type RouteAnswer } from '@caretab/contracts';
import { type Asked, Handles, Jobs } from '@caretab/host';
import { DomainError } from '@caretab/kernel';
import { Controller, Inject } from '@nestjs/common';
import { Cases } from './cases';
import { cursorOf, cursorText } from './cursor';
import { decidersOf } from './two-names';

type Input<Name extends keyof typeof routes> = Asked<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

@Controller()
export class CaseController {
  constructor(
    @Inject(Cases) private readonly cases: Cases,
    @Inject(Jobs) private readonly jobs: Jobs,
  ) {}

  @Handles(routes.listCases)
  async list({
    query: { status = 'open', visitId, after },
  }: Input<'listCases'>): Answer<'listCases'> {
    const { cases, next } = await this.cases.list(
      { status, visitId },
      after === undefined ? undefined : cursorOf(after),
    );
    return next ? { cases, next: cursorText(next) } : { cases };
  }

  @Handles(routes.showCase)
  show({ params: { caseId } }: Input<'showCase'>): Answer<'showCase'> {
    return this.cases.show(caseId);
  }

  @Handles(routes.ownCase)
  own({ params: { caseId }, body: { owner } }: Input<'ownCase'>): Answer<'ownCase'> {
    return this.cases.own(caseId, owner);
  }

  @Handles(routes.retryCase)
  async retry({ params: { caseId }, subject }: Input<'retryCase'>): Answer<'retryCase'> {
    const row = await this.cases.retry(caseId, subject.id);
    this.jobs.wake('payment.refund');
    return row;
  }

  @Handles(routes.resolveCase)
  async resolve(asked: Input<'resolveCase'>): Answer<'resolveCase'> {
    const { channel, token, ...given } = asked.body;
    if ((token === undefined) !== (channel === undefined))
      throw new DomainError('ACCOUNT_INCOMPLETE', 'invalid', { needs: ['token', 'channel'] });
    const account = token && channel ? { channel, token } : undefined;
    const resolution = { ...given, ...decidersOf(asked), account };
    const row = await this.cases.resolve(asked.params.caseId, resolution);
    this.jobs.wake('payment.refund');
    return row;
  }
}
