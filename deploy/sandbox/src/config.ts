import { Type } from '@sinclair/typebox';

/** What the sandbox reads from the environment when it is a process of its own. */
export const SandboxConfig = Type.Object({
  SANDBOX_HOST: Type.String({ default: '127.0.0.1', description: 'address to listen on' }),
  SANDBOX_PORT: Type.Integer({
    minimum: 1,
    maximum: 65533,
    default: 8081,
    description: 'port of the acquirer; webhooks and mail take the next two',
  }),
  SANDBOX_DATA: Type.String({ default: './data/sandbox', description: 'folder of the journals' }),
  SANDBOX_ANSWERS_URL: Type.Optional(
    Type.String({
      pattern: '^https?://',
      description: 'where the public-data platform pushes its answers; without it there is none',
    }),
  ),
  IDENTITY_PUBLIC_DATA_SECRET: Type.Optional(
    Type.String({ minLength: 16, description: 'signs questions to the public-data platform' }),
  ),
  IDENTITY_SHARED_DATA_SECRET: Type.Optional(
    Type.String({ minLength: 16, description: 'signs questions to the bureau’s shared data' }),
  ),
  IDENTITY_CENTRE_SECRET: Type.Optional(
    Type.String({
      minLength: 16,
      description: 'signs questions to the centre of medical security',
    }),
  ),
  CREDIT_SCORE_SECRET: Type.Optional(
    Type.String({ minLength: 16, description: 'signs questions to the credit platform' }),
  ),
  CREDIT_LENDER_SECRET: Type.Optional(
    Type.String({ minLength: 16, description: 'signs orders to the bank that lends' }),
  ),
  PAYMENT_BANK_SECRET: Type.Optional(
    Type.String({
      minLength: 16,
      description: 'signs files to the bank that keeps the settlement account',
    }),
  ),
  IDENTITY_ISSUER_SECRET: Type.Optional(
    Type.String({ minLength: 16, description: 'signs questions to those who issue codes' }),
  ),
  PAYMENT_ACQUIRER_SECRET: Type.String({
    minLength: 16,
    description: 'signs requests to the acquirer',
  }),
  NOTIFICATION_WEBHOOK_KEY: Type.String({
    minLength: 16,
    description: 'the institutions’ webhook secrets derive from it',
  }),
});
