import { paymentRoutes as routes, type RouteAnswer } from '@caretab/contracts';
import { type Asked, concerning, Handles, STORE } from '@caretab/host';
import type { Store } from '@caretab/store';
import { Controller, Inject } from '@nestjs/common';
import { payersOf } from '../collection/collection-rows';
import { Counter } from './counter';
import type { ReceiptRow } from './counter.table';
import { Shifts } from './shifts';

type Input<Name extends keyof typeof routes> = Asked<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

const shown = ({ institutionId: _, subjectId: __, ...receipt }: ReceiptRow) => receipt;

/** HTTP in → money at the counters of hospitals. */
@Controller()
export class CounterController {
  constructor(
    @Inject(Shifts) private readonly shifts: Shifts,
    @Inject(Counter) private readonly counter: Counter,
    @Inject(STORE) private readonly store: Store,
  ) {}

  @Handles(routes.openShift)
  open({ params, subject }: Input<'openShift'>): Answer<'openShift'> {
    return this.shifts.open(params, subject.id);
  }

  @Handles(routes.showShift)
  show({ params }: Input<'showShift'>): Answer<'showShift'> {
    return this.shifts.sheet(params);
  }

  @Handles(routes.closeShift)
  close({ params, body, subject }: Input<'closeShift'>): Answer<'closeShift'> {
    return this.shifts.close(params, subject.id, body.countedFen);
  }

  @Handles(routes.listReceipts)
  async list({ params, query: { after } }: Input<'listReceipts'>): Answer<'listReceipts'> {
    const { receipts, next } = await this.shifts.receipts(params, after);
    const payers = await payersOf(this.store, [...new Set(receipts.map(({ visitId }) => visitId))]);
    return concerning(payers, { receipts: receipts.map(shown), ...(next && { next }) });
  }

  @Handles(routes.payAtCounter)
  async pay({ params, body, subject }: Input<'payAtCounter'>): Answer<'payAtCounter'> {
    return this.of(await this.counter.pay({ ...params, ...body, cashierId: subject.id }));
  }

  @Handles(routes.giveBackAtCounter)
  async giveBack({
    params,
    body,
    subject,
  }: Input<'giveBackAtCounter'>): Answer<'giveBackAtCounter'> {
    return this.of(await this.counter.giveBack({ ...params, ...body, cashierId: subject.id }));
  }

  /** The records of access have who pays the visit. */
  private async of(receipt: ReceiptRow) {
    return concerning(await payersOf(this.store, [receipt.visitId]), shown(receipt));
  }
}
