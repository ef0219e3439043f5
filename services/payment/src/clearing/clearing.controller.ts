import { paymentRoutes as routes, type RouteAnswer, type RouteInput } from '@caretab/contracts';
import { Handles } from '@caretab/host';
import { Controller, Inject } from '@nestjs/common';
import { Clearings } from './clearings';
import { type ClearingPayouts, Payouts } from './payouts';

type Input<Name extends keyof typeof routes> = RouteInput<(typeof routes)[Name]>;
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
  get({ params: { businessDate } }: Input<'showClearing'>): Answer<'showClearing'> {
    return this.clearings.get(businessDate);
  }

  @Handles(routes.showPayouts)
  async showPayouts({ params: { businessDate } }: Input<'showPayouts'>): Answer<'showPayouts'> {
    return shown(await this.payouts.of(businessDate));
  }

  @Handles(routes.bookPayout)
  async book({ params: { businessDate }, body }: Input<'bookPayout'>): Answer<'bookPayout'> {
    return shown(await this.payouts.book(businessDate, body));
  }
}
