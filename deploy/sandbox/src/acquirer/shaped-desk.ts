/** What the acquirer's desk answers to an API of another shape: its own words, or silence. */
export interface ShapedDesk<Silence> {
  pay(order: {
    readonly orderId: string;
    readonly accountToken: string;
    readonly amountFen: number;
  }): Promise<Said | Silence>;
  payment(orderId: string): Said | Silence;
  refund(order: {
    readonly refundId: string;
    readonly orderId: string;
    readonly amountFen: number;
  }): Said | Silence;
  refundOf(refundId: string): Said | Silence;
  /** Movements of a day. */
  movements(date: string): readonly Movement[];
}

export interface Said {
  readonly status: number;
  readonly body: unknown;
}

export interface Movement {
  readonly kind: string;
  readonly orderId?: string | undefined;
  readonly refundId?: string | undefined;
  readonly amountFen: number;
  readonly reference: string;
  readonly at: string;
}
