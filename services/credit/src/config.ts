import { Type } from '@sinclair/typebox';

/** What credit reads from the environment. */
export const CreditConfig = Type.Object({
  CREDIT_EXPIRY_INTERVAL_MS: Type.Integer({
    minimum: 10,
    maximum: 3_600_000,
    default: 30_000,
    description: 'how often holds past their time are looked for',
  }),
  CREDIT_ENROLMENT_TIMEOUT_MS: Type.Integer({
    minimum: 0,
    maximum: 30_000,
    default: 5_000,
    description: 'how long an enrolment waits to hear of a person who was registered just now',
  }),
});
