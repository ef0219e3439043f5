import { dataOf } from '@caretab/contracts';
import { type Static, Type } from '@sinclair/typebox';
import type { CnapsAccount } from './iso20022/pain001';

const Id = Type.String({ pattern: '^[A-Za-z0-9._-]{1,60}$' });
const DateText = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' });
const closed = { additionalProperties: false };

/** An insurer is no source: its money goes from the fund to the hospital, and never by us. */
const Pooled = Type.Object(
  {
    institutionId: Type.Union([Id, Type.Literal('*')]),
    party: Type.Union([
      Type.Literal('channel'),
      Type.Literal('funder'),
      Type.Literal('bank'),
      Type.Literal('*'),
    ]),
    partyId: Type.Union([Id, Type.Literal('*')]),
    from: DateText,
    until: Type.Optional(DateText),
  },
  closed,
);

const PolicyFile = Type.Object(
  {
    settlementAccount: Type.Union([
      Type.Null(),
      Type.Object(
        {
          holderName: Type.String({ minLength: 2, maxLength: 70 }),
          bankCode: Type.String({ pattern: '^\\d{12}$' }),
          account: Type.String({ pattern: '^[0-9]{6,32}$' }),
        },
        closed,
      ),
    ]),
    pooled: Type.Array(Pooled, { maxItems: 10_000 }),
  },
  closed,
);

export type PooledRule = Static<typeof Pooled>;

/** By which way the personal cash part reaches each hospital: direct, but for what is pooled. */
export interface PayoutPolicy {
  readonly settlementAccount: CnapsAccount | null;
  readonly pooled: readonly PooledRule[];
}

export const DIRECT_ONLY: PayoutPolicy = { settlementAccount: null, pooled: [] };

/** Throws where the file is not of its form, or pools money without an account. */
export const payoutPolicyOf = (name: string, text: string): PayoutPolicy => {
  const policy = dataOf(name, text, PolicyFile);
  if (policy.pooled.length > 0 && policy.settlementAccount === null)
    throw new Error(`${name}: /settlementAccount is missing: pooled money needs an account`);
  return policy;
};

/** The rules of a business day. */
export const pooledOn = ({ pooled }: PayoutPolicy, businessDate: string): readonly PooledRule[] =>
  pooled.filter(
    ({ from, until }) => from <= businessDate && (until === undefined || businessDate <= until),
  );
