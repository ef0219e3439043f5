import { type Static, Type } from '@sinclair/typebox';
import { ConsentPurpose } from '../identity';
import { InstitutionId, PersonId } from '../schemas';
import {
  ConsentKeyId,
  ConsentKeyKind,
  ConsentSigned,
  consentSignedProblems,
  Paper,
  SignatureValue,
} from './consent-keys';
import { route } from './route';
import { closed, Moment, oneOf } from './shapes';

export const ActivationId = Type.String({ pattern: '^a-[A-Za-z0-9-]{1,60}$' });

const Hash = Type.String({
  pattern: '^[0-9a-f]{64}$',
  description: 'SHA-256 of the text in UTF-8, in hex',
});
const Language = oneOf('zh', 'en');

/** A text that is asked for now, in one language. */
export const ConsentText = closed({
  purpose: ConsentPurpose,
  required: Type.Boolean({ description: 'The service is not opened without it' }),
  version: Type.String(),
  language: Language,
  text: Type.String(),
  hash: Hash,
});
export type ConsentText = Static<typeof ConsentText>;

export const ConsentAnswer = closed({
  purpose: ConsentPurpose,
  hash: Hash,
  signature: Type.Optional({
    ...ConsentSigned,
    description:
      'By a key of who agrees, over these lines, parted by one line feed: `caretab consent 1`, ' +
      '`key:`, `person:`, `by:` (the guardian of a ward, else the person), `purpose:`, ' +
      '`given: true`, `version:`, `language:`, `hash:`, `channel:`, `signedAt:`, each with a ' +
      'space and its value',
  }),
});
export type ConsentAnswer = Static<typeof ConsentAnswer>;

/** Evidence of a consent, or that it was taken back; never changed. */
export const Consent = closed({
  consentId: Type.String(),
  purpose: ConsentPurpose,
  given: Type.Boolean({ description: 'false: taken back' }),
  version: Type.String(),
  language: Language,
  hash: Hash,
  byPersonId: Type.Optional({ ...PersonId, description: 'The guardian who agreed for a ward' }),
  awaits: Type.Optional(
    Type.Boolean({
      description: 'Not in force: each guardian has to agree, and another did not yet',
    }),
  ),
  channel: Type.String(),
  institutionId: Type.Optional(InstitutionId),
  evidence: Type.String({
    description:
      '`activation <id>`: a code by SMS came back · `own token` · `paper <number>` · `closing`',
  }),
  signature: Type.Optional(
    closed({
      keyId: ConsentKeyId,
      algorithm: Type.Optional(ConsentKeyKind),
      publicKey: Type.Optional(
        Type.String({ description: 'Not there once the key was destroyed with its person' }),
      ),
      statement: Type.String({ description: 'What was signed, byte for byte' }),
      value: SignatureValue,
      text: Type.Optional(Type.String({ description: 'The text of that version and language' })),
    }),
  ),
  at: Moment,
});
export type Consent = Static<typeof Consent>;

export const WhichGuardian = Type.Optional({
  ...PersonId,
  description: 'Where staff ask for a ward: which guardian; the first where it is left out',
});
const WhosePerson = closed({ personId: PersonId });

/** What a citizen sees of their consents, and changes. */
export const consentRoutes = {
  showConsents: route({
    method: 'GET',
    path: '/identity/persons/{personId}/consents',
    action: 'consents.read',
    whose: { person: 'params.personId' },
    summary: 'What the person agreed to and took back, the latest first, with the evidence',
    params: WhosePerson,
    responses: {
      200: closed({
        inForce: Type.Array(ConsentPurpose),
        texts: Type.Array(ConsentText, { description: 'What may be agreed to today' }),
        consents: Type.Array(Consent),
      }),
    },
    problems: [],
  }),
  addConsents: route({
    method: 'POST',
    path: '/identity/persons/{personId}/consents',
    action: 'consents.add',
    whose: { person: 'params.personId' },
    summary: 'Agree to further texts, or again, by the hashes of what was shown',
    params: WhosePerson,
    body: closed({
      consents: Type.Array(ConsentAnswer, { minItems: 1, maxItems: 10 }),
      guardianId: WhichGuardian,
    }),
    responses: { 204: null },
    problems: [
      'PERSON_UNKNOWN',
      'PERSON_DIED',
      'ERASURE_UNDER_WAY',
      'CONSENT_TEXT_OTHER',
      'MANDATE_OF_GUARDIAN',
      'GUARDIAN_NEEDED',
      ...consentSignedProblems,
    ],
  }),
  revokeConsents: route({
    method: 'POST',
    path: '/identity/persons/{personId}/consents/revocation',
    action: 'consents.revoke',
    whose: { person: 'params.personId' },
    summary:
      'Take consents back. Without that to the service or to sensitive data all are taken back: ' +
      'no new visit, and the service is closed once nothing is owed',
    params: WhosePerson,
    body: closed({
      purposes: Type.Array(ConsentPurpose, { minItems: 1, maxItems: 5 }),
      paper: Type.Optional(Paper),
      guardianId: WhichGuardian,
      signatures: Type.Optional(
        Type.Array(closed({ purpose: ConsentPurpose, ...ConsentSigned.properties }), {
          maxItems: 5,
          description:
            'Over the statement with `given: false`, and version, language and hash of what is ' +
            'taken back',
        }),
      ),
    }),
    responses: { 204: null },
    problems: [
      ...consentSignedProblems,
      'PERSON_UNKNOWN',
      'ERASURE_UNDER_WAY',
      'MANDATE_OF_GUARDIAN',
      'GUARDIAN_NEEDED',
      'PAPER_NEEDED',
    ],
  }),
  closeService: route({
    method: 'DELETE',
    path: '/identity/persons/{personId}/service',
    action: 'services.close',
    whose: { person: 'params.personId' },
    summary: 'Close the service where nothing is owed; consents and the bound account end with it',
    params: WhosePerson,
    query: closed({ paper: Type.Optional(Paper) }),
    responses: { 204: null },
    problems: [
      'PERSON_UNKNOWN',
      'ERASURE_UNDER_WAY',
      'SERVICE_IN_USE',
      'GUARDIAN_NEEDED',
      'PAPER_NEEDED',
      'CREDIT_UNAVAILABLE',
    ],
  }),
};
