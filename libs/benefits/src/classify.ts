import type { Coverage, ClaimLine } from '@caretab/contracts';
import { assert, extend, formatYuan, share } from '@caretab/kernel';
import type { ItemTerms } from '@caretab/plans';
import { type CatalogueItem, type Category, findItem } from './catalogue';

/**
 * An amount by the four parts it falls into: gross = ownExpense + overLimit + firstSelfPay +
 * inScope, always. All whole fen.
 */
export interface ScopeTotals {
  readonly grossFen: number;
  /** Outside the catalogue's cover (fulamt_ownpay_amt). */
  readonly ownExpenseFen: number;
  /** Above the price the plans recognise (overlmt_amt). */
  readonly overLimitFen: number;
  /** The patient's first share of a category B item (preselfpay_amt). */
  readonly firstSelfPayFen: number;
  /** What the plans' deductible, bands and cap work on (inscp_scp_amt). */
  readonly inScopeFen: number;
}

/** What the rules need to know of a charge. */
export type ClassifiableClaimLine = Pick<ClaimLine, 'itemCode' | 'quantity' | 'amountFen'>;
export type Classification = ScopeTotals & {
  readonly category: Category;
  readonly reasons: readonly string[];
};

export const emptyTotals: ScopeTotals = {
  grossFen: 0,
  ownExpenseFen: 0,
  overLimitFen: 0,
  firstSelfPayFen: 0,
  inScopeFen: 0,
};

const combine = (a: ScopeTotals, b: ScopeTotals, sign: 1 | -1): ScopeTotals => ({
  grossFen: a.grossFen + sign * b.grossFen,
  ownExpenseFen: a.ownExpenseFen + sign * b.ownExpenseFen,
  overLimitFen: a.overLimitFen + sign * b.overLimitFen,
  firstSelfPayFen: a.firstSelfPayFen + sign * b.firstSelfPayFen,
  inScopeFen: a.inScopeFen + sign * b.inScopeFen,
});

/** The totals of two lots of charges together. */
export const addTotals = (a: ScopeTotals, b: ScopeTotals): ScopeTotals => combine(a, b, 1);

/** Takes charges back out of totals that contain them. */
export const subtractTotals = (a: ScopeTotals, b: ScopeTotals): ScopeTotals => {
  const left = combine(a, b, -1);
  assert(
    Object.values(left).every((fen) => fen >= 0),
    'only what was added to totals is taken out of them',
  );
  return left;
};

/**
 * What the plans recognise of the amount: the price limit of the hospital's level times the
 * quantity, rounded half up once.
 */
const withinLimit = (
  item: CatalogueItem,
  coverage: Pick<Coverage, 'hospitalLevel'>,
  line: ClassifiableClaimLine,
): number => {
  const limitFen = item.priceLimitFen?.[coverage.hospitalLevel];
  return limitFen === undefined
    ? line.amountFen
    : Math.min(line.amountFen, extend(line.quantity, formatYuan(limitFen)));
};

/** What the catalogue says of an item at this hospital, for the rules of a plan. */
export const itemTermsOf = (
  { catalogueDate, hospitalLevel }: Pick<Coverage, 'catalogueDate' | 'hospitalLevel'>,
  itemCode: string,
): ItemTerms => {
  const item = findItem(itemCode, catalogueDate);
  const limitFen = item?.priceLimitFen?.[hospitalLevel];
  return {
    firstSelfPay: (item?.firstSelfPayBps ?? 0) * 100,
    limit: limitFen === undefined ? undefined : formatYuan(limitFen),
  };
};

/**
 * Sorts one charge into own expense, over limit, first self-pay and in scope (national interface,
 * transaction 2204): category C and what the catalogue does not list are the patient's; of the
 * rest, the part above the price limit; of the part within it, category B's first share. Reasons:
 * NOT_IN_CATALOGUE, OWN_EXPENSE, OVER_PRICE_LIMIT, FIRST_SELF_PAY. Throws NOT_A_DECIMAL (invalid)
 * for a quantity that is none.
 */
export const classify = (
  coverage: Pick<Coverage, 'catalogueDate' | 'hospitalLevel'>,
  line: ClassifiableClaimLine,
): Classification => {
  assert(
    Number.isSafeInteger(line.amountFen) && line.amountFen >= 0,
    'a charge is whole fen and not negative',
  );
  const item = findItem(line.itemCode, coverage.catalogueDate);
  if (!item || item.category === 'C') {
    return {
      ...emptyTotals,
      category: 'C',
      grossFen: line.amountFen,
      ownExpenseFen: line.amountFen,
      reasons: [item ? 'OWN_EXPENSE' : 'NOT_IN_CATALOGUE'],
    };
  }
  const recognisedFen = withinLimit(item, coverage, line);
  const overLimitFen = line.amountFen - recognisedFen;
  const firstSelfPayFen =
    item.category === 'B' ? share(recognisedFen, item.firstSelfPayBps ?? 0) : 0;
  return {
    category: item.category,
    grossFen: line.amountFen,
    ownExpenseFen: 0,
    overLimitFen,
    firstSelfPayFen,
    inScopeFen: recognisedFen - firstSelfPayFen,
    reasons: [
      ...(overLimitFen > 0 ? ['OVER_PRICE_LIMIT'] : []),
      ...(firstSelfPayFen > 0 ? ['FIRST_SELF_PAY'] : []),
    ],
  };
};
