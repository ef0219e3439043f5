import { paymentRoutes as routes, type RouteAnswer } from '@caretab/contracts';
import { type Asked, Handles } from '@caretab/host';
import { Controller, Inject } from '@nestjs/common';
import { decidersOf } from '../case/two-names';
import { Clearings } from './clearings';
import { type ClearingPayouts, Payouts } from './payouts';

type Input<Name extends keyof typeof routes> = Asked<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

const shown = ({ parties, lines, ...rest }: ClearingPayouts) => ({
  ...rest,
  parties: [...parties],
  lines: lines.map(({ clearingId: _, ...line }) => line),
});

@Controller()
export class ClearingController {
  constructor(
    @Inject(Clearings) private readonly clearings: Clearings,
    @Inject(Payouts) private readonly payouts: Payouts,
  ) {}

  @Handles(routes.clear)
  clear({ body: { businessDate } }: Input<'clear'>): Answer<'clear'> {
    return this.clearings.clear(businessDate);
  }

  @Handles(routes.showClearing)
  get({ scopes, params: { businessDate } }: Input<'showClearing'>): Answer<'showClearing'> {
    return this.clearings.get(businessDate, scopes);
  }

  @Handles(routes.showPayouts)
  async showPayouts({
    scopes,
    params: { businessDate },
  }: Input<'showPayouts'>): Answer<'showPayouts'> {
    return shown(await this.payouts.of(businessDate, scopes));
  }

  @Handles(routes.bookPayout)
  async book(asked: Input<'bookPayout'>): Answer<'bookPayout'> {
    const line = { ...asked.body, ...decidersOf(asked) };
    return shown(await this.payouts.book(asked.params.businessDate, line));
  }
}
