import { type Static, Type } from '@sinclair/typebox';
import { InstitutionId, PersonId } from '../schemas';
import { route } from './route';
import { closed, Moment, oneOf } from './shapes';

export const ActivationId = Type.String({ pattern: '^a-[A-Za-z0-9-]{1,60}$' });

/** What is agreed to, each for itself. */
export const ConsentPurpose = oneOf('service', 'sensitive-data', 'score', 'bank', 'debit-mandate');
export type ConsentPurpose = Static<typeof ConsentPurpose>;

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

export const ConsentAnswer = closed({ purpose: ConsentPurpose, hash: Hash });
export type ConsentAnswer = Static<typeof ConsentAnswer>;

/** Evidence of a consent, or that it was taken back; never changed. */
export const Consent = closed({
  consentId: Type.String(),
  purpose: ConsentPurpose,
  given: Type.Boolean({ description: 'false: taken back' }),
  version: Type.String(),
  language: Language,
  hash: Hash,
  byPersonId: Type.Optional({ ...PersonId, description: 'The guardian who agreed for a child' }),
  channel: Type.String(),
  institutionId: Type.Optional(InstitutionId),
  evidence: Type.String({ description: '`activation <id>`: a code by SMS came back' }),
  at: Moment,
});
export type Consent = Static<typeof Consent>;

/** What a citizen sees of their consents. */
export const consentRoutes = {
  showConsents: route({
    method: 'GET',
    path: '/identity/persons/{personId}/consents',
    action: 'consents.read',
    whose: { person: 'params.personId' },
    summary: 'What the person agreed to and took back, the latest first, with the evidence',
    params: closed({ personId: PersonId }),
    responses: {
      200: closed({ inForce: Type.Array(ConsentPurpose), consents: Type.Array(Consent) }),
    },
    problems: [],
  }),
};
