import type { World } from './world';

/** What the sandbox's bank has in its own book, whatever payment believes. */
export interface BankBook {
  /** Captured for these orders, in fen. */
  capturedFen(orderIds: readonly string[]): number;
  /** Sent back of these orders, in fen. */
  refundedFen(orderIds: readonly string[]): number;
}

interface Entry {
  readonly orderId: string;
  readonly refundId?: string;
  readonly amountFen: number;
  readonly status?: string;
}

export const bankBookOf = (world: World): BankBook => {
  const [payments, refunds] = [new Map<string, Entry>(), new Map<string, Entry>()];
  for (const line of world.journalText('acquirer').split('\n').filter(Boolean)) {
    const { payment, refund } = JSON.parse(line) as Readonly<Record<string, Entry | undefined>>;
    if (payment) payments.set(payment.orderId, payment);
    if (refund) refunds.set(refund.refundId!, refund);
  }
  const sumFen = (entries: Iterable<Entry>, orderIds: readonly string[]): number =>
    [...entries]
      .filter(({ orderId, status }) => status !== 'declined' && orderIds.includes(orderId))
      .reduce((sum, { amountFen }) => sum + amountFen, 0);
  return {
    capturedFen: (orderIds) => sumFen(payments.values(), orderIds),
    refundedFen: (orderIds) => sumFen(refunds.values(), orderIds),
  };
};
