/** An order as it is sent, the same at every repetition. */
export interface PaymentOrder {
  readonly orderId: string;
  readonly accountToken: string;
  readonly amountFen: number;
  /** By which channel it goes. */
  readonly channel: string;
}

export interface RefundOrder {
  readonly refundId: string;
  /** The order whose money goes back. */
  readonly orderId: string;
  readonly amountFen: number;
  /** By which channel it goes: that of the order, or of the account that is named. */
  readonly channel: string;
  /** Where the money goes; the account that paid, where there is none. */
  readonly accountToken?: string;
}

/**
 * Why there is no answer. `unauthorized`, `forbidden`: the acquirer rejects our key · `failing`: it
 * answers 408, 429 or 5xx · `timeout` · `unreachable`: no connection, or a broken one · `unreadable`.
 */
export type Silence =
  'unauthorized' | 'forbidden' | 'failing' | 'timeout' | 'unreachable' | 'unreadable';

/** What an answer held, as far as it is kept: plain ASCII, without personal data. */
export type Answered = Readonly<Record<string, string | number>>;

/** The outcome is unknown: ask for the same order, never send a new one. */
export interface NoAnswer {
  readonly status: 'no-answer';
  readonly silence: Silence;
}

/** An answer that does not fit what was asked: nothing is booked by it. `reason` is a code. */
export interface Contradiction {
  readonly status: 'contradiction';
  readonly reason: string;
  readonly answered: Answered;
}

/** `captured`: `amountFen` is what was captured, at most what was ordered. */
export type PaymentOutcome =
  | {
      readonly status: 'captured';
      readonly amountFen: number;
      readonly reference: string;
      readonly at: Date;
      /** The channel's own clearing date, where it says one. */
      readonly clearingDate?: string | undefined;
    }
  | { readonly status: 'declined'; readonly reason: string }
  | { readonly status: 'processing' | 'not-found' }
  | NoAnswer
  | Contradiction;

/** `refused`: the channel did not make this refund; the code says why. */
export type RefundOutcome =
  | {
      readonly status: 'refunded';
      readonly reference: string;
      readonly at: Date;
      readonly clearingDate?: string | undefined;
    }
  | { readonly status: 'refused'; readonly reason: string }
  | { readonly status: 'processing' | 'not-found' }
  | NoAnswer
  | Contradiction;

/** What a channel says of an account that is to be bound. `not-offered`: it verifies none. */
export type AccountOutcome =
  | { readonly status: 'verified'; readonly reference: string }
  | { readonly status: 'refused'; readonly reason: string }
  | { readonly status: 'not-offered' }
  | NoAnswer
  | Contradiction;

/** One row of a statement. Kinds beside captures and refunds are the channel's: chargeback, fee. */
export interface StatementEntry {
  readonly kind: string;
  /** Order id of a capture, refund id of a refund; for other kinds what the row refers to. */
  readonly id: string;
  /** Null where the row has no whole amount. Of other kinds with the channel's own sign. */
  readonly amountFen: number | null;
}

/** `next` continues after this page; undefined on the last one. */
export interface StatementPage {
  readonly entries: readonly StatementEntry[];
  readonly next?: string | undefined;
}

/** A capture or a refund, as our books have it too. */
export interface Movement {
  readonly kind: 'capture' | 'refund';
  readonly id: string;
  readonly amountFen: number;
}

/**
 * The port to the party that moves the money. Idempotent by order id and refund id; it never throws
 * for what a network does: whatever is not a clear answer is `no-answer`.
 */
export interface Channel {
  pay(order: PaymentOrder): Promise<PaymentOutcome>;
  findPayment(
    order: Pick<PaymentOrder, 'orderId' | 'amountFen' | 'channel'>,
  ): Promise<PaymentOutcome>;
  refund(order: RefundOrder): Promise<RefundOutcome>;
  findRefund(order: RefundOrder): Promise<RefundOutcome>;
  /**
   * A page of a day's rows, by the channel's own clearing date; `after` is `next` of the page before.
   * Throws DomainError CHANNEL_UNAVAILABLE when it cannot be had.
   */
  statement(date: string, after?: string): Promise<StatementPage>;
}

/** The port to who knows an account: whether it is there and may be debited. No money moves. */
export interface AccountVerifier {
  verify(account: Pick<PaymentOrder, 'accountToken' | 'channel'>): Promise<AccountOutcome>;
}
