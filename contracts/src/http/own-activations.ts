import { type Static, Type } from '@sinclair/typebox';
import {
  Activation,
  ActivationCode,
  beginProblems,
  codeProblems,
  consentProblems,
  whoBegins,
  WhichActivation,
} from './activations';
import { ConsentAnswer } from './consents';
import { route } from './route';
import { closed, oneOf } from './shapes';

/** As a hospital sees it: the kiosk knows which number was typed. */
const OwnActivation = Type.Omit(Activation, ['mobile'], { additionalProperties: false });
export type OwnActivation = Static<typeof OwnActivation>;

export const OwnActivationBody = whoBegins({ channel: oneOf('kiosk', 'window') });
export type OwnActivationBody = Static<typeof OwnActivationBody>;

const awayProblems = ['IDENTITY_UNAVAILABLE', 'OVERLOADED'] as const;
const scoped = { whose: 'scoped', look: 'behind' } as const;

/** The service is opened at a hospital's kiosk or window, by a key for that alone. */
export const ownActivationRoutes = {
  beginOwnActivation: route({
    ...scoped,
    method: 'POST',
    path: '/v1/activations',
    action: 'own-activations.begin',
    summary: 'Open the service at a kiosk or window, or go on with it · 开通服务',
    description:
      'Name and ID number are the citizen’s, of a child the child’s with the guardian’s mobile ' +
      'number; a code of another issuer (`credential`) says both in their place. 201 when new, 200 ' +
      'when it goes on. Asked again, the number is proven again: within one session go on with the ' +
      'activationId. 姓名和身份证号可由他方签发的码（`credential`）代替；同一次办理请用 ' +
      'activationId 继续，重新提交须再验证手机。',
    body: OwnActivationBody,
    responses: { 200: OwnActivation, 201: OwnActivation },
    problems: [...beginProblems, 'ACTIVATIONS_TOO_MANY', ...awayProblems],
  }),
  showOwnActivation: route({
    ...scoped,
    method: 'GET',
    path: '/v1/activations/{activationId}',
    action: 'own-activations.read',
    summary: 'How far it is, and which texts may be agreed to now · 办理进度',
    params: WhichActivation,
    responses: { 200: OwnActivation },
    problems: ['ACTIVATION_UNKNOWN', ...awayProblems],
  }),
  giveOwnActivationCode: route({
    ...scoped,
    method: 'POST',
    path: '/v1/activations/{activationId}/code',
    action: 'own-activations.give-code',
    summary: 'The code of the SMS, as the citizen types it · 短信验证码',
    params: WhichActivation,
    body: closed({ code: ActivationCode }),
    responses: { 200: OwnActivation },
    problems: [...codeProblems, ...awayProblems],
  }),
  giveOwnConsents: route({
    ...scoped,
    method: 'POST',
    path: '/v1/activations/{activationId}/consents',
    action: 'own-activations.give-consents',
    summary: 'What the citizen agreed to, each by the hash of the text that was shown · 逐项同意',
    params: WhichActivation,
    body: closed({ consents: Type.Array(ConsentAnswer, { minItems: 1, maxItems: 10 }) }),
    responses: { 200: OwnActivation },
    problems: [...consentProblems, ...awayProblems],
  }),
};
