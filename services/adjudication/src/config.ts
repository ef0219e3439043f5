import { agreementSettings } from '@caretab/host';
import { Type } from '@sinclair/typebox';

/** What adjudication reads from the environment; plans and catalogue are data. */
export const AdjudicationConfig = Type.Object({
  ...agreementSettings,
  ADJUDICATION_CHECK_FILE: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        'a file with other rules than services/adjudication/data/check-rules.json, of its form',
    }),
  ),
  ADJUDICATION_ENTITLEMENT_FILE: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        'a file with another rule than services/adjudication/data/entitlement-policy.json, of its form',
    }),
  ),
  ADJUDICATION_ENTITLEMENT_INTERVAL_MS: Type.Integer({
    minimum: 100,
    maximum: 60_000,
    default: 1_000,
    description: 'how often questions to the centre that are due are asked',
  }),
  IDENTITY_URL: Type.Optional(
    Type.String({
      pattern: '^https?://',
      description: 'where identity answers, which asks the centre who is entitled',
    }),
  ),
});
