import {
  creditErasures,
  gatewayErasures,
  notificationErasures,
  on,
  paymentErasures,
} from '@caretab/contracts';
import { Consumes, type EventOf, type Handling } from '@caretab/bus';
import { Controller, Inject } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { Erasures } from './erasures';

/** Topic in → erasures: what the other services destroyed. */
@Controller()
export class ErasureConsumer {
  constructor(@Inject(Erasures) private readonly erasures: Erasures) {}

  @Consumes({ from: creditErasures, group: 'identity.credit-erasure' })
  credit(
    @Payload() event: EventOf<typeof creditErasures>,
    @Ctx() { transaction }: Handling,
  ): Promise<void> | undefined {
    return on(creditErasures, event, {
      PersonForgotten: (forgotten) => this.erasures.forgotten('credit', forgotten, transaction),
    });
  }

  @Consumes({ from: paymentErasures, group: 'identity.payment-erasure' })
  payment(
    @Payload() event: EventOf<typeof paymentErasures>,
    @Ctx() { transaction }: Handling,
  ): Promise<void> | undefined {
    return on(paymentErasures, event, {
      PersonForgotten: (forgotten) => this.erasures.forgotten('payment', forgotten, transaction),
    });
  }

  @Consumes({ from: notificationErasures, group: 'identity.notification-erasure' })
  notification(
    @Payload() event: EventOf<typeof notificationErasures>,
    @Ctx() { transaction }: Handling,
  ): Promise<void> | undefined {
    return on(notificationErasures, event, {
      ClosingNoticeEnded: (ended) => this.erasures.noticeEnded(ended, transaction),
      PersonForgotten: (forgotten) =>
        this.erasures.forgotten('notification', forgotten, transaction),
    });
  }

  @Consumes({ from: gatewayErasures, group: 'identity.gateway-erasure' })
  gateway(
    @Payload() event: EventOf<typeof gatewayErasures>,
    @Ctx() { transaction }: Handling,
  ): Promise<void> | undefined {
    return on(gatewayErasures, event, {
      PersonForgotten: (forgotten) => this.erasures.forgotten('gateway', forgotten, transaction),
    });
  }
}
