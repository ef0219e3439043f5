import { contentHash, derivedId } from '@caretab/kernel';

export type PaymentStatus = 'captured' | 'declined' | 'processing';

export interface PaymentRequest {
  readonly orderId: string;
  readonly accountToken: string;
  readonly amountFen: number;
  readonly currency: 'CNY';
}

export interface RefundRequest {
  readonly refundId: string;
  readonly orderId: string;
  readonly amountFen: number;
  /** Where the money goes; the account that paid, where there is none. */
  readonly accountToken?: string;
}

export interface Payment {
  readonly orderId: string;
  /** What was captured, or will be: a part of what was ordered, where the account had no more. */
  readonly amountFen: number;
  /** What was ordered, where a part of it was captured. */
  readonly orderedFen?: number;
  readonly reference: string;
  readonly content: string;
  readonly status: PaymentStatus;
  readonly reason?: string;
  /** The account's behaviour, for its refunds and its statement. */
  readonly behaviour?: string;
  /** Until when no answer is given about it. */
  readonly silentUntil?: string;
  /** When the money moved, or when a processing payment will. */
  readonly at: string;
}

export interface Refund extends RefundRequest {
  readonly reference: string;
  readonly at: string;
}

export interface StatementEntry {
  readonly kind: 'capture' | 'refund';
  readonly orderId: string;
  readonly refundId?: string;
  readonly amountFen: number;
  readonly reference: string;
  readonly at: string;
}

/** A row of the statement that is neither capture nor refund. */
export interface DisputeEntry {
  readonly kind: 'chargeback' | 'fee';
  readonly orderId?: string;
  readonly amountFen: number;
  readonly reference: string;
  readonly at: string;
}

/**
 * One line of the journal: the book is the fold of these. `trouble` remembers that an order has had
 * its planned trouble.
 */
export type BookEntry =
  | { readonly type: 'payment'; readonly payment: Payment }
  | { readonly type: 'refund'; readonly refund: Refund }
  | { readonly type: 'trouble'; readonly of: string };

/** `refused`: the caller is wrong; the code says how. */
export type Answer<Value> =
  | { readonly value: Value }
  | {
      readonly refused:
        | 'ORDER_CONFLICT'
        | 'REFUND_CONFLICT'
        | 'ORDER_UNKNOWN'
        | 'REFUND_ABOVE_CAPTURED'
        | 'ACCOUNT_CLOSED'
        | 'TRY_LATER'
        | 'R0471';
    };

/** An instant's day in China, which has no summer time. */
const dayOf = (instant: string): string =>
  new Date(Date.parse(instant) + 8 * 60 * 60 * 1000).toISOString().slice(0, 10);

const DISPUTE_FEE_FEN = 30;

/** The cardholder disputes a payment: the bank takes it back, and has a price for that. */
const disputeOf = ({ orderId, amountFen, reference, at }: Payment): DisputeEntry[] => [
  {
    kind: 'chargeback',
    orderId,
    amountFen: -amountFen,
    reference: derivedId('chargeback', reference),
    at,
  },
  { kind: 'fee', amountFen: DISPUTE_FEE_FEN, reference: derivedId('fee', reference), at },
];

/**
 * The acquirer's books: payments by order, refunds by id. Every change goes through `record`, which
 * a journal can repeat.
 */
export class AcquirerBook {
  private readonly payments = new Map<string, Payment>();
  private readonly refunds = new Map<string, Refund>();
  private readonly troubles = new Set<string>();

  constructor(
    earlier: readonly BookEntry[],
    private readonly keep: (entry: BookEntry) => void,
    /** The bank's own clearing date of what moved at an instant. */
    readonly clearingDateOf: (at: string) => string = dayOf,
  ) {
    for (const entry of earlier) this.apply(entry);
  }

  /** True the first time it is asked for `of`, also across restarts. */
  firstTime(of: string): boolean {
    if (this.troubles.has(of)) return false;
    this.record({ type: 'trouble', of });
    return true;
  }

  payment(orderId: string, now: Date): Payment | undefined {
    const payment = this.payments.get(orderId);
    if (payment?.status !== 'processing' || payment.at > now.toISOString()) return payment;
    const captured: Payment = { ...payment, status: 'captured' };
    this.record({ type: 'payment', payment: captured });
    return captured;
  }

