import { Type } from '@sinclair/typebox';
import { route } from './route';
import { closed, Facts, Moment } from './shapes';

const SubjectId = Type.String({
  pattern: '^[a-z][a-z0-9.-]{1,39}$',
  description: 'In small letters; records show it, so it is no name of a person',
});
const WhichSubject = closed({ subjectId: SubjectId });
const Role = Type.Record(Type.String({ pattern: '^[a-z]+$' }), Type.String({ maxLength: 60 }), {
  description: '`kind`, and what it is for: `institution`, `payer`, `shift`, `channel`',
});
const PublicKey = closed({
  kty: Type.Literal('OKP'),
  crv: Type.Literal('Ed25519'),
  x: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' }),
});
const Issuer = Type.Object({ issuer: Type.String(), jwks_uri: Type.String() });

/** What is public has to say itself that it asks the database. */
const ofDatabase = ['DATABASE_UNAVAILABLE', 'DATABASE_BUSY'] as const;

/** Someone has to be there who can approve. */
const FROM_THE_FIRST = 'once a security administrator has a sign-in';

/** Who signs in, and the tokens that are issued for it. */
export const signInRoutes = {
  issueToken: route({
    method: 'POST',
    path: '/identity/token',
    action: 'tokens.issue',
    whose: 'public',
    signsIn: true,
    summary: 'A short-lived access token for what its subject signs in with',
    description:
      'OAuth 2.0 (RFC 6749), as a form or as JSON. `grant_type=client_credentials` with a ' +
      '`client_assertion` (RFC 7523), or with an API key as `client_secret`; `password` with ' +
      '`username`, `password` and `otp`; `refresh_token`.',
    body: Type.Record(Type.String({ maxLength: 60 }), Type.String({ maxLength: 8000 })),
    responses: {
      200: closed({
        access_token: Type.String(),
        token_type: Type.Literal('Bearer'),
        expires_in: Type.Integer({ description: 'seconds' }),
        refresh_token: Type.Optional(Type.String()),
      }),
    },
    problems: [
      ...ofDatabase,
      'GRANT_UNSUPPORTED',
      'SIGN_IN_REFUSED',
      'CLIENT_REFUSED',
      'OVERLOADED',
      'ACCESS_NOT_RECORDED',
    ],
  }),
  endSession: route({
    method: 'POST',
    path: '/identity/token/revoke',
    action: 'tokens.end-session',
    whose: 'public',
    summary: 'End the session of a refresh token (RFC 7009)',
    body: Type.Record(Type.String({ maxLength: 60 }), Type.String({ maxLength: 8000 })),
    responses: { 204: null },
    problems: ofDatabase,
  }),
  describeIssuer: route({
    method: 'GET',
    path: '/identity/.well-known/openid-configuration',
    action: 'tokens.describe-issuer',
    whose: 'public',
    summary: 'Where the issuer of tokens answers (OpenID Connect Discovery)',
    responses: { 200: Issuer },
    problems: [],
  }),
  listTokenKeys: route({
    method: 'GET',
    path: '/identity/jwks',
    action: 'tokens.list-keys',
    whose: 'public',
    summary: 'The public keys of tokens (RFC 7517)',
    responses: { 200: closed({ keys: Type.Array(Facts) }) },
    problems: ofDatabase,
  }),
  listVoidTokens: route({
    method: 'GET',
    path: '/identity/void-tokens',
    action: 'tokens.list-void',
    whose: 'public',
    summary: 'Whose tokens of before a moment are void, though they have not expired',
    responses: {
      200: closed({
        allBefore: Type.Optional(Moment),
        subjects: Type.Array(closed({ subject: Type.String(), before: Moment })),
      }),
    },
    problems: ofDatabase,
  }),
  rotateTokenKeys: route({
    method: 'POST',
    path: '/identity/token-keys',
    action: 'tokens.rotate-keys',
    whose: 'platform',
    summary: 'A new key signs tokens from in a minute on; at once where the old ones leaked',
    body: closed({
      leaked: Type.Optional(
        Type.Boolean({ description: 'All tokens that were issued before are void at once' }),
      ),
    }),
    bodyOptional: true,
    responses: { 201: closed({ kid: Type.String() }) },
    problems: [],
  }),
  putSubject: route({
    method: 'PUT',
    path: '/identity/subjects/{subjectId}',
    action: 'subjects.put',
    whose: 'platform',
    approval: { when: 'depends', where: FROM_THE_FIRST, shows: ['roles', 'publicKeys'] },
    summary: 'Register staff or a machine, or change its roles and keys',
    params: WhichSubject,
    body: closed({
      roles: Type.Array(Role, { minItems: 1, maxItems: 20 }),
      publicKeys: Type.Optional(Type.Array(PublicKey, { maxItems: 5 })),
    }),
    responses: { 200: WhichSubject, 201: WhichSubject },
    problems: ['ROLES_APART', 'KEY_TAKEN', 'SIGN_IN_APART'],
  }),
  renewSignIn: route({
    method: 'POST',
    path: '/identity/subjects/{subjectId}/sign-in',
    action: 'subjects.renew-sign-in',
    whose: 'platform',
    approval: { when: 'depends', where: FROM_THE_FIRST },
    summary: 'A new password and one-time codes of a member of staff, shown this once',
    params: WhichSubject,
    responses: { 201: closed({ password: Type.String(), totpUri: Type.String() }) },
    problems: ['SUBJECT_UNKNOWN', 'SIGN_IN_APART'],
  }),
  removeSubject: route({
    method: 'DELETE',
    path: '/identity/subjects/{subjectId}',
    action: 'subjects.remove',
    whose: 'platform',
    summary: 'End what a subject signs in with, its sessions and its tokens',
    params: WhichSubject,
    responses: { 204: null },
    problems: ['SUBJECT_UNKNOWN', 'SUBJECT_NEEDED'],
  }),
  listSubjects: route({
    method: 'GET',
    path: '/identity/subjects',
    action: 'subjects.list',
    whose: 'platform',
    summary: 'Staff and machines, their roles, keys and last use, by id',
    responses: {
      200: Type.Array(
        closed({
          subjectId: Type.String(),
          roles: Type.Array(Facts),
          createdAt: Moment,
          removedAt: Type.Optional(Moment),
          hasPassword: Type.Boolean(),
          keys: Type.Array(
            closed({ keyId: Type.String(), madeAt: Moment, usedAt: Type.Optional(Moment) }),
          ),
        }),
      ),
    },
    problems: [],
  }),
};
