import { type Static, Type } from '@sinclair/typebox';

const Text = Type.String({ minLength: 1, maxLength: 600 });
/** Levels of a field, the strongest agreement first; what is missing on a side has no weight. */
export const MATCH_LEVELS = {
  name: ['equal', 'variant', 'pinyin', 'reordered', 'one-character', 'initials', 'other'],
  idNumber: ['equal', 'slip', 'other'],
  birthDate: ['equal', 'slip', 'other'],
  sex: ['equal', 'other'],
  mobile: ['equal', 'slip', 'other'],
  address: ['equal', 'alike', 'other'],
  mother: ['equal', 'other'],
  identifier: ['equal', 'other'],
} as const;
export type MatchField = keyof typeof MATCH_LEVELS;
export const MATCH_FIELDS = Object.keys(MATCH_LEVELS) as readonly MatchField[];

const Level = Type.Object(
  {
    level: Type.String({ pattern: '^[a-z-]{2,20}$' }),
    m: Type.Number({
      ...{ exclusiveMinimum: 0, exclusiveMaximum: 1 },
      description: 'How often two records of one person are at this level',
    }),
    u: Type.Number({
      ...{ exclusiveMinimum: 0, exclusiveMaximum: 1 },
      description: 'How often records of two persons are',
    }),
  },
  { additionalProperties: false },
);

/**
 * By what two records are of one person: rules that decide, and weights (Fellegi and Sunter 1969) that
 * propose. A level weighs log2(m / u) bits; what is below `similarBits` is not proposed.
 */
export const MatchWeights = Type.Object(
  {
    description: Text,
    effectiveFrom: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }),
    decides: Type.Array(
      Type.Object(
        {
          identifier: Type.String({
            pattern: '^[a-z][a-z-]{1,30}$',
            description: 'The same one is the same person, where the fields agree',
          }),
          agree: Type.Array(
            Type.Union([Type.Literal('name'), Type.Literal('birthDate'), Type.Literal('sex')]),
            { minItems: 1, maxItems: 3, description: 'Known on both sides, and the same' },
          ),
        },
        { additionalProperties: false },
      ),
      { minItems: 1, maxItems: 20 },
    ),
    similarBits: Type.Number({ minimum: 0, maximum: 100 }),
    likelyBits: Type.Number({ minimum: 0, maximum: 100 }),
    fields: Type.Object(
      Object.fromEntries(
        MATCH_FIELDS.map((field) => [field, Type.Array(Level, { minItems: 2, maxItems: 9 })]),
      ) as Record<MatchField, ReturnType<typeof Type.Array<typeof Level>>>,
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
);
export type MatchWeights = Static<typeof MatchWeights>;

/** Characters of names that are compared by one form. */
export const VariantCharacters = Type.Object(
  { description: Text, pairs: Type.String({ pattern: '^\\S{2}( \\S{2})*$' }) },
  { additionalProperties: false },
);