  /** Takes a payment, or repeats the first answer to the same order. */
  pay(
    request: PaymentRequest,
    answer: {
      readonly status: PaymentStatus;
      readonly reason?: string;
      readonly at: Date;
      readonly amountFen?: number;
      readonly behaviour?: string;
      readonly silentMs?: number;
    },
    now: Date,
  ): Answer<Payment> {
    const known = this.payment(request.orderId, now);
    const content = contentHash(request);
    if (known) return known.content === content ? { value: known } : { refused: 'ORDER_CONFLICT' };
    const { orderId, amountFen } = request;
    const payment: Payment = {
      orderId,
      amountFen: answer.amountFen ?? amountFen,
      ...(answer.amountFen !== undefined && { orderedFen: amountFen }),
      reference: derivedId('acquirer', orderId),
      content,
      status: answer.status,
      at: answer.at.toISOString(),
      ...(answer.reason && { reason: answer.reason }),
      ...(answer.behaviour && { behaviour: answer.behaviour }),
      ...(answer.silentMs && {
        silentUntil: new Date(answer.at.getTime() + answer.silentMs).toISOString(),
      }),
    };
    this.record({ type: 'payment', payment });
    return { value: payment };
  }

  refund(request: RefundRequest, now: Date): Answer<Refund> {
    const known = this.refunds.get(request.refundId);
    if (known)
      return known.orderId === request.orderId && known.amountFen === request.amountFen
        ? { value: known }
        : { refused: 'REFUND_CONFLICT' };
    const payment = this.payment(request.orderId, now);
    if (payment?.status !== 'captured') return { refused: 'ORDER_UNKNOWN' };
    const refunded = [...this.refunds.values()]
      .filter(({ orderId }) => orderId === request.orderId)
      .reduce((sum, { amountFen }) => sum + amountFen, 0);
    if (refunded + request.amountFen > payment.amountFen)
      return { refused: 'REFUND_ABOVE_CAPTURED' };
    const refusal = this.refusalOf(payment, request);
    if (refusal) return { refused: refusal };
    const refund: Refund = {
      ...request,
      reference: derivedId('acquirer', request.refundId),
      at: now.toISOString(),
    };
    this.record({ type: 'refund', refund });
    return { value: refund };
  }

  /** An account that was closed since takes nothing back; another one does. */
  private refusalOf(
    { behaviour }: Payment,
    { refundId, accountToken }: RefundRequest,
  ): 'ACCOUNT_CLOSED' | 'TRY_LATER' | 'R0471' | undefined {
    if (accountToken !== undefined) return undefined;
    if (behaviour === 'refund-refused') return 'ACCOUNT_CLOSED';
    if (behaviour === 'refund-unforeseen') return 'R0471';
    const isTwice = behaviour === 'refund-refused-twice';
    return isTwice && (this.firstTime(`refund:${refundId}`) || this.firstTime(`again:${refundId}`))
      ? 'TRY_LATER'
      : undefined;
  }

  refundOf(refundId: string): Refund | undefined {
    return this.refunds.get(refundId);
  }

  /** Every capture and refund of a day, by the bank's own clearing date and then by time. */
  statement(date: string, now: Date): StatementEntry[] {
    for (const orderId of this.payments.keys()) this.payment(orderId, now);
    const captures = this.captured().map(
      ({ orderId, amountFen, reference, at }): StatementEntry => ({
        kind: 'capture',
        orderId,
        amountFen,
        reference,
        at,
      }),
    );
    const refunds = [...this.refunds.values()].map((refund): StatementEntry => ({
      kind: 'refund',
      ...refund,
    }));
    return [...captures, ...refunds]
      .filter(({ at }) => this.clearingDateOf(at) === date)
      .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  }

  /** Chargebacks and fees of a day: each on the day of its capture. */
  disputes(date: string): DisputeEntry[] {
    return this.captured()
      .filter(({ behaviour }) => behaviour === 'charged-back')
      .filter(({ at }) => this.clearingDateOf(at) === date)
      .flatMap(disputeOf);
  }

  private captured(): Payment[] {
    return [...this.payments.values()].filter(({ status }) => status === 'captured');
  }

  private record(entry: BookEntry): void {
    this.apply(entry);
    this.keep(entry);
  }

  private apply(entry: BookEntry): void {
    if (entry.type === 'payment') this.payments.set(entry.payment.orderId, entry.payment);
    if (entry.type === 'refund') this.refunds.set(entry.refund.refundId, entry.refund);
    if (entry.type === 'trouble') this.troubles.add(entry.of);
  }
}
