import { Type } from '@sinclair/typebox';
import { AgreementCode } from './notification';
import { route } from './route';
import { closed } from './shapes';

/** What a citizen does at the edge. */
export const citizenRoutes = {
  answerAgreement: route({
    method: 'POST',
    path: '/v1/agreements',
    action: 'agreements.answer',
    whose: 'public',
    summary: "A citizen's answer to a charge that came after the visit was closed",
    description:
      'The code of the notice is the permission. A code that is unknown, has expired, or was ' +
      'answered otherwise gets one and the same 404.',
    body: closed({
      code: AgreementCode,
      agree: Type.Boolean({ description: 'false: the hospital bears it, and learns so' }),
    }),
    responses: { 200: closed({ agreed: Type.Boolean() }) },
    problems: [
      'AGREEMENT_UNKNOWN',
      'VISIT_SET_ASIDE',
      'LEDGER_UNAVAILABLE',
      'NOTIFICATION_UNAVAILABLE',
      'OVERLOADED',
    ],
  }),
};
