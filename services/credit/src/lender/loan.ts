import type { LenderOrder, OrderKind } from './lender';

/** Our mirror of what a bank lends for one visit, what is wanted of it, and what it is asked now. */
export interface Loan {
  readonly visitId: string;
  readonly personId: string;
  readonly accountPersonId: string;
  readonly lenderId: string;
  readonly wantedState: 'reserved' | 'drawn' | 'released';
  readonly wantedFen: number;
  /** As the bank last said. */
  readonly state: 'none' | 'reserved' | 'drawn' | 'released';
  readonly amountFen: number;
  /** How many orders the bank was given; the last one's number. */
  readonly orders: number;
  /** The order that is out: it is asked until it is answered, whatever is wanted meanwhile. */
  readonly orderKind: OrderKind | null;
  readonly orderFen: number;
  /** The answer about a hold that waits for the bank's. */
  readonly asks: 'first' | 'increase' | null;
  readonly requestId: string | null;
  /** What was held before that question. */
  readonly beforeFen: number;
  readonly askedSince: Date;
  readonly causationId: string;
  readonly traceparent: string | null;
  readonly attempts: number;
  readonly nextAttemptAt: Date | null;
  readonly lease: number;
  readonly repaidFen: number;
  readonly overdueSince: Date | null;
  /** As the bank said of what is repaid; more than `repaidFen` where it does not fit what was drawn. */
  readonly saidRepaidFen: number;
  /** Why the bank refused last what has to be done, and how often in a row; of it the case is made. */
  readonly refusedFor: string | null;
  readonly refusals: number;
  /** Where the bank and the mirror are not one: a code, since then. */
  readonly difference: string | null;
  readonly differsSince: Date | null;
}

type Wanted = Pick<Loan, 'wantedState' | 'wantedFen' | 'state' | 'amountFen'>;

/** What brings the bank's side to what is wanted; undefined: nothing. */
export const nextOrder = ({
  wantedState,
  wantedFen,
  state,
  amountFen,
}: Wanted): Pick<LenderOrder, 'kind' | 'amountFen'> | undefined => {
  if (wantedFen === 0) {
    if (state === 'reserved') return { kind: 'release', amountFen: 0 };
    return state === 'drawn' && amountFen > 0 ? { kind: 'reduce', amountFen: 0 } : undefined;
  }
  if (wantedState === state && wantedFen === amountFen) return undefined;
  if (wantedState === 'reserved') return { kind: 'reserve', amountFen: wantedFen };
  const kind = state === 'drawn' && wantedFen < amountFen ? 'reduce' : 'draw';
  return { kind, amountFen: wantedFen };
};

const STATE_AFTER = {
  reserve: 'reserved',
  draw: 'drawn',
  reduce: 'drawn',
  release: 'released',
} as const;

/** The loan once the bank did what it was asked. */
export const orderDone = (loan: Loan): Loan =>
  loan.orderKind === null
    ? loan
    : {
        ...loan,
        ...{ state: STATE_AFTER[loan.orderKind], amountFen: loan.orderFen },
        ...{ orderKind: null, orderFen: 0, attempts: 0, difference: null, differsSince: null },
        ...{ refusedFor: null, refusals: 0 },
      };
