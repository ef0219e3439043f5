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
  IDENTITY_GUARDIANSHIP_INTERVAL_MS: Type.Integer({
    minimum: 100,
    default: 60_000,
    description: 'how often guardianships are ended whose period is over or whose ward is of age',
  }),
  IDENTITY_PUBLIC_DATA_URL: Type.Optional(
    Type.String({
      pattern: '^https?://',
      description:
        'where the public-data platform takes questions; without it a window confirms mobile numbers',
    }),
  ),
  IDENTITY_PUBLIC_DATA_SECRET: Type.Optional(
    Type.String({
      minLength: 16,
      description:
        'signs questions to the public-data platform, and the answers that it pushes back',
    }),
  ),
  IDENTITY_PUBLIC_DATA_WAIT_MS: Type.Integer({
    minimum: 1_000,
    maximum: 86_400_000,
    default: 600_000,
    description: 'how long a pushed answer is waited for before a window goes on',
  }),
  IDENTITY_SHARED_DATA_URL: Type.Optional(
    Type.String({
      pattern: '^https?://',
      description:
        'where the bureau’s shared data is asked who is insured; without it a window confirms it',
    }),
  ),
  IDENTITY_SHARED_DATA_SECRET: Type.Optional(
    Type.String({ minLength: 16, description: 'signs questions to the bureau’s shared data' }),
  ),
  IDENTITY_ISSUERS: Type.Optional(
    Type.String({
      minLength: 2,
      description:
        'who decodes the codes that others issue: JSON of url, key and kinds of each, or the path ' +
        'of a file of it; without it none is',
    }),
  ),
  IDENTITY_CENTRE_URL: Type.Optional(
    Type.String({
      pattern: '^https?://',
      description: 'where the centre of medical security answers 1101 and 2001 of a visit’s person',
    }),
  ),
  IDENTITY_CENTRE_SECRET: Type.Optional(
    Type.String({ minLength: 16, description: 'signs questions to the centre' }),
  ),
  IDENTITY_CENTRE_FILE: Type.Optional(
    Type.String({
      minLength: 1,
      description: 'how that centre is spoken to; without it services/identity/data/centre.json',
    }),
  ),
  IDENTITY_ACTIVATE_INTERVAL_MS: Type.Integer({
    minimum: 100,
    default: 1_000,
    description: 'how often activations that are due are gone on with',
  }),
  NOTIFICATION_URL: Type.Optional(
    Type.String({
      pattern: '^https?://',
      description: 'where notification answers, which sends the codes of activations',
    }),
  ),
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
