import { DomainError, extend, FEN_MAX, formatYuan, parseDecimal, parseYuan } from '@caretab/kernel';
import type { SubmittedFact } from '../intake/submission';
import { moneyIn, quantityIn } from './amount';
import { isDispensedIn, isReturnedToPharmacyIn, type Order } from './order';
import type { Segment } from './segment';
import { instantOf } from './timestamp';

const CHARGE_ID = /^[A-Za-z0-9._-]{1,40}$/;
const ITEM_CODE = /^[A-Za-z0-9._-]{1,40}$/;
const DEPARTMENT_LENGTH_MAX = 40;
/** The contract's unit price has nine digits before the point. */
const UNIT_PRICE_END_MILLIONTHS = 10n ** 15n;

const unsigned = (decimal: string): string => decimal.replace(/^[+-]/, '');
const isNegative = (decimal: string): boolean => decimal.startsWith('-');

/** FT1-4 is a date, a moment, or a range of them (its start counts). */
const dateIn = (ft1: Segment): string | undefined => {
  const [text = ''] = ft1.at(4).split('&');
  if (ft1.repetitions(4) > 1)
    return ft1.faults.add(
      ft1.name(4),
      'FIELD_REPEATED',
      'the transaction date repeats and only one can be meant',
      'send one FT1 per charge; a range is start^end',
    );
  if (text === '')
    return ft1.faults.add(
      ft1.name(4),
      'FIELD_MISSING',
      'the transaction date is missing',
      'send when the service was given, YYYYMMDD[HH[MM[SS]]]',
    );
  return (
    instantOf(text, ft1.defaults.zone) ??
    ft1.faults.add(
      ft1.name(4),
      'TIME_INVALID',
      'this is not a date',
      'send YYYYMMDD[HH[MM[SS]]][+ZZZZ]',
    )
  );
};

const AMOUNT = { decimalsMax: 2, priceType: 'TP' } as const;
const UNIT_PRICE = { decimalsMax: 6, priceType: 'UP' } as const;

interface Sum {
  readonly quantity: string;
  readonly unitPriceYuan: string;
  readonly amountFen: number;
  readonly negative: boolean;
}

/**
 * FT1-10 × FT1-12 must be FT1-11, half up to the fen, signs included. Where one of the two prices is
 * missing it follows from the other.
 */
const sumIn = (ft1: Segment): Sum | undefined => {
  const given = quantityIn(ft1, 10);
  const [hasAmount, hasUnitPrice] = [ft1.isFilled(11), ft1.isFilled(12)];
  // null: it follows from the other.
  const stated = hasAmount || !hasUnitPrice ? moneyIn(ft1, 11, AMOUNT) : null;
  const price = hasUnitPrice ? moneyIn(ft1, 12, UNIT_PRICE) : null;
  if (given === undefined || stated === undefined || price === undefined) return undefined;
  const [quantity, unitPrice] = price === null ? unitPriceOf(given, stated!) : [given, price];
  const amount = stated ?? amountOf(ft1, quantity, unitPrice);
  if (amount === undefined) return undefined;
  if (isNegative(unitPrice))
    return ft1.faults.add(
      ft1.name(12),
      'AMOUNT_INVALID',
      'the unit price is negative',
      'send the price as it was; a return has a negative quantity and amount',
    );
  const amountFen = parseYuan(unsigned(amount));
  const fits = amountFen === extendOrRefuse(ft1, unsigned(quantity), unsigned(unitPrice));
  const signsFit = amountFen === 0 || isNegative(quantity) === isNegative(amount);
  if (!fits || !signsFit)
    return ft1.faults.add(
      ft1.name(11),
      'AMOUNT_MISMATCH',
      'the amount is not quantity (FT1-10) times unit price (FT1-12), rounded half up to the fen',
      'correct FT1-10, FT1-11 or FT1-12',
    );
  return {
    quantity: unsigned(quantity),
    unitPriceYuan: unsigned(unitPrice),
    amountFen,
    negative: isNegative(quantity),
  };
};

