import type { BankMatter } from './bank-line.table';

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

/** Asks a bank to grant a person's line, who agreed to that; at most `amountFen`. */
export interface GrantOrder {
  /** The same at every repetition: the bank answers it once. */
  readonly orderId: string;
  readonly lenderId: string;
  readonly accountPersonId: string;
  readonly amountFen: number;
}

/** Informs a bank of what a person has taken back, as a whole; the highest number counts. */
export interface ConsentsOrder {
  /** The same at every repetition: the bank takes it once. */
  readonly orderId: string;
  readonly lenderId: string;
  readonly accountPersonId: string;
  readonly number: number;
  readonly revoked: readonly BankMatter[];
}

/**
 * `no-answer`: nothing usable came, and the same is asked again · `contradiction`: the answer cannot be;
 * nothing is taken from it, and the same is asked again. Reasons are codes.
 */
type NotDone =
  | { readonly status: 'no-answer' }
  | { readonly status: 'refused' | 'contradiction'; readonly reason: string };
export type LenderAnswer = { readonly status: 'done' } | NotDone;
/** `granted`: so much, which is no more than was asked for. */
export type GrantAnswer = { readonly status: 'granted'; readonly lineFen: number } | NotDone;

/** Banks that lend, as far as they are asked. It never throws for what a network does. */
export interface Lender {
  ask(order: LenderOrder): Promise<LenderAnswer>;
  grant(order: GrantOrder): Promise<GrantAnswer>;
  inform(order: ConsentsOrder): Promise<LenderAnswer>;
}
