import { type Static, type TProperties, Type } from '@sinclair/typebox';
import { Code, Fen, Instant, InstitutionId, PersonId } from '../schemas';
import { CODE_LENGTH_MAX, ISSUED_KINDS, issuerProblems } from './codes';
import { consentSignedProblems } from './consent-keys';
import { ActivationId, ConsentAnswer, ConsentText, WhichGuardian } from './consents';
import { Registration } from './person';
import { route } from './route';
import { closed, Moment, oneOf } from './shapes';

/** Where a citizen asks for it: at an app, a hospital's kiosk, a window or a desk. */
export const ActivationChannel = oneOf('app', 'kiosk', 'window', 'desk');

/**
 * `asking-registry`, `awaiting-registry`: which number is registered is asked of the public-data
 * platform, which pushes it back · `awaiting-number`: another number is needed · `sending-code`,
 * `awaiting-code`: a code proves the number · `asking-insurance`: the bureau is asked whether the person
 * is insured · `awaiting-consents` · `opening`: credit opens the service · `at-window`: only staff at a
 * window can go on with it · `done` · `refused` · `expired`: not gone on with in time.
 */
export const ActivationStatus = oneOf(
  'asking-registry',
  'awaiting-registry',
  'awaiting-number',
  'sending-code',
  'awaiting-code',
  'asking-insurance',
  'awaiting-consents',
  'opening',
  'at-window',
  'done',
  'refused',
  'expired',
);
export type ActivationStatus = Static<typeof ActivationStatus>;

/** How far it is. Nothing in it shows which number the registry has. */
/** Of the service, or of another mobile number alone. */
const Purpose = oneOf('service', 'mobile');

export const Activation = closed({
  activationId: ActivationId,
  personId: PersonId,
  guardianId: Type.Optional({ ...PersonId, description: 'Of a child: whose number it is' }),
  purpose: Purpose,
  channel: ActivationChannel,
  institutionId: Type.Optional(InstitutionId),
  status: ActivationStatus,
  reason: Type.Optional({ ...Code, description: 'Why it waits, or ended so' }),
  attempt: Type.Integer({ minimum: 1, description: 'The number it is about: the first, second …' }),
  mobile: Type.Optional(Type.String({ description: 'The number, masked, while it is needed' })),
  awaits: Type.Optional(
    Type.Array(ConsentText, { description: 'The consents that may be given now, each for itself' }),
  ),
  lineFen: Type.Optional(Fen),
  begunAt: Moment,
  changedAt: Moment,
  endedAt: Type.Optional(Moment),
});
export type Activation = Static<typeof Activation>;

export const WhichActivation = closed({ activationId: ActivationId });

const { name, idNumber, mobile } = Registration.properties;
/** Who it is: by name and ID number, or by a code whose issuer says both. */
const said = { name, idNumber, mobile };
const shown = {
  credential: closed(
    {
      type: oneOf(...ISSUED_KINDS),
      value: Type.String({ minLength: 4, maxLength: CODE_LENGTH_MAX }),
    },
    { description: 'In place of name and ID number: its issuer says both' },
  ),
  mobile,
};
/** Both ways to say who it is, with what else is said. */
export const whoBegins = <More extends TProperties>(more: More) =>
  Type.Union([closed({ ...more, ...said }), closed({ ...more, ...shown })]);

export const ActivationBody = whoBegins({ purpose: Purpose, channel: ActivationChannel });
export type ActivationBody = Static<typeof ActivationBody>;

export const ActivationCode = Type.String({
  pattern: '^\\d{6}$',
  description: 'As the SMS has it',
});

export const beginProblems = [
  'NAME_INVALID',
  'ID_NUMBER_INVALID',
  'MOBILE_INVALID',
  'PERSON_CONFLICT',
  'PERSON_UNKNOWN',
  'ERASURE_UNDER_WAY',
  'GUARDIAN_NEEDED',
  'IDENTITY_CONTRADICTS',
  'PERSON_DIED',
  'CODE_EXPIRED',
  'CODE_USED',
  ...issuerProblems,
] as const;
export const consentProblems = [
  'ACTIVATION_UNKNOWN',
  'CONSENT_NOT_AWAITED',
  'CONSENT_TEXT_OTHER',
  'GUARDIAN_NEEDED',
  ...consentSignedProblems,
] as const;
export const codeProblems = ['ACTIVATION_UNKNOWN', 'CODE_NOT_AWAITED', 'CODE_WRONG'] as const;

