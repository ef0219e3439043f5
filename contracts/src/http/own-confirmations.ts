import { Type } from '@sinclair/typebox';
import { VisitId } from '../schemas';
import { route } from './route';
import { closed, Moment } from './shapes';
import { WhichVisit } from './which-visit';

/** Of an SMS, as the citizen says it. */
export const DeskCode = Type.String({ pattern: '^\\d{6}$' });

const problems = [
  'WRITE_FORBIDDEN',
  'VISIT_UNKNOWN',
  'CONFIRMATION_NOT_AWAITED',
  'IDENTITY_UNAVAILABLE',
  'CREDIT_UNAVAILABLE',
  'NOTIFICATION_UNAVAILABLE',
  'OVERLOADED',
] as const;

/** Who pays says yes to a visit at the hospital's desk, with the code of an SMS to their own phone. */
export const ownConfirmationRoutes = {
  sendConfirmationCode: route({
    method: 'POST',
    path: '/v1/visits/{visitId}/confirmation-code',
    action: 'own-confirmations.send-code',
    whose: 'scoped',
    summary: 'Send a code to the phone of who pays, who is asked about the visit · 发送确认验证码',
    description:
      'Six digits to the proven number, good for five minutes and this visit; three a visit, one a ' +
      'minute. 六位验证码发至付款人已验证的手机，五分钟内有效，仅限本次就诊；每次就诊最多三条。',
    params: WhichVisit,
    responses: { 200: closed({ visitId: VisitId, expiresAt: Moment }) },
    problems: [...problems, 'CODES_TOO_MANY', 'CODE_NOT_SENT'],
  }),
  giveConfirmationCode: route({
    method: 'POST',
    path: '/v1/visits/{visitId}/confirmation',
    action: 'own-confirmations.give-code',
    whose: 'scoped',
    summary: 'The code of who pays is their yes: the visit goes on the tab · 凭验证码确认记账',
    description:
      'After five wrong ones ask for a further code. The same again changes nothing. ' +
      '连续五次错误后该码作废。',
    params: WhichVisit,
    body: closed({ code: DeskCode }),
    responses: { 200: closed({ visitId: VisitId, agreed: Type.Literal(true) }) },
    problems: [...problems, 'CODE_WRONG', 'CODE_NOT_AWAITED'],
  }),
};
