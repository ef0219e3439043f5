import { paymentRoutes as routes, type RouteAnswer } from '@caretab/contracts';
import { type Asked, concerning, Handles, Jobs, STORE } from '@caretab/host';
import { DomainError } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { Controller, Inject } from '@nestjs/common';
import { payersOf } from '../collection/collection-rows';
import type { CaseRow } from './case.table';
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
    @Inject(STORE) private readonly store: Store,
  ) {}

  @Handles(routes.listCases)
  async list({
    query: { status = 'open', visitId, after },
  }: Input<'listCases'>): Answer<'listCases'> {
    const { cases, next } = await this.cases.list(
      { status, visitId },
      after === undefined ? undefined : cursorOf(after),
    );
    return this.of(cases, next ? { cases, next: cursorText(next) } : { cases });
  }

  @Handles(routes.showCase)
  async show({ params: { caseId } }: Input<'showCase'>): Answer<'showCase'> {
    const row = await this.cases.show(caseId);
    return this.of([row], row);
  }

  @Handles(routes.ownCase)
  async own({ params: { caseId }, body: { owner } }: Input<'ownCase'>): Answer<'ownCase'> {
    const row = await this.cases.own(caseId, owner);
    return this.of([row], row);
  }

  @Handles(routes.retryCase)
  async retry({ params: { caseId }, subject }: Input<'retryCase'>): Answer<'retryCase'> {
    const row = await this.cases.retry(caseId, subject.id);
    this.jobs.wake('payment.refund');
    return this.of([row], row);
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
    return this.of([row], row);
  }

  /** The records of access have who pays these visits. */
  private async of<Answered extends object>(
    cases: readonly Pick<CaseRow, 'visitId'>[],
    answer: Answered,
  ): Promise<Answered> {
    const visitIds = cases.flatMap(({ visitId }) => (visitId === null ? [] : [visitId]));
    return concerning(await payersOf(this.store, visitIds), answer);
  }
}
