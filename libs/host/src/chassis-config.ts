import { type Static, Type } from '@sinclair/typebox';
import { type Environment, parseConfig } from './config';

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** Who signs tokens; the same for all services of a platform. */
export const issuerSetting = Type.String({
  pattern: '^https?://[^/]+(/[^/]+)*$',
  default: 'http://127.0.0.1:8080/identity',
  description: 'the OpenID Connect issuer whose tokens are believed; identity is one',
});

/** What the chassis itself reads from the environment. */
export const ChassisConfig = Type.Object({
  HTTP_HOST: Type.String({ default: '127.0.0.1', description: 'address to listen on' }),
  HTTP_PORT: Type.Integer({
    minimum: 1,
    maximum: 65535,
    default: 8080,
    description: 'port of the HTTP API',
  }),
  HTTP_ALLOWED_HOSTS: Type.Optional(
    Type.String({
      pattern: '^[a-z0-9-]+(\\.[a-z0-9-]+)+(,[a-z0-9-]+(\\.[a-z0-9-]+)+)*$',
      description:
        'names with a dot that the service goes by, separated by commas; by addresses and dotless names it always does',
    }),
  ),
  HTTP_BODY_MAX: Type.String({
    default: '1mb',
    pattern: '^\\d{1,9}(b|kb|mb)?$',
    description: 'largest request body, e.g. 512kb',
  }),
  HTTP_REQUEST_TIMEOUT_MS: Type.Integer({
    minimum: 1000,
    maximum: 600_000,
    default: 30_000,
    description: 'for a caller to send its whole request, and to read its whole answer',
  }),
  HTTP_CONNECTIONS_MAX: Type.Integer({
    minimum: 10,
    default: 2000,
    description: 'HTTP connections at once; more are closed',
  }),
  HTTP_RESPONSE_CHECK: Type.Boolean({
    default: false,
    description: 'check every answer against its schema, for tests: costs CPU, a fault is a 500',
  }),
  DATABASE_POOL_MAX: Type.Integer({
    minimum: 2,
    maximum: 100,
    default: 6,
    description: 'connections of one service to its database',
  }),
  DATABASE_STATEMENT_TIMEOUT_MS: Type.Integer({
    minimum: 1000,
    default: 30_000,
    description:
      'for one statement, waiting for locks included; a database that is silent two seconds longer counts as gone',
  }),
  BUS_SIGNING_KEYS: Type.String({
    minLength: 2,
    description:
      'private keys by which the process’ services sign what they publish, and as service/<name> what they ask: ' +
      'path of a JSON file, or its content',
  }),
  BUS_AUTHORS: Type.String({
    minLength: 2,
    description:
      'public keys of all authors of messages and of all services: path of a JSON file, or its content',
  }),
  OPERATOR_KEY: Type.Optional(
    Type.String({
      minLength: 16,
      description:
        'key that stands for every office; without it, who sends no credential is the operator on a loopback ' +
        'address, and no one is elsewhere',
    }),
  ),
  ENVIRONMENT: Type.Optional(
    Type.String({
      pattern: '^[a-z][a-z0-9-]{0,39}$',
      description:
        'name of this platform among yours, e.g. production; a database that was given one serves no other',
    }),
  ),
  OIDC_ISSUER: issuerSetting,
  APPROVAL_LIFETIME_S: Type.Integer({
    minimum: 1,
    maximum: 604_800,
    default: 86_400,
    description:
      'from a request that needs two persons until it cannot be approved or used any more',
  }),
  ACCESS_RECORD_RETENTION_DAYS: Type.Integer({
    minimum: 180,
    maximum: 36_500,
    default: 180,
    description:
      'for which records of access are kept; the database deletes nothing younger than 180',
  }),
  ACCESS_ANCHOR_KEY: Type.Optional(
    Type.String({
      pattern: '^([A-Za-z0-9+/]{43}=|\\{.*\\})$',
      description:
        'secret from which the service derives the keys that sign anchors of its records of access, and of ' +
        'its book: 32 bytes, in base64; JSON of one by service where a process has several',
    }),
  ),
  ACCESS_ANCHOR_FORMER_KEYS: Type.Optional(
    Type.String({
      description: 'public keys that signed such anchors before, separated by commas',
    }),
  ),
  ACCESS_ANCHOR_PLACES: Type.Optional(
    Type.String({
      description:
        'folders where such anchors are kept, separated by commas: two or more, on other disks than the ' +
        'database, the same for all replicas',
    }),
  ),
  CLOCK_FILE: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        'for rehearsals alone: a file with the milliseconds by which the clock is ahead of the database’s',
    }),
  ),
  LOG_LEVEL: Type.Union(
    LEVELS.map((level) => Type.Literal(level)),
    { default: 'info', description: `one of ${LEVELS.join(', ')}` },
  ),
});
export type ChassisConfig = Static<typeof ChassisConfig>;

/** Whether only this machine can reach what listens at the address. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);

/** Reads the chassis' variables. Throws ConfigError. */
export const parseChassisConfig = (env: Environment): ChassisConfig =>
  parseConfig('caretab', ChassisConfig, env);
