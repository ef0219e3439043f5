/** An order as it is sent, the same at every repetition. */
export interface PaymentOrder {
  readonly orderId: string;
  readonly accountToken: string;
  readonly amountFen: number;
}

export interface RefundOrder {
  readonly refundId: string;
  /** The order whose money goes back. */
  readonly orderId: string;
  readonly amountFen: number;
}

/** `no-answer`: unknown yet; query the same order, never send a new one. */
export type PaymentOutcome =
  | { readonly status: 'captured'; readonly reference: string; readonly at: Date }
  | { readonly status: 'declined'; readonly reason: string }
  | { readonly status: 'processing' | 'no-answer' | 'not-found' };

/** `refused`: the channel will never make this refund. */
export type RefundOutcome =
  | { readonly status: 'refunded'; readonly reference: string; readonly at: Date }
  | { readonly status: 'refused'; readonly reason: string }
  | { readonly status: 'no-answer' | 'not-found' };

export interface StatementEntry {
  readonly kind: 'capture' | 'refund';
  /** Order id of a capture, refund id of a refund. */
  readonly id: string;
  readonly amountFen: number;
}

/**
 * The port to the party that moves the money. Idempotent by order id and refund id; it never throws
 * for what a network does: whatever is not a clear answer is `no-answer`. The real gateway and the
 * twin are held to channel.suite.ts.
 */
export interface Channel {
  pay(order: PaymentOrder): Promise<PaymentOutcome>;
  findPayment(orderId: string): Promise<PaymentOutcome>;
  refund(order: RefundOrder): Promise<RefundOutcome>;
  findRefund(refundId: string): Promise<RefundOutcome>;
  /**
   * Every capture and refund of a day (Asia/Shanghai). Throws DomainError CHANNEL_UNAVAILABLE when
   * it cannot be had.
   */
  statement(date: string): Promise<readonly StatementEntry[]>;
}
