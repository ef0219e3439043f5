import { contentHash, derivedId } from '@caretab/kernel';
import type {
  AccountOutcome,
  AccountVerifier,
  Channel,
  PaymentOrder,
  PaymentOutcome,
  RefundOrder,
  RefundOutcome,
  StatementEntry,
  StatementPage,
} from './channel';

interface Taken {
  readonly order: PaymentOrder;
  outcome: PaymentOutcome;
}

const NO_ANSWER = { status: 'no-answer', silence: 'timeout' } as const;
/** What an account that has not enough gives, in fen. */
const PART_FEN = 12_000;

/**
 * The twin: an acquirer that remembers, troublesome by the account token's suffix like the sandbox.
 * `day` is its one business day.
 */
export class MemoryChannel implements AccountVerifier, Channel {
  readonly payments = new Map<string, Taken>();
  readonly refunds = new Map<string, { readonly order: RefundOrder; readonly at: Date }>();
  private readonly troubled = new Set<string>();

  constructor(private readonly now: () => Date) {}

  async verify({ accountToken }: Pick<PaymentOrder, 'accountToken'>): Promise<AccountOutcome> {
    const suffix = accountToken.slice(accountToken.lastIndexOf(':') + 1);
    if (suffix === 'unknown') return { status: 'refused', reason: 'ACCOUNT_UNKNOWN' };
    if (suffix === 'unverified') return NO_ANSWER;
    return { status: 'verified', reference: derivedId('account', accountToken) };
  }

  async pay(order: PaymentOrder): Promise<PaymentOutcome> {
    const known = this.payments.get(order.orderId);
    if (known)
      return contentHash(known.order) === contentHash(order)
        ? known.outcome
        : {
            status: 'contradiction',
            reason: 'ORDER_REFUSED',
            answered: { code: 'ORDER_CONFLICT' },
          };
    const suffix = order.accountToken.slice(order.accountToken.lastIndexOf(':') + 1);
    if ((suffix === 'no-answer-lost' || suffix === 'error-once') && this.firstTime(order.orderId))
      return NO_ANSWER;
    const outcome = this.verdict(suffix, order);
    this.payments.set(order.orderId, { order, outcome });
    return suffix === 'no-answer-captured' ? NO_ANSWER : outcome;
  }

  async findPayment({ orderId }: Pick<PaymentOrder, 'orderId'>): Promise<PaymentOutcome> {
    const known = this.payments.get(orderId);
    if (!known) return { status: 'not-found' };
    const { outcome } = known;
    // A processing payment is captured by the next query.
    if (outcome.status === 'processing')
      known.outcome = this.captured(known.order.orderId, known.order.amountFen);
    return outcome;
  }

  async refund(order: RefundOrder): Promise<RefundOutcome> {
    const known = this.refunds.get(order.refundId);
    if (known && contentHash(known.order) !== contentHash(order))
      return { status: 'refused', reason: 'REFUND_CONFLICT' };
    if (known) return this.findRefund(order);
    const payment = this.payments.get(order.orderId);
    if (payment?.outcome.status !== 'captured')
      return { status: 'refused', reason: 'ORDER_UNKNOWN' };
    const refunded = [...this.refunds.values()]
      .filter((refund) => refund.order.orderId === order.orderId)
      .reduce((sum, refund) => sum + refund.order.amountFen, 0);
    if (refunded + order.amountFen > payment.outcome.amountFen)
      return { status: 'refused', reason: 'REFUND_ABOVE_CAPTURED' };
    this.refunds.set(order.refundId, { order, at: this.now() });
    return this.findRefund(order);
  }

  async findRefund({ refundId }: Pick<RefundOrder, 'refundId'>): Promise<RefundOutcome> {
    const known = this.refunds.get(refundId);
    return known
      ? { status: 'refunded', reference: derivedId('acquirer', refundId), at: known.at }
      : { status: 'not-found' };
  }

  async statement(): Promise<StatementPage> {
    const captures = [...this.payments.values()].flatMap(({ order, outcome }): StatementEntry[] =>
      outcome.status === 'captured'
        ? [{ kind: 'capture', id: order.orderId, amountFen: outcome.amountFen }]
        : [],
    );
    const refunds = [...this.refunds.values()].map(({ order }): StatementEntry => ({
      kind: 'refund',
      id: order.refundId,
      amountFen: order.amountFen,
    }));
    return { entries: [...captures, ...refunds] };
  }

  private verdict(suffix: string, order: PaymentOrder): PaymentOutcome {
    if (suffix === 'declined' || (suffix === 'declined-once' && this.firstTime(order.accountToken)))
      return { status: 'declined', reason: 'INSUFFICIENT_FUNDS' };
    if (suffix === 'processing') return { status: 'processing' };
    const { orderId, amountFen } = order;
    return this.captured(orderId, suffix === 'part' ? Math.min(amountFen, PART_FEN) : amountFen);
  }

  private captured(orderId: string, amountFen: number): PaymentOutcome {
    const reference = derivedId('acquirer', orderId);
    return { status: 'captured', amountFen, reference, at: this.now() };
  }

  private firstTime(of: string): boolean {
    const first = !this.troubled.has(of);
    this.troubled.add(of);
    return first;
  }
}