/**
 * Quantity and unit price of an amount alone: the price is the amount divided by the quantity where
 * that comes out even and is a price that the contract can hold; else the whole is one piece.
 */
const unitPriceOf = (quantity: string, amount: string): readonly [string, string] => {
  const pieces = parseDecimal(unsigned(quantity), 4);
  const millionths = parseDecimal(unsigned(amount), 6) * 10_000n;
  const isEven = millionths % pieces === 0n && millionths / pieces < UNIT_PRICE_END_MILLIONTHS;
  if (!isEven) return [isNegative(quantity) ? '-1' : '1', unsigned(amount)];
  const digits = String(millionths / pieces).padStart(7, '0');
  const decimals = digits.slice(-6).replace(/0{1,4}$/, '');
  return [quantity, `${digits.slice(0, -6)}.${decimals}`];
};

/** The amount of a quantity and a unit price alone; it has the sign of the quantity. */
const amountOf = (ft1: Segment, quantity: string, unitPrice: string): string | undefined => {
  const amountFen = extendOrRefuse(ft1, unsigned(quantity), unsigned(unitPrice));
  if (amountFen === undefined) return undefined;
  return `${isNegative(quantity) ? '-' : ''}${formatYuan(amountFen)}`;
};

const extendOrRefuse = (ft1: Segment, quantity: string, unitPrice: string): number | undefined => {
  // Beyond this the product may leave the exact range of a number, and no charge is that large.
  if (Number(quantity) * Number(unitPrice) * 100 > FEN_MAX)
    return ft1.faults.add(
      ft1.name(11),
      'AMOUNT_INVALID',
      'the amount is larger than any charge can be',
      'correct FT1-10 or FT1-12',
    );
  return extend(quantity, unitPrice);
};

/** One FT1, and the common orders (ORC) that follow it. */
export interface Transaction {
  readonly ft1: Segment;
  readonly orders: readonly Order[];
}

const chargeIn = (
  { ft1, orders }: Transaction,
  chargeId: string | undefined,
  at: string | undefined,
): SubmittedFact | undefined => {
  const itemCode = ft1.required(
    7,
    ITEM_CODE,
    'the item code, 1 to 40 letters, digits, dots, hyphens or underscores',
  );
  const sum = sumIn(ft1);
  const department = ft1.shortText(13, DEPARTMENT_LENGTH_MAX);
  if (sum?.negative)
    return ft1.faults.add(
      ft1.name(10),
      'AMOUNT_INVALID',
      'a charge (CG) has a negative quantity',
      'to take a charge back send FT1-6 CD',
    );
  if (!chargeId || !at || !itemCode || !sum) return undefined;
  const { quantity, unitPriceYuan, amountFen } = sum;
  return {
    type: 'ChargePosted',
    charge: {
      chargeId,
      itemCode,
      quantity,
      unitPriceYuan,
      amountFen,
      occurredAt: at,
      ...(department && { department }),
      ...(isDispensedIn(ft1, orders) && { dispensed: true as const }),
    },
  };
};

const returnIn = (
  { ft1, orders }: Transaction,
  returnId: string | undefined,
  at: string | undefined,
): SubmittedFact | undefined => {
  const itemCode = ft1.required(7, ITEM_CODE, 'the item code of the charge that is taken back');
  const chargeId = ft1.required(31, CHARGE_ID, 'the FT1-2 of the charge that is taken back');
  const part = partIn(ft1);
  if (chargeId && chargeId === returnId)
    return ft1.faults.add(
      ft1.name(31),
      'FIELD_INVALID',
      'a return refers to itself',
      'send the FT1-2 of the charge that is taken back',
    );
  if (!returnId || !chargeId || !part || !at) return undefined;
  const isBack = isReturnedToPharmacyIn(orders);
  return {
    type: 'ChargeReturned',
    ...{ returnId, chargeId, ...(itemCode && { itemCode }), ...part, returnedAt: at },
    ...(isBack && { returnedToPharmacy: true as const }),
  };
};

