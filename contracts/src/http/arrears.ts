import { Type } from '@sinclair/typebox';
import { Fen, Id, PersonId, VisitId } from '../schemas';
import { route } from './route';
import { closed, Count, Moment, oneOf, orNull, Why } from './shapes';

const Ground = oneOf('NOT_MINE', 'PAID', 'AMOUNT_WRONG', 'HARDSHIP', 'OTHER');
const Arrears = closed({
  visitId: VisitId,
  accountPersonId: PersonId,
  owedFen: Fen,
  since: Moment,
  reminders: Count,
  nextAt: orNull(Moment),
  announcedAt: orNull(Moment),
  reportsAt: Type.Optional({
    ...Moment,
    description: 'When it is reported, unless it is paid before',
  }),
  reportedAt: orNull(Moment),
  objection: orNull(oneOf('open', 'stands', 'upheld')),
  ground: orNull(Ground),
  objectedAt: orNull(Moment),
  objectedBy: orNull(Type.String()),
  decidedBy: orNull(Type.String()),
  decidedAt: orNull(Moment),
  why: orNull(Type.String()),
  writtenOffAt: { ...orNull(Moment), description: 'Still owed; no reminder follows' },
  endedAt: orNull(Moment),
});
const Report = closed({
  reportId: Id,
  visitId: VisitId,
  personId: PersonId,
  kind: oneOf('reported', 'taken-back'),
  reason: orNull(oneOf('PAID', 'OBJECTION_UPHELD')),
  owedFen: Fen,
  since: Moment,
  consecutive: Type.Integer({
    minimum: 0,
    description: 'Defaults of the person in a row, this one included; 0 of what is taken back',
  }),
  affectsScore: Type.Boolean({ description: 'As many in a row as the policy names' }),
  at: Moment,
});
const Which = closed({ personId: PersonId, visitId: VisitId });
const After = Type.Optional(Type.String({ maxLength: 200 }));
const whose = { person: 'params.personId' } as const;

/** Dues whose collection finally failed, and the reports that may follow. */
export const arrearsRoutes = {
  listOwnArrears: route({
    method: 'GET',
    path: '/credit/persons/{personId}/arrears',
    action: 'arrears.list-own',
    whose,
    summary: 'What a person owes since its collection failed, or owed: the latest 100',
    params: closed({ personId: PersonId }),
    responses: { 200: closed({ arrears: Type.Array(Arrears) }) },
    problems: [],
  }),
  objectToDefault: route({
    method: 'POST',
    path: '/credit/persons/{personId}/arrears/{visitId}/objection',
    action: 'arrears.object',
    whose,
    summary: 'Object to the report of a default: none is made before it is decided',
    params: Which,
    body: closed({ ground: Ground }),
    responses: { 200: Arrears },
    problems: ['ARREARS_UNKNOWN', 'OBJECTION_DECIDED'],
  }),
  decideObjection: route({
    method: 'POST',
    path: '/credit/persons/{personId}/arrears/{visitId}/objection/decision',
    action: 'arrears.decide',
    whose,
    summary: 'Upheld: nothing is reported, and what was is taken back. Stands: it is reported',
    params: Which,
    body: closed({ outcome: oneOf('stands', 'upheld'), why: Why }),
    responses: { 200: Arrears },
    problems: ['ARREARS_UNKNOWN', 'OBJECTION_NOT_OPEN'],
  }),
  listArrears: route({
    method: 'GET',
    path: '/credit/arrears',
    action: 'arrears.list',
    whose: 'platform',
    summary: 'What is in arrears, the oldest first, at most 100; go on with ?after=<next>',
    query: closed({
      objection: Type.Optional(oneOf('open')),
      after: After,
    }),
    responses: {
      200: closed({ arrears: Type.Array(Arrears), next: Type.Optional(Type.String()) }),
    },
    problems: ['REQUEST_INVALID'],
  }),
  listDefaultReports: route({
    method: 'GET',
    path: '/credit/default-reports',
    action: 'default-reports.list',
    whose: 'platform',
    summary:
      'What the credit authority is given: defaults, and those taken back, the oldest first, at ' +
      'most 100; go on with ?after=<next>. The last minute is left out',
    query: closed({ after: After }),
    responses: { 200: closed({ reports: Type.Array(Report), next: Type.Optional(Type.String()) }) },
    problems: ['REQUEST_INVALID'],
  }),
};
