import { type Static, Type } from '@sinclair/typebox';
import { PersonId } from '../schemas';
import { route } from './route';
import { closed, Moment, oneOf } from './shapes';

export const ConsentKeyId = Type.String({ pattern: '^k-[A-Za-z0-9-]{1,60}$' });
export const ConsentKeyKind = oneOf('Ed25519', 'SM2');
const PublicKey = Type.String({
  pattern: '^[A-Za-z0-9_-]{43}$|^[A-Za-z0-9_-]{86}$',
  description: 'base64url: 32 bytes of Ed25519; x and y of SM2, 64 bytes',
});
export const SignatureValue = Type.String({
  pattern: '^[A-Za-z0-9_-]{86}$',
  description: 'base64url, 64 bytes; of SM2 r and s',
});
export const SignedAt = Type.String({
  pattern: '^20\\d{2}-[01]\\d-[0-3]\\dT[0-2]\\d:[0-5]\\d:[0-5]\\d\\.\\d{3}Z$',
  description: 'UTC with milliseconds, unchanged as it is signed; within five minutes of now',
});
export const Paper = Type.String({
  pattern: '^[A-Za-z0-9-]{1,40}$',
  description: 'Needed of staff: the number under which the signed form is filed',
});

/** A signature over the statement of a consent. */
export const ConsentSigned = closed({
  keyId: ConsentKeyId,
  signedAt: SignedAt,
  value: SignatureValue,
});
export type ConsentSigned = Static<typeof ConsentSigned>;
export const consentSignedProblems = [
  'CONSENT_KEY_NOT_VALID',
  'CONSENT_SIGNATURE_OLD',
  'CONSENT_SIGNATURE_WRONG',
] as const;

export const ConsentKey = closed({
  keyId: ConsentKeyId,
  algorithm: ConsentKeyKind,
  publicKey: PublicKey,
  registeredAt: Moment,
  revokedAt: Type.Optional(Moment),
});
export type ConsentKey = Static<typeof ConsentKey>;

const WhosePerson = closed({ personId: PersonId });

/** Keys by which citizens sign what they agree to. */
export const consentKeyRoutes = {
  registerConsentKey: route({
    method: 'POST',
    path: '/identity/persons/{personId}/consent-keys',
    action: 'consent-keys.register',
    whose: { person: 'params.personId' },
    summary: 'Register a public key by which the citizen signs consents; a second factor is needed',
    description:
      'The proof is a signature by the key over these lines, parted by one line feed: ' +
      '`caretab consent key 1`, `person: <personId>`, `algorithm: <algorithm>`, ' +
      '`publicKey: <publicKey>`, `signedAt: <signedAt>`. The same key again is the same.',
    params: WhosePerson,
    body: closed({
      algorithm: ConsentKeyKind,
      publicKey: PublicKey,
      proof: closed({ signedAt: SignedAt, value: SignatureValue }),
    }),
    responses: { 200: ConsentKey },
    problems: [
      'PERSON_UNKNOWN',
      'PERSON_DIED',
      'ERASURE_UNDER_WAY',
      'CONSENT_KEYS_TOO_MANY',
      ...consentSignedProblems,
    ],
  }),
  listConsentKeys: route({
    method: 'GET',
    path: '/identity/persons/{personId}/consent-keys',
    action: 'consent-keys.list',
    whose: { person: 'params.personId' },
    summary: 'Keys by which the citizen signs consents, also revoked ones, the latest first',
    params: WhosePerson,
    responses: { 200: closed({ keys: Type.Array(ConsentKey) }) },
    problems: [],
  }),
  revokeConsentKey: route({
    method: 'DELETE',
    path: '/identity/persons/{personId}/consent-keys/{keyId}',
    action: 'consent-keys.revoke',
    whose: { person: 'params.personId' },
    summary: 'Revoke a key: it signs nothing any more; what it signed before stays evidence',
    params: closed({ personId: PersonId, keyId: ConsentKeyId }),
    query: closed({ paper: Type.Optional(Paper) }),
    responses: { 204: null },
    problems: ['PERSON_UNKNOWN', 'CONSENT_KEY_NOT_VALID', 'PAPER_NEEDED'],
  }),
};
