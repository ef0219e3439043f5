import { Type } from '@sinclair/typebox';

/** What credit reads from the environment. */
export const CreditConfig = Type.Object({
  CREDIT_EXPIRY_INTERVAL_MS: Type.Integer({
    minimum: 10,
    maximum: 3_600_000,
    default: 30_000,
    description: 'how often holds past their time are looked for',
  }),
  CREDIT_POLICY_INTERVAL_MS: Type.Integer({
    minimum: 10,
    maximum: 3_600_000,
    default: 30_000,
    description: 'how often open lines are looked for that have to follow the policy in force',
  }),
  CREDIT_REGION: Type.String({
    pattern: '^\\d{6}$',
    default: '330100',
    description: 'the city whose line policies are taken, by its code of GB/T 2260',
  }),
  CREDIT_SCORE_URL: Type.Optional(
    Type.String({
      pattern: '^https?://',
      description: 'where the credit platform is asked for scores; without it they are pushed only',
    }),
  ),
  CREDIT_SCORE_SECRET: Type.Optional(
    Type.String({ minLength: 16, description: 'signs questions to it, and its answers' }),
  ),
  CREDIT_LENDER_URL: Type.Optional(
    Type.String({
      pattern: '^https?://',
      description: 'where banks that lend take orders; {lenderId} in it stands for the bank’s',
    }),
  ),
  CREDIT_LENDER_SECRET: Type.Optional(
    Type.String({
      minLength: 16,
      description: 'makes the key of each bank, which signs orders, answers and notices',
    }),
  ),
  CREDIT_ENROLMENT_TIMEOUT_MS: Type.Integer({
    minimum: 0,
    maximum: 30_000,
    default: 5_000,
    description: 'how long an enrolment waits to hear of a person who was registered just now',
  }),
});
