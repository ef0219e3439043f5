import { Type } from '@sinclair/typebox';
import { PersonId } from '../schemas';
import { Looks } from './access-records';
import { AgreementCode } from './notification';
import { route } from './route';
import { closed } from './shapes';

/** What a citizen does at the edge. */
export const citizenRoutes = {
  whoLooked: route({
    method: 'GET',
    path: '/v1/persons/{personId}/access-records',
    action: 'own-access-records.list',
    whose: { person: 'params.personId' },
    summary:
      'Who looked at the person’s data, in every service, the latest first · 谁查看过我的信息',
    description:
      'For the person and the guardian: what was done, when, and by which office of which ' +
      'institution. The audit administrator finds the one who did it by `reference`. ' +
      '本人或监护人可查；凭 reference 可请审计管理员核实经办人。',
    params: closed({ personId: PersonId }),
    query: closed({
      after: Type.Optional(
        Type.String({
          pattern: '^[a-z-]{1,40}:[0-9]{1,15}(,[a-z-]{1,40}:[0-9]{1,15}){0,20}$',
          description: '`next` of the page before',
        }),
      ),
    }),
    responses: {
      200: closed({
        ...Looks.properties,
        missing: Type.Array(Type.String(), {
          description: 'Services that did not answer now: their records are not in the page',
        }),
      }),
    },
    problems: ['OVERLOADED'],
  }),
  answerAgreement: route({
    method: 'POST',
    path: '/v1/agreements',
    action: 'agreements.answer',
    whose: 'public',
    summary: "A citizen's answer by the code of a notice",
    description:
      'To a charge that came after the visit was closed; or whether a visit that was opened by a ' +
      'typed number, or of a patient whom no one knew, is theirs. ' +
      'The code is the permission. A code that is unknown, has expired, or was ' +
      'answered otherwise gets one and the same 404.',
    body: closed({
      code: AgreementCode,
      agree: Type.Boolean({
        description: 'false: the late charge is the hospital’s; or the visit is not theirs',
      }),
    }),
    responses: { 200: closed({ agreed: Type.Boolean() }) },
    problems: [
      'AGREEMENT_UNKNOWN',
      'VISIT_SET_ASIDE',
      'LEDGER_UNAVAILABLE',
      'NOTIFICATION_UNAVAILABLE',
      'PAYMENT_UNAVAILABLE',
      'OVERLOADED',
    ],
  }),
};
