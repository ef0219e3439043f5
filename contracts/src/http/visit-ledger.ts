import { type Static, Type } from '@sinclair/typebox';
import {
  BusinessDate,
  ChargeId,
  Fen,
  Identifier,
  InstitutionId,
  NetFen,
  PersonId,
  VisitClass,
  VisitId,
} from '../schemas';
import { VisitLender } from '../lender';
import { PayerPart } from '../visit-ledger';
import { agreementRoutes } from './agreement';
import { decisionRoutes } from './decisions';
import { ledgerPreSettlementRoutes } from './pre-settlement';
import { Position, proofRoutes } from './proof';
import { route } from './route';
import { setAsideRoutes } from './set-aside';
import { closed, Count, CountBy, Facts, Moment, oneOf, orNull } from './shapes';
import { unidentifiedVisitRoutes, UnidentifiedState } from './unidentified-visits';

const WhichVisit = closed({ visitId: VisitId });
export const VisitStatus = oneOf(
  'unknown',
  'open',
  'cancelled',
  'closed',
  'adjudicated',
  'settled',
);
export type VisitStatus = Static<typeof VisitStatus>;
const RefundOwedFen = {
  ...Fen,
  description: 'Paid above the latest due and not yet back, in fen; 0: no refund is owed',
};

export const VisitState = closed({
  visitId: VisitId,
  institutionId: InstitutionId,
  personId: orNull(PersonId),
  accountPersonId: orNull(PersonId),
  businessDate: BusinessDate,
  status: VisitStatus,
  visitClass: orNull(VisitClass),
  department: orNull(Type.String()),
  startedAt: orNull(Type.String()),
  graceUntil: orNull(
    Type.String({ description: 'The visit has ended; until then its grace time runs' }),
  ),
  timerAt: orNull(Type.String({ description: 'When a clock ends the visit, or closes it' })),
  closedAt: orNull(Type.String()),
  closedDate: orNull({ ...BusinessDate, description: 'The day of its end in Asia/Shanghai' }),
  settledAt: orNull(Type.String()),
  revision: Count,
  adjudicatedRevision: orNull({ ...Count, description: 'Of the latest verdict' }),
  heldFen: Fen,
  chargesDeferred: Count,
  chargesWaiting: Count,
  chargesNotDeferred: Count,
  chargesReturned: Count,
  conflicts: Count,
  grossFen: NetFen,
  notDeferredFen: NetFen,
  patientEstimateFen: NetFen,
  patientDueFen: orNull(NetFen),
  paidFen: NetFen,
  refundedFen: NetFen,
  refundOwedFen: RefundOwedFen,
  payers: Type.Array(PayerPart),
  missedReason: orNull(Type.String()),
  lender: orNull(VisitLender),
  unidentified: orNull({
    ...UnidentifiedState,
    description: 'Of a patient whom no one knows: the visit is on no one’s line. Else null',
  }),
  unidentifiedFen: { ...Fen, description: 'Charged on no one’s line, less what was returned' },
  identifyUntil: orNull(Type.String({ description: 'Until then it can get its person' })),
});
export const VisitHistory = closed({
  visitId: VisitId,
  events: Type.Array(
    closed({
      revision: Count,
      type: Type.String(),
      recordedAt: Moment,
      causationId: Type.Optional(Type.String()),
      source: Type.Optional(Type.String({ description: "The hospital's own message" })),
      identifier: Type.Optional(Identifier),
      traceparent: Type.Optional(Type.String()),
      eventId: Type.String(),
      position: Position,
      data: Facts,
    }),
  ),
});
export const PersonVisits = closed({
  personId: PersonId,
  visits: Type.Array(
    closed({
      visitId: VisitId,
      personId: PersonId,
      institutionId: InstitutionId,
      startedAt: Type.String(),
      status: VisitStatus,
      grossFen: NetFen,
      patientDueFen: NetFen,
      owedFen: NetFen,
      refundOwedFen: RefundOwedFen,
    }),
  ),
});
const InstitutionDay = closed({
  dayId: Type.String(),
  institutionId: InstitutionId,
  businessDate: BusinessDate,
  opened: Count,
  cancelled: Count,
  closed: Count,
  adjudicated: Count,
  settled: Count,
  deferredCount: Count,
  deferredFen: NetFen,
  returnedCount: Count,
  returnedFen: NetFen,
  conflicts: Count,
  notDeferred: Type.Record(Type.String(), closed({ count: Count, amountFen: NetFen })),
  adjudicatedGrossFen: NetFen,
  payers: Type.Record(Type.String(), NetFen),
  patientDueFen: NetFen,
  paidFen: NetFen,
  payments: Count,
  refundedFen: NetFen,
  refunds: Count,
});
export const visitLedgerRoutes = {
  showVisit: route({
    method: 'GET',
    path: '/visit-ledger/visits/{visitId}',
    action: 'ledger-visits.read',
    whose: { visit: 'params.visitId' },
    summary: 'How a visit stands',
    params: WhichVisit,
    responses: { 200: VisitState },
    problems: ['VISIT_UNKNOWN'],
  }),
  answerLateCharge: route({
    method: 'POST',
    path: '/visit-ledger/visits/{visitId}/late-charges/{chargeId}',
    action: 'late-charges.answer',
    whose: { visit: 'params.visitId' },
    summary: "The citizen's answer to a charge that came after the visit was closed",
    params: closed({ visitId: VisitId, chargeId: ChargeId }),
    body: closed({
      agreed: Type.Boolean({
        description: 'false: it is not deferred, and the hospital learns so',
      }),
      by: oneOf('citizen', 'desk'),
    }),
    responses: { 200: closed({ visitId: VisitId, chargeId: ChargeId, agreed: Type.Boolean() }) },
    problems: ['VISIT_UNKNOWN', 'VISIT_SET_ASIDE', 'CHARGE_NOT_LATE'],
  }),
  personVisits: route({
    method: 'GET',
    path: '/visit-ledger/persons/{personId}/visits',
    action: 'ledger-visits.list',
    whose: { person: 'params.personId' },
    summary: "A person's visits, newest first",
    params: closed({ personId: PersonId }),
    responses: { 200: PersonVisits },
    problems: [],
  }),
  institutionDay: route({
    method: 'GET',
    path: '/visit-ledger/institutions/{institutionId}/days/{businessDate}',
    action: 'institution-days.read',
    whose: { institution: 'params.institutionId' },
    summary: "An institution's day",
    params: closed({ institutionId: InstitutionId, businessDate: BusinessDate }),
    responses: { 200: InstitutionDay },
    problems: ['DAY_UNKNOWN'],
  }),
  summary: route({
    method: 'GET',
    path: '/visit-ledger/summary',
    action: 'ledger-visits.summarise',
    whose: 'platform',
    unrecorded: true,
    summary: 'Visits by status, and the institutions’ days: at most 1,000, newest first',
    query: closed({
      before: Type.Optional(
        Type.String({
          pattern: '^[A-Z0-9]{2,20}/\\d{4}-\\d{2}-\\d{2}$',
          description: 'nextBefore of the page before: a dayId',
        }),
      ),
    }),
    responses: {
      200: closed({
        visitsByStatus: CountBy,
        chargesWaiting: Count,
        paymentsMissed: Count,
        days: Type.Array(InstitutionDay),
        nextBefore: Type.Optional(Type.String()),
      }),
    },
    problems: [],
  }),
  trialBalance: route({
    method: 'GET',
    path: '/visit-ledger/trial-balance',
    action: 'ledger-accounts.balance',
    whose: 'platform',
    unrecorded: true,
    summary:
      'The double-entry book: totals, their difference (must be 0), and at most 1,000 accounts by name',
    query: closed({
      after: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 100,
          description: 'nextAfter of the page before: an account',
        }),
      ),
    }),
    responses: {
      200: closed({
        accounts: Type.Array(
          closed({ account: Type.String(), debitFen: NetFen, creditFen: NetFen }),
        ),
        debitFen: NetFen,
        creditFen: NetFen,
        differenceFen: NetFen,
        nextAfter: Type.Optional(Type.String()),
      }),
    },
    problems: [],
  }),
  rebuildViews: route({
    method: 'POST',
    path: '/visit-ledger/views/rebuild',
    action: 'views.rebuild',
    whose: 'platform',
    summary: 'Drop all views and rebuild them from the log; readers are not disturbed',
    responses: { 200: closed({ events: Count }) },
    problems: ['EVENT_STORE_UNAVAILABLE'],
  }),
  checkViews: route({
    method: 'GET',
    path: '/visit-ledger/views/check',
    action: 'views.check',
    whose: 'platform',
    unrecorded: true,
    summary: 'Compare every row of every view with the fold of its facts',
    responses: {
      200: closed({
        equal: Type.Boolean(),
        views: Type.Array(
          closed({ view: Type.String(), rows: Count, differences: Type.Array(Type.String()) }),
        ),
      }),
    },
    problems: ['EVENT_STORE_UNAVAILABLE'],
  }),
  ...agreementRoutes,
  ...decisionRoutes,
  ...setAsideRoutes,
  ...unidentifiedVisitRoutes,
  history: route({
    method: 'GET',
    path: '/visit-ledger/visits/{visitId}/history',
    action: 'ledger-visits.history',
    whose: { visit: 'params.visitId' },
    summary: 'Every fact of a visit in order, with its time, its cause and its source message',
    params: WhichVisit,
    responses: { 200: VisitHistory },
    problems: ['VISIT_UNKNOWN', 'VISIT_SET_ASIDE', 'EVENT_STORE_UNAVAILABLE'],
  }),
  ...ledgerPreSettlementRoutes,
  ...proofRoutes,
};
