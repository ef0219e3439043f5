import { adjudicationRoutes as routes, type RouteAnswer } from '@caretab/contracts';
import { type Asked, Handles, STORE } from '@caretab/host';
import { DomainError } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { Controller, Inject } from '@nestjs/common';
import { type CentreOrderRow, centreOrderTable } from './centre-order.table';
import { CentreOrders } from './centre-orders';

type Input<Name extends keyof typeof routes> = Asked<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

const LISTED_MAX = 100;

const shown = (row: CentreOrderRow) => {
  const { orderId, personId, institutionId, infno, step, last, settlement, placedAt } = row;
  return {
    ...{ orderId, personId, institutionId, infno, step, last, settlement, placedAt },
    ...{ messages: row.former.length + 1, doubts: [...row.doubts] },
  };
};

/** HTTP in → settlements that the region's centre makes once. */
@Controller()
export class CentreOrderController {
  constructor(
    @Inject(STORE) private readonly store: Store,
    @Inject(CentreOrders) private readonly orders: CentreOrders,
  ) {}

  @Handles(routes.placeCentreOrder)
  async place({ params, body }: Input<'placeCentreOrder'>): Answer<'placeCentreOrder'> {
    const order = { ...params, ...body, data: body.data as Record<string, string> };
    const row = await this.store.transact((transaction) => this.orders.place(transaction, order));
    return shown(row);
  }

  @Handles(routes.showCentreOrder)
  async show({ params }: Input<'showCentreOrder'>): Answer<'showCentreOrder'> {
    const row = await this.store.transact((transaction) =>
      transaction.rows(centreOrderTable).get(params),
    );
    if (!row) throw new DomainError('CENTRE_ORDER_UNKNOWN', 'not-found', params);
    return shown(row);
  }

  @Handles(routes.listCentreOrders)
  async list({ query: { step } }: Input<'listCentreOrders'>): Answer<'listCentreOrders'> {
    const rows = await this.store.transact((transaction) =>
      transaction
        .rows(centreOrderTable)
        .find({ step }, { orderBy: 'placedAt', countMax: LISTED_MAX }),
    );
    return { orders: rows.map(shown) };
  }
}
