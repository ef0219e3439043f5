import { on, paymentPayments } from '@caretab/contracts';
import { Consumes, type EventOf, type Handling } from '@caretab/bus';
import { Controller, Inject } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { WriteOffs } from './write-offs';

const IGNORED = {
  PaymentCaptured: 'ignore',
  PaymentDeclined: 'ignore',
  PaymentOutcomeUnknown: 'ignore',
  PaymentAwaitsConfirmation: 'ignore',
  PaymentDisputed: 'ignore',
  PaymentContradicted: 'ignore',
  RefundRefused: 'ignore',
  RefundCompleted: 'ignore',
} as const;

/** Topic in → what payment wrote off of a due. What was paid of it comes by the ledger. */
@Controller()
export class PaymentConsumer {
  constructor(@Inject(WriteOffs) private readonly writeOffs: WriteOffs) {}

  @Consumes({ from: paymentPayments, group: 'credit.payment', ignored: IGNORED })
  payments(
    @Payload() event: EventOf<typeof paymentPayments>,
    @Ctx() { transaction }: Handling,
  ): Promise<void> | undefined {
    return on(paymentPayments, event, {
      DueWrittenOff: (written) => this.writeOffs.take(written, transaction),
      WriteOffReduced: (reduced) => this.writeOffs.reduce(reduced, transaction),
      ...IGNORED,
    });
  }
}
