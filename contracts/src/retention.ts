import { type Static, Type } from '@sinclair/typebox';

const Text = Type.String({ minLength: 1, maxLength: 400 });

/** Which records stay of an erased person, and for how long. */
export const RetentionTable = Type.Object(
  {
    description: Text,
    records: Type.Array(
      Type.Object(
        {
          id: Type.String({ pattern: '^[a-z][a-z-]{1,40}$' }),
          service: Text,
          records: Text,
          why: Text,
          source: Text,
          years: Type.Union([Type.Integer({ minimum: 1, maximum: 100 }), Type.Null()], {
            description: 'From the destruction; null: no end',
          }),
        },
        { additionalProperties: false },
      ),
      { minItems: 1, maxItems: 50 },
    ),
  },
  { additionalProperties: false },
);
export type RetentionTable = Static<typeof RetentionTable>;
