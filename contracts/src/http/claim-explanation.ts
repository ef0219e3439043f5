import { Type } from '@sinclair/typebox';
import { closed, oneOf, orNull } from './shapes';

const Text = Type.String();
const Yuan = Type.String({ description: 'Yuan, exact to the fen' });
const Scopes = {
  ...{ inScope: Yuan, direct: Yuan, firstSelfPay: Yuan, overLimit: Yuan, ownExpense: Yuan },
};

const Layer = closed({
  layer: Text,
  rule: Type.String({ description: 'Where in the plan it stands' }),
  base: Yuan,
  deductible: Type.Optional(closed({ amount: Yuan, usedBefore: Yuan, taken: Yuan })),
  bands: Type.Optional(
    Type.Array(closed({ from: Yuan, to: orNull(Yuan), rate: Text, fund: Yuan })),
  ),
  fixed: Type.Optional(Yuan),
  days: Type.Optional(Type.Number()),
  caps: Type.Optional(
    Type.Array(
      closed({
        on: oneOf('fund', 'base', 'visits', 'days'),
        ...{ amount: Text, usedBefore: Text, lost: Yuan },
      }),
    ),
  ),
  fund: Yuan,
  borneBy: Type.Optional(Text),
});

/** A verdict as `caretab adjudicate --json` prints it. */
const ExplainedVerdict = closed({
  claim: Text,
  gross: Yuan,
  scopes: closed(Scopes),
  ...{ fund: Yuan, hospital: Yuan, account: Yuan, patient: Yuan },
  plans: Type.Array(
    closed({
      plan: Text,
      version: Type.String({ description: 'The SHA-256 of the plan’s content' }),
      payer: Text,
      on: oneOf('residue', 'gross'),
      year: Text,
      words: Type.Record(Type.String(), Text),
      fund: Yuan,
      hospital: Type.Optional(Yuan),
      layers: Type.Array(Layer),
    }),
  ),
  absent: Type.Array(
    closed({
      plan: Text,
      why: oneOf('not-insured', 'not-in-force', 'waiting', 'does-not-apply', 'not-in-coordination'),
    }),
  ),
  accounts: Type.Array(closed({ account: Text, balance: Yuan, paid: Yuan })),
  patientPart: closed({
    due: Yuan,
    ...Scopes,
    ...{ deductibles: Yuan, aboveCaps: Yuan, beforeAccounts: Yuan },
  }),
  lines: Type.Optional(
    Type.Array(
      closed({
        ...{ line: Text, amount: Yuan, ...Scopes, patient: Yuan },
        rules: Type.Array(
          closed({
            ...{ rule: Text, to: Text, amount: Yuan },
            ...{ rate: Type.Optional(Text), limit: Type.Optional(Text) },
          }),
        ),
      }),
    ),
  ),
});

/** Which rule of which version took what, because of which numbers. */
export const ClaimExplanation = closed({
  zh: Type.Array(Text, { description: 'Line by line, in Chinese' }),
  en: Type.Array(Text, { description: 'Line by line, in English' }),
  verdict: ExplainedVerdict,
});
