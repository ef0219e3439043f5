import { type Static, Type } from '@sinclair/typebox';
import { Instant, PersonId } from '../schemas';
import { route } from './route';
import { closed, Moment, oneOf } from './shapes';

/** Of a code with its signature, or any other credential. */
export const CODE_LENGTH_MAX = 300;
/** Codes that others issue, which their issuer decodes: the insurance code (医保码), … */
export const ISSUED_KINDS = ['insurance-code', 'social-card', 'e-health-card', 'face'] as const;
/** Longer no issuer is waited for: who asks identity about such a code waits for that beside its own. */
export const ISSUER_ANSWER_MS_MAX = 1_800;
export type IssuedKind = (typeof ISSUED_KINDS)[number];
/** What a person may show. */
export const CredentialType = oneOf('id-number', 'health-card', 'qr', ...ISSUED_KINDS);
export type CredentialType = Static<typeof CredentialType>;
export const isIssued = (type: CredentialType): type is IssuedKind =>
  (ISSUED_KINDS as readonly string[]).includes(type);
/** Why a code that others issue leads to no one. */
export const issuerProblems = [
  'CODE_HOLDER_DIFFERS',
  'CODE_OF_ANOTHER_INSTITUTION',
  'CODE_ISSUER_UNAVAILABLE',
  'CODE_ISSUER_UNSET',
  'CODE_UNKNOWN',
] as const;
/** Why what a person showed leads to no one, beside that no one has it. */
export const shownProblems = [
  'CARD_NOT_VALID',
  'CARD_REPLACED',
  'CODE_EXPIRED',
  'CODE_USED',
  'PERSON_DIED',
  'SECOND_FACTOR_NEEDED',
  'SECOND_FACTOR_WRONG',
  ...issuerProblems,
] as const;
export const ReadAt = {
  ...Instant,
  description: 'When a front node that was offline read a dynamic code and verified it',
};

/** Of a static code: what the person knows beside it. */
export const MobileEnd = Type.String({
  pattern: '^\\d{4}$',
  description: 'Of a static code: the last four digits of the registered mobile number, as said',
});

/** Codes that citizens show: static ones, and dynamic ones that are good for a minute and once. */
export const codeRoutes = {
  issueCode: route({
    method: 'POST',
    path: '/identity/persons/{personId}/codes',
    action: 'codes.issue',
    whose: { person: 'params.personId' },
    summary: 'A code to show at a hospital, to the citizen’s own sign-in alone',
    description:
      'Dynamic: `<64 hex>:0:<32 hex>:<application>:<key>.<end>.<signature>`, good for a minute and ' +
      'once. Static: `<64 hex>:1`, which asks for the end of the mobile number where it is shown.',
    params: closed({ personId: PersonId }),
    body: closed({
      kind: oneOf('dynamic', 'static'),
      application: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9-]{1,20}$' })),
    }),
    responses: {
      200: closed({ code: Type.String(), expiresAt: Type.Optional(Moment) }),
    },
    problems: [
      'PERSON_DIED',
      'PERSON_UNKNOWN',
      'PERSONAL_DATA_DESTROYED',
      'ERASURE_UNDER_WAY',
      'CARD_NOT_VALID',
      'CODES_TOO_MANY',
    ],
  }),
  listCodeKeys: route({
    method: 'GET',
    path: '/identity/code-keys',
    action: 'codes.list-keys',
    whose: 'public',
    summary: 'The public key of dynamic codes, by which a front node verifies them offline',
    responses: {
      200: closed({
        keys: Type.Array(
          closed({
            keyId: Type.String(),
            algorithm: oneOf('Ed25519', 'SM2'),
            publicKey: Type.String({ description: 'base64url' }),
          }),
        ),
        now: {
          ...Moment,
          description: 'The time by which codes end: a node measures its own by it',
        },
      }),
    },
    problems: [],
  }),
};
