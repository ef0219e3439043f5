/** What a bank is asked to do; each names the whole amount that is to stand afterwards. */
export type OrderKind = 'reserve' | 'draw' | 'reduce' | 'release';

/** One question to a bank about the loan of one visit. */
export interface LenderOrder {
  /** The same at every repetition: the bank does it once. */
  readonly orderId: string;
  readonly kind: OrderKind;
  readonly lenderId: string;
  readonly visitId: string;
  readonly accountPersonId: string;
  readonly amountFen: number;
}

/**
 * `no-answer`: nothing usable came, and the same is asked again · `contradiction`: the answer cannot be;
 * nothing is taken from it, and the same is asked again. Reasons are codes.
 */
export type LenderAnswer =
  | { readonly status: 'done' | 'no-answer' }
  | { readonly status: 'refused' | 'contradiction'; readonly reason: string };

/** Banks that lend, as far as they are asked. It never throws for what a network does. */
export interface Lender {
  ask(order: LenderOrder): Promise<LenderAnswer>;
}
