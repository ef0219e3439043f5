import { dataOf, ISSUED_KINDS, ISSUER_ANSWER_MS_MAX } from '@caretab/contracts';
import { type Static, Type } from '@sinclair/typebox';

const Authority = Type.String({ pattern: '^[A-Z0-9][A-Z0-9-]{1,39}$' });

/** Who decodes which kinds of codes, as an operator sets it. */
const Issuers = Type.Array(
  Type.Object(
    {
      issuer: Type.String({ pattern: '^[a-z0-9-]{1,40}$' }),
      url: Type.String({ pattern: '^https?://', maxLength: 300 }),
      key: Type.String({ minLength: 16, description: 'signs questions and answers' }),
      kinds: Type.Array(Type.Union(ISSUED_KINDS.map((kind) => Type.Literal(kind))), {
        minItems: 1,
      }),
      timeoutMs: Type.Integer({ minimum: 100, maximum: ISSUER_ANSWER_MS_MAX, default: 1_500 }),
      insuranceAuthority: Type.Optional({
        ...Authority,
        description: 'who gives the insurance numbers that it answers with',
      }),
      cardAuthority: Type.Optional({
        ...Authority,
        description: "under which the master index has the issuer's own ids, as health-card",
      }),
    },
    { additionalProperties: false },
  ),
  { maxItems: 20 },
);
export type Issuer = Static<typeof Issuers>[number];

/** The authorities of the domains that an issuer's numbers are of. */
export type SourceRecordDomain = Pick<Issuer, 'insuranceAuthority' | 'cardAuthority'>;

/**
 * The issuers of a setting. Throws an Error of one sentence, without a key: what cannot be read, or a
 * kind that two decode.
 */
export const issuersIn = (text: string): readonly Issuer[] => {
  const issuers = dataOf('IDENTITY_ISSUERS', withDefaults(text), Issuers);
  const kinds = issuers.flatMap((one) => one.kinds);
  const twice = kinds.find((kind, index) => kinds.indexOf(kind) !== index);
  if (twice !== undefined) throw new Error(`IDENTITY_ISSUERS: two issuers decode ${twice}.`);
  return issuers;
};

const withDefaults = (text: string): string => {
  try {
    const given = JSON.parse(text) as readonly object[];
    return JSON.stringify(given.map((one) => ({ timeoutMs: 1_500, ...one })));
  } catch {
    return text; // Its fault is said by who reads it.
  }
};
