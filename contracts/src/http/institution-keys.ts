import { Type } from '@sinclair/typebox';
import { KEY_SCOPES } from '../key-scopes';
import { InstitutionId } from '../schemas';
import { route } from './route';
import { closed, Moment, oneOf } from './shapes';

const KeyId = Type.String({ pattern: '^[A-Za-z0-9-]{1,60}$', description: 'Not a secret' });
export const KeyScopes = Type.Array(oneOf(...KEY_SCOPES), {
  minItems: 1,
  uniqueItems: true,
  description:
    '`report`: visits, charges and returns. `resolve`: whose a credential is. `read`: what is its ' +
    'own. `webhooks`: sends them again, renews their secret. `activate`: opens the service and ' +
    'hands out cards at kiosks and windows. `cards`: a card system of its own. Only a key that names ' +
    'one of these two may',
});
/** A key on the one occasion that it is shown. */
export const MadeKey = closed({
  apiKey: Type.String({ description: 'Shown this once' }),
  keyId: KeyId,
  endsAt: Moment,
});
const WhichInstitution = closed({ institutionId: InstitutionId });

/** The keys by which hospitals' systems come to the edge, or get tokens. */
export const institutionKeyRoutes = {
  listInstitutionKeys: route({
    method: 'GET',
    path: '/identity/institution-keys',
    action: 'institution-keys.list',
    whose: 'platform',
    summary: 'API keys of institutions with scopes, end and last use; never the keys themselves',
    query: closed({
      institutionId: Type.Optional(InstitutionId),
      endingDays: Type.Optional(
        Type.String({
          pattern: '^[0-9]{1,3}$',
          description: 'Those alone that end within so many days',
        }),
      ),
    }),
    responses: {
      200: Type.Array(
        closed({
          keyId: KeyId,
          institutionId: InstitutionId,
          prefix: Type.Optional(Type.String({ description: 'How the key begins' })),
          scopes: Type.Array(oneOf(...KEY_SCOPES)),
          madeAt: Moment,
          endsAt: Moment,
          endedAt: Type.Optional(Moment),
          usedAt: Type.Optional(Moment),
        }),
      ),
    },
    problems: [],
  }),
  issueInstitutionKey: route({
    method: 'POST',
    path: '/identity/institutions/{institutionId}/keys',
    action: 'institution-keys.issue',
    whose: { institution: 'params.institutionId' },
    approval: { when: 'always', shows: ['scopes', 'days'] },
    summary: 'Make a further API key, shown this once; the one in use goes on, two at a time',
    params: WhichInstitution,
    body: closed({
      scopes: Type.Optional(KeyScopes),
      days: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 730, description: 'Until its end; 365 if left out' }),
      ),
    }),
    bodyOptional: true,
    responses: { 201: MadeKey },
    problems: ['INSTITUTION_UNKNOWN', 'API_KEYS_TOO_MANY'],
  }),
  renewInstitutionKey: route({
    method: 'POST',
    path: '/identity/institutions/{institutionId}/key',
    action: 'institutions.renew-key',
    whose: { institution: 'params.institutionId' },
    approval: { when: 'always' },
    summary: 'Make a new API key, shown this once; all that there were end at once',
    params: WhichInstitution,
    responses: { 201: MadeKey },
    problems: ['INSTITUTION_UNKNOWN'],
  }),
  endInstitutionKey: route({
    method: 'DELETE',
    path: '/identity/institutions/{institutionId}/keys/{keyId}',
    action: 'institution-keys.end',
    whose: { institution: 'params.institutionId' },
    summary: 'End an API key, with the tokens that it got',
    params: closed({ institutionId: InstitutionId, keyId: KeyId }),
    responses: { 204: null },
    problems: ['API_KEY_UNKNOWN'],
  }),
};
