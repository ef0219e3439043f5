import { type Static, Type } from '@sinclair/typebox';
import { Amount, closed, Day, FactValue, oneOf, Rate, Text } from './file-parts';

/** A share of an item: one, one by the plan's word, or one by the unit's price. */
const ItemShare = Type.Union(
  [
    Rate,
    Type.Record(Type.String(), Rate),
    closed({
      byUnitPrice: Type.Array(Type.Tuple([Type.Union([Amount, Type.Null()]), Rate]), {
        minItems: 1,
      }),
    }),
  ],
  { description: 'a percentage, one by the plan’s firstSelfPayBy, or {"byUnitPrice": bands}' },
);
const UnitPrice = Type.String({ pattern: '^\\d{1,9}(\\.\\d{1,6})?$' });
const ItemLimit = Type.Union([UnitPrice, Type.Record(Type.String(), UnitPrice)], {
  description: 'yuan a unit, or one by the plan’s limitBy',
});
export const Item = closed({
  code: Type.String({ minLength: 1, maxLength: 40 }),
  name: Type.Optional(Text),
  category: oneOf('A', 'B', 'C'),
  from: Day,
  to: Type.Union([Day, Type.Null()]),
  firstSelfPay: Type.Optional(ItemShare),
  limit: Type.Optional(ItemLimit),
  direct: Type.Optional(Rate),
  facts: Type.Optional(Type.Record(Type.String(), FactValue)),
});
export type ItemFile = Static<typeof Item>;
export const CatalogueFile = closed({
  $schema: Type.Optional(Type.String()),
  schema: Type.Literal('caretab-catalogue/1'),
  items: Type.Array(Item, { minItems: 1 }),
});
export type CatalogueFile = Static<typeof CatalogueFile>;
