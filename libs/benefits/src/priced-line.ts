import { businessDateOf, type ClaimLine, type Coverage } from '@caretab/contracts';
import { type PricedLine, unitPriceFenOf } from '@caretab/plans';
import { findItem } from './catalogue';
import { type Classification, itemTermsOf } from './classify';
import { isByDocuments } from './documents';

export type ClassifiedClaimLine = { readonly line: ClaimLine; readonly result: Classification };

/** What documents may look at of a line, beyond its item and category. */
const factsOf = (
  { catalogueDate }: Coverage,
  { itemCode, amountFen, quantity, occurredAt }: ClaimLine,
) => {
  const unitPriceFen = unitPriceFenOf(amountFen, quantity);
  const itemKind = findItem(itemCode, catalogueDate)?.chargeType;
  return {
    day: businessDateOf(occurredAt),
    ...(itemKind !== undefined && { itemKind }),
    ...(unitPriceFen !== undefined && { unitPrice: unitPriceFen / 100 }),
  };
};

/** A charge as the plan language reads it, with what the catalogue says of its item. */
export const pricedLineOf = (
  coverage: Coverage,
  { line, result }: ClassifiedClaimLine,
): PricedLine => {
  const isDated = isByDocuments(coverage);
  return {
    id: line.chargeId,
    amountFen: line.amountFen,
    quantity: line.quantity,
    unitPriceFen: undefined,
    terms: itemTermsOf(coverage, line.itemCode),
    isDated,
    circumstances: {
      facts: {},
      line: {
        ...{ item: line.itemCode, itemCategory: result.category },
        ...(isDated && factsOf(coverage, line)),
      },
      used: () => 0,
    },
  };
};