/**
 * What a CD takes back: FT1-10 alone is a quantity at the price of the charge, FT1-11 alone an
 * amount; otherwise they make a sum as a charge's do. Signs say nothing: both ways mean the same.
 */
const partIn = (ft1: Segment): Part | undefined => {
  const [hasQuantity, hasAmount] = [ft1.isFilled(10), ft1.isFilled(11)];
  if (hasQuantity && !hasAmount && !ft1.isFilled(12)) {
    const quantity = quantityIn(ft1, 10);
    return quantity === undefined ? undefined : { quantity: unsigned(quantity) };
  }
  if (hasAmount && !hasQuantity) {
    const amount = moneyIn(ft1, 11, AMOUNT);
    return amount === undefined ? undefined : { amountFen: parseYuan(unsigned(amount)) };
  }
  const sum = sumIn(ft1);
  return sum && { quantity: sum.quantity, amountFen: sum.amountFen };
};

interface Part {
  readonly quantity?: string;
  readonly amountFen?: number;
}

/**
 * Reads one FT1: CG is a charge, CD takes an earlier charge or a part of it back, named by its
 * FT1-2 in FT1-31. A CD may be written with positive or with negative quantity and amount.
 */
const transactionIn = (transaction: Transaction): SubmittedFact | undefined => {
  const { ft1 } = transaction;
  if (ft1.at(1) !== '') ft1.required(1, /^0*\d{1,4}$/, 'the set id as a number');
  const id = ft1.required(
    2,
    CHARGE_ID,
    "the transaction's id, unique within the visit: 1 to 40 letters, digits, dots, hyphens or underscores",
  );
  const at = dateIn(ft1);
  const type = ft1.at(6);
  if (type === 'CG') return chargeIn(transaction, id, at);
  if (type === 'CD') return returnIn(transaction, id, at);
  return type === ''
    ? ft1.faults.add(
        ft1.name(6),
        'FIELD_MISSING',
        'the transaction type is missing',
        'send CG for a charge or CD for a return',
      )
    : ft1.faults.add(
        ft1.name(6),
        'TRANSACTION_TYPE_UNSUPPORTED',
        'the transaction type is neither CG nor CD',
        'send charges and returns only; payments and adjustments stay in the hospital',
      );
};

/** Two FT1 of one message must not carry the same id: one of them would be lost. */
const refuseDoubles = (transactions: readonly Transaction[]): void => {
  const seen = new Set<string>();
  for (const { ft1 } of transactions) {
    const id = ft1.at(2);
    if (id !== '' && seen.has(id))
      ft1.faults.add(
        ft1.name(2),
        'TRANSACTION_ID_REPEATED',
        'another FT1 of this message has the same id',
        'give each FT1 its own FT1-2',
      );
    seen.add(id);
  }
};

/** Reads the FT1 of one message, in its order. Faults are noted in the segments' list. */
export const transactionsIn = (
  transactions: readonly Transaction[],
): (SubmittedFact | undefined)[] => {
  const facts = transactions.map(transactionIn);
  refuseDoubles(transactions);
  return facts;
};

/** Messages hold at most this many FT1. */
export const TRANSACTIONS_MAX = 500;

/** Throws SEGMENT_MISSING or TRANSACTIONS_TOO_MANY (invalid). */
export const checkCount = (count: number): void => {
  if (count === 0)
    throw new DomainError('SEGMENT_MISSING', 'invalid', {
      field: 'FT1',
      why: 'the message has no FT1',
      remedy: 'send one FT1 per charge or return',
    });
  if (count > TRANSACTIONS_MAX)
    throw new DomainError('TRANSACTIONS_TOO_MANY', 'invalid', {
      field: 'FT1',
      why: `the message has more than ${TRANSACTIONS_MAX} FT1`,
      remedy: 'send several messages',
    });
};
