import { Type } from '@sinclair/typebox';
import { ClaimLineResult, Coverage } from '../adjudication';
import { ChargeId, Fen, Id, PayerId, PersonId, VisitId } from '../schemas';
import { ClaimExplanation } from './claim-explanation';
import { route } from './route';
import { closed, Count, Moment, orNull } from './shapes';

/** What a visit would come to if it ended now, as the ledger estimates it. */
export const PreSettlement = closed({
  ...{ visitId: VisitId, personId: PersonId },
  asOf: Moment,
  isOpen: { ...Type.Boolean(), description: 'false: it has ended, and its claim counts' },
  grossFen: Fen,
  payers: Type.Array(
    closed({
      ...{ planId: Id, payerId: PayerId, amountFen: Fen },
      ...{ fundFen: Fen, personalAccountFen: Fen },
    }),
  ),
  patientDueFen: { ...Fen, description: 'What the patient would pay once, after the visit' },
  heldFen: { ...Fen, description: 'Held of the line for it' },
  waiting: { ...Count, description: 'Charges that wait for a decision: not in these sums' },
  collectHere: Type.Array(closed({ chargeId: ChargeId, amountFen: Fen, reason: Type.String() }), {
    maxItems: 5000,
    description: 'Charges that are not on the tab: the hospital collects them itself',
  }),
  collectHereFen: Fen,
  lines: Type.Array(ClaimLineResult, { maxItems: 5000 }),
  explanation: ClaimExplanation,
  withheld: Coverage.properties.withheld,
  revision: { ...orNull(Count), description: 'Of the latest claim; null: there is none yet' },
});

const description =
  'The pre-settlement of the national interface (2206, 2303), by the plans of the opening, the ' +
  'charges that are on the tab now, and the year’s use as the opening found it. Nothing is stored.';
const problems = ['COVERAGE_AWAITED', 'VISIT_SET_ASIDE', 'VISIT_UNKNOWN'] as const;
const params = closed({ visitId: VisitId });

export const ledgerPreSettlementRoutes = {
  preSettlement: route({
    method: 'GET',
    path: '/visit-ledger/visits/{visitId}/pre-settlement',
    action: 'ledger-visits.pre-settle',
    whose: { visit: 'params.visitId' },
    summary: 'What a visit would come to if it ended now, by payer, line and rule',
    ...{ description, params, responses: { 200: PreSettlement } },
    problems: [...problems, 'EVENT_STORE_UNAVAILABLE'],
  }),
};

export const preSettlementRoutes = {
  preSettlement: route({
    method: 'GET',
    path: '/v1/visits/{visitId}/pre-settlement',
    action: 'visits.pre-settle',
    whose: 'scoped',
    summary: 'What a visit would come to if it ended now, by payer, line and rule',
    ...{ description, params, responses: { 200: PreSettlement } },
    problems: [...problems, 'LEDGER_UNAVAILABLE', 'OVERLOADED'],
  }),
};
