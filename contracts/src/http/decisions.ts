import { Type } from '@sinclair/typebox';
import { ChargeId, Code, Fen, VisitId } from '../schemas';
import { route } from './route';
import { closed, oneOf } from './shapes';

/** How long a decision is waited for at most, in ms. */
export const DECISION_WAIT_MS_MAX = 2000;

/** What a hospital asks of one charge: the decision on this amount. */
const AskedCharge = closed({ chargeId: ChargeId, amountFen: Fen });

/** `undecided`: not within the time waited; the webhook and the visit say it later. */
export const DecisionWord = oneOf('deferred', 'not-deferred', 'undecided');
export const ChargeDecision = closed({
  chargeId: ChargeId,
  decision: DecisionWord,
  reason: Type.Optional(Code),
});

export const decisionRoutes = {
  decisions: route({
    method: 'POST',
    path: '/visit-ledger/visits/{visitId}/decisions',
    action: 'ledger-visits.decisions',
    whose: { visit: 'params.visitId' },
    unrecorded: true,
    summary: 'The decisions on charges, waited for up to two seconds',
    params: closed({ visitId: VisitId }),
    body: closed({
      charges: Type.Array(AskedCharge, { minItems: 1, maxItems: 500 }),
      waitMs: Type.Integer({ minimum: 0, maximum: DECISION_WAIT_MS_MAX }),
    }),
    responses: { 200: closed({ decisions: Type.Array(ChargeDecision) }) },
    problems: ['EVENT_STORE_UNAVAILABLE'],
  }),
};
