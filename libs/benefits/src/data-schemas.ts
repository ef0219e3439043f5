import { BusinessDate, Fen, PayerId, Scope } from '@caretab/contracts';
import { type TSchema, Type } from '@sinclair/typebox';

const Name = Type.Object({ en: Type.String({ minLength: 1 }), zh: Type.String({ minLength: 1 }) });
const period = {
  effectiveFrom: BusinessDate,
  effectiveTo: Type.Union([BusinessDate, Type.Null()]),
};
const Yuan = Type.Integer({ minimum: 0, maximum: 100_000_000 });
const Rate = Type.Integer({ minimum: 0, maximum: 10_000, description: 'basis points' });
const byLevel = <Value extends TSchema>(value: Value) =>
  Type.Object({ 'level-3': value, 'level-2': value, community: value });
const oneOf = (...texts: string[]) => Type.Union(texts.map((text) => Type.Literal(text)));

const Benefit = Type.Object({
  benefit: oneOf('outpatient', 'inpatient'),
  psnTypes: Type.Array(Type.String({ minLength: 1 }), { minItems: 1 }),
  deductibleBasis: oneOf('year', 'admission'),
  deductibleYuan: byLevel(Yuan),
  bands: byLevel(
    Type.Array(Type.Object({ upToYuan: Type.Union([Yuan, Type.Null()]), rateBps: Rate }), {
      minItems: 1,
    }),
  ),
  fundCapYuan: Type.Union([Yuan, Type.Null()]),
});

/** data/plans.json */
export const PlansFile = Type.Object({
  plans: Type.Array(
    Type.Object({
      planId: Type.String({ pattern: '^[a-z0-9-]{1,60}$' }),
      payerId: PayerId,
      kind: oneOf('basic', 'supplementary'),
      name: Name,
      covers: Type.Array(Scope, { minItems: 1, maxItems: 4 }),
      versions: Type.Array(
        Type.Object({
          ...period,
          source: Type.Object({
            title: Type.String(),
            url: Type.Union([Type.String(), Type.Null()]),
            grade: Type.String(),
          }),
          benefits: Type.Array(Benefit),
        }),
        { minItems: 1 },
      ),
    }),
    { minItems: 1 },
  ),
});

/** data/catalogue.json */
export const CatalogueFile = Type.Object({
  items: Type.Array(
    Type.Object({
      code: Type.String({ pattern: '^[A-Za-z0-9._-]{1,40}$' }),
      name: Name,
      chargeType: Type.String({ pattern: '^\\d{2}$' }),
      category: oneOf('A', 'B', 'C'),
      firstSelfPayBps: Type.Optional(Rate),
      priceLimitFen: Type.Optional(Type.Partial(byLevel(Fen))),
      priceYuan: Type.String({ pattern: '^\\d{1,9}(\\.\\d{1,6})?$' }),
      unit: Type.String({ minLength: 1 }),
      ...period,
    }),
    { minItems: 1 },
  ),
});
