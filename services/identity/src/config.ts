import { issuerSetting } from '@caretab/host';
import { Type } from '@sinclair/typebox';

/** What identity reads from the environment. */
export const IdentityConfig = Type.Object({
  IDENTITY_MASTER_KEY: Type.String({
    minLength: 1,
    description:
      'wraps every person’s data key: 32 bytes in hex, or the path of a file with several keys. ' +
      'Lose it and all personal data is lost',
  }),
  IDENTITY_ERASE_INTERVAL_MS: Type.Integer({
    minimum: 100,
    default: 5_000,
    description: 'how often erasures that wait for another service are gone on with',
  }),
  IDENTITY_INDEX_INTERVAL_MS: Type.Integer({
    minimum: 100,
    default: 5_000,
    description: 'how often new registrations and records are taken into the master index',
  }),
  CREDIT_URL: Type.String({ pattern: '^https?://', description: 'where credit answers' }),
  VISIT_LEDGER_URL: Type.String({
    pattern: '^https?://',
    description: 'where the visit ledger answers',
  }),
  IDENTITY_TOKEN_KEY_DAYS: Type.Integer({
    minimum: 1,
    maximum: 365,
    default: 30,
    description: 'days after which another key signs tokens',
  }),
  IDENTITY_CHOSEN_KEYS: Type.String({
    pattern: '^(on|off)$',
    default: 'off',
    description: 'on, for rehearsals alone: who registers an institution may choose its API key',
  }),
  OIDC_ISSUER: issuerSetting,
});
