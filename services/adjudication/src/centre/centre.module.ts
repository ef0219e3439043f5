import { Jobs, type ServiceParts, STORE } from '@caretab/host';
import { type DynamicModule, Module } from '@nestjs/common';
import type { Static } from '@sinclair/typebox';
import type { AdjudicationConfig } from '../config';
import { CentreDoorClient } from './centre-door.adapter';
import { CentreOrderController } from './centre-order.controller';
import { CentreOrders } from './centre-orders';
import { countCentreOrder } from './metrics';

/** Of one message; longer than identity waits for 9001, 1101 and the message. */
const CALL_TIMEOUT_MS = 20_000;
const INTERVAL_MS = 1_000;
const DUE_SOON_MS = 10_000;

@Module({})
class CentreModule {}

/** Settlements at the centre, by way of identity; without its address there are none. */
export const centreModule = (
  parts: ServiceParts<Static<typeof AdjudicationConfig>>,
): DynamicModule => {
  const { config, store, clock, tokens, timers, fetch, backlog } = parts;
  const url = config.IDENTITY_URL;
  const asking = { asked: 'identity', tokens, timers, fetch, deadlineMs: CALL_TIMEOUT_MS } as const;
  const none = { call: async () => ({ status: 'unknown', msgid: '', why: 'UNSET' }) as const };
  const centre = url === undefined ? none : new CentreDoorClient({ url, ...asking });
  const orders = new CentreOrders({ store, clock, centre, count: countCentreOrder });
  backlog.measure('adjudication.centre-orders', () => orders.countDue(DUE_SOON_MS));
  return {
    module: CentreModule,
    controllers: [CentreOrderController],
    providers: [
      { provide: STORE, useValue: store },
      {
        provide: CentreOrders,
        inject: [Jobs],
        useFactory: (jobs: Jobs): CentreOrders => {
          jobs.every('adjudication.centre-orders', INTERVAL_MS, () => orders.runOnce());
          return orders;
        },
      },
    ],
  };
};