/** Whose mobile number it is, proven: by the registry or a window, and by a code. */
export const activationRoutes = {
  beginActivation: route({
    method: 'POST',
    path: '/identity/activations',
    action: 'activations.begin',
    ...{ whose: 'scoped', look: 'here' },
    summary: 'Begin, or go on with what is under way: 201 when new, 200 when known',
    description:
      'A number is taken over once the registry, or two persons at a window, confirm it and a code ' +
      'that was sent to it comes back. Asked again with the same number a further code is sent; with ' +
      'another number that one is checked.',
    body: ActivationBody,
    responses: { 200: Activation, 201: Activation },
    problems: beginProblems,
  }),
  showActivation: route({
    method: 'GET',
    path: '/identity/activations/{activationId}',
    action: 'activations.read',
    ...{ whose: 'scoped', look: 'here' },
    summary: 'How far it is',
    params: WhichActivation,
    responses: { 200: Activation },
    problems: ['ACTIVATION_UNKNOWN'],
  }),
  giveActivationCode: route({
    method: 'POST',
    path: '/identity/activations/{activationId}/code',
    action: 'activations.give-code',
    ...{ whose: 'scoped', look: 'here' },
    summary: 'The code of the SMS: the number is theirs',
    params: WhichActivation,
    body: closed({ code: ActivationCode }),
    responses: { 200: Activation },
    problems: codeProblems,
  }),
  giveConsents: route({
    method: 'POST',
    path: '/identity/activations/{activationId}/consents',
    action: 'activations.give-consents',
    ...{ whose: 'scoped', look: 'here' },
    summary: 'What the citizen agrees to, of a ward a guardian; each by the hash of what was shown',
    params: WhichActivation,
    body: closed({
      consents: Type.Array(ConsentAnswer, { minItems: 1, maxItems: 10 }),
      guardianId: WhichGuardian,
    }),
    responses: { 200: Activation },
    problems: consentProblems,
  }),
  confirmActivation: route({
    method: 'POST',
    path: '/identity/persons/{personId}/activation/confirmation',
    action: 'activations.confirm',
    whose: { person: 'params.personId' },
    approval: { when: 'always', shows: ['activationId', 'attempt', 'saw'] },
    summary:
      'What was seen at a window: the ID card of who has this number, or that they are insured',
    params: closed({ personId: PersonId }),
    body: closed({
      activationId: ActivationId,
      attempt: Activation.properties.attempt,
      saw: oneOf('id-card', 'insurance'),
    }),
    responses: { 200: Activation },
    problems: ['ACTIVATION_UNKNOWN', 'ACTIVATION_MOVED_ON'],
  }),
  listActivations: route({
    method: 'GET',
    path: '/identity/activations',
    action: 'activations.list',
    whose: 'platform',
    summary: 'Those in one state, the longest in it first: at most 100',
    query: closed({
      status: Type.Optional({ ...ActivationStatus, default: 'at-window' }),
      after: Type.Optional(
        Type.String({ maxLength: 200, description: '`next` of the page before' }),
      ),
    }),
    responses: {
      200: closed({
        activations: Type.Array(Activation),
        next: Type.Optional(Type.String()),
      }),
    },
    problems: [],
  }),
  answerPublicData: route({
    method: 'POST',
    path: '/identity/public-data/answers',
    action: 'public-data.answer',
    whose: 'public',
    summary: 'The public-data platform pushes back which mobile number is registered',
    description:
      'Signed: HMAC-SHA256 in hex, by the agreed secret, over ' +
      '`at.requestId.mobile`; mobile is empty where none is registered.',
    body: closed({
      requestId: Type.String({ minLength: 1, maxLength: 80 }),
      at: { ...Instant, description: 'When it was signed' },
      mobile: Type.Optional(Type.String({ maxLength: 30 })),
      signature: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    }),
    responses: { 204: null },
    problems: ['SIGNATURE_WRONG', 'ACTIVATION_UNKNOWN', 'ANSWER_CONFLICT'],
  }),
};
