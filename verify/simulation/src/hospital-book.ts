import type { Charge } from '@caretab/contracts';
import type { ReturnedPart } from '@caretab/hospital';

/** What is left of one charge: ten-thousandths of its quantity, and fen. */
interface Entry {
  readonly charge: Charge;
  quantity: bigint;
  amountFen: number;
  /** Each may have rounded by a fen. */
  returns: number;
}

const TEN_THOUSANDTHS = 10_000;
const MILLIONTHS = 1_000_000;

const scaled = (text: string, scale: number): bigint => BigInt(Math.round(Number(text) * scale));

const textOf = (quantity: bigint): string => String(Number(quantity) / TEN_THOUSANDTHS);

/** Half up to the fen, by the hospital's own arithmetic. */
const pricedFen = (quantity: bigint, { unitPriceYuan }: Charge): number => {
  const product = quantity * scaled(unitPriceYuan, MILLIONTHS);
  const fenScale = BigInt(TEN_THOUSANDTHS) * BigInt(MILLIONTHS / 100);
  return Number((product * 2n + fenScale) / (fenScale * 2n));
};

/** Whether its amount is its quantity times its price. */
export const isPriced = (charge: Charge): boolean =>
  charge.amountFen === pricedFen(scaled(charge.quantity, TEN_THOUSANDTHS), charge);

/**
 * What a hospital has charged and taken back of one visit, by its own books: what the platform must
 * come to, without the platform's code. A return that takes more than is left is refused, and one of
 * a dispensed drug that the pharmacy does not have back: it takes nothing.
 */
export class HospitalBook {
  private readonly entries = new Map<string, Entry>();

  charge(charge: Charge): void {
    if (this.entries.has(charge.chargeId)) return;
    this.entries.set(charge.chargeId, {
      charge,
      quantity: scaled(charge.quantity, TEN_THOUSANDTHS),
      amountFen: charge.amountFen,
      returns: 0,
    });
  }

  /** Books a return and gives the fen that it takes; undefined: it must be refused. */
  takeBack(
    chargeId: string,
    part: ReturnedPart | undefined,
    returnedToPharmacy: boolean | undefined,
  ): number | undefined {
    const entry = this.entries.get(chargeId);
    if (!entry || (entry.charge.dispensed && !returnedToPharmacy)) return undefined;
    const takes = part ? partOf(entry, part) : wholeOf(entry);
    if (!takes) return undefined;
    entry.quantity -= takes.quantity;
    entry.amountFen -= takes.amountFen;
    entry.returns += 1;
    return takes.amountFen;
  }

  /** Of one charge; undefined where nothing is left, or nothing was charged. */
  left(chargeId: string): { readonly quantity: string; readonly amountFen: number } | undefined {
    const entry = this.entries.get(chargeId);
    if (!entry || entry.quantity === 0n) return undefined;
    return { quantity: textOf(entry.quantity), amountFen: entry.amountFen };
  }
}

type Takes = { readonly quantity: bigint; readonly amountFen: number };

const wholeOf = ({ charge, quantity, amountFen }: Entry): Takes | undefined =>
  amountFen === charge.amountFen && quantity > 0n ? { quantity, amountFen } : undefined;

const partOf = (entry: Entry, part: ReturnedPart): Takes | undefined => {
  if (entry.quantity === 0n) return undefined;
  if (part.quantity === undefined) {
    const amountFen = part.amountFen!;
    if (amountFen > entry.amountFen) return undefined;
    return { amountFen, quantity: amountFen === entry.amountFen ? entry.quantity : 0n };
  }
  const quantity = scaled(part.quantity, TEN_THOUSANDTHS);
  if (quantity > entry.quantity) return undefined;
  if (quantity === entry.quantity) return { quantity, amountFen: entry.amountFen };
  const amountFen = pricedFen(quantity, entry.charge);
  if (amountFen - entry.amountFen > entry.returns) return undefined;
  return { quantity, amountFen: Math.min(amountFen, entry.amountFen) };
};
