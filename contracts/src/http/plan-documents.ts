import { type TObject, Type } from '@sinclair/typebox';
import { PlanVersion } from '../plans';
import { BusinessDate, NetFen, PayerId } from '../schemas';
import { route } from './route';
import { closed, Count, Moment, oneOf, orNull } from './shapes';

const Finding = closed({
  path: Type.String({ description: 'Where in the document, a JSON pointer' }),
  why: Type.String(),
  remedy: Type.String(),
});
const PlanDocument = closed({
  version: PlanVersion,
  kind: oneOf('plan', 'coordination'),
  name: Type.String({ description: 'The plan’s id, or the region of a coordination file' }),
  payerId: orNull(PayerId),
  effectiveFrom: BusinessDate,
  effectiveTo: orNull(BusinessDate),
  state: oneOf('checked', 'approved', 'in-force', 'superseded', 'ended'),
  putBy: Type.String(),
  putAt: Moment,
  approvedBy: orNull(Type.String()),
  approvedAt: orNull(Moment),
});
const Content = Type.Record(Type.String(), Type.Unknown(), {
  description: 'A plan or a coordination file: docs/benefit-plans.md',
});

const Compared = closed({ wasFen: NetFen, wouldBeFen: NetFen });
const Group = closed({
  claims: Count,
  payer: { ...Compared, description: 'What the document’s payer bears; of an order all payers' },
  patient: Compared,
});
const ShadowRun = closed({
  state: oneOf('running', 'ended'),
  fromDay: BusinessDate,
  toDay: BusinessDate,
  day: { ...BusinessDate, description: 'How far it came: the day of the visits’ ends' },
  visits: { ...Count, description: 'Visits that it has looked at' },
  beganBy: Type.String(),
  beganAt: Moment,
  endedAt: orNull(Moment),
  differences: closed({
    claims: { ...Count, description: 'Claims that the document would have decided' },
    changed: Count,
    notCompared: {
      ...Count,
      description: 'Claims whose lines an earlier release did not keep whole',
    },
    payers: Type.Record(Type.String(), Compared, {
      description: 'By payer; an insurer reads its own, and all others together',
    }),
    patient: Compared,
    bands: Type.Record(Type.String(), Group, {
      description: 'By what the visit cost, in yuan: 0-500, 500-1000 … 100000-',
    }),
    personTypes: Type.Record(Type.String(), Group, { description: 'By psn_type' }),
  }),
});

const LIFE =
  'A document is checked when it is put, runs over the claims of the last 31 days without touching ' +
  'them, is approved by another person, and is in force from its day. It is never changed: a later ' +
  'one supersedes it from its own day.';

type Whose = { readonly payer: 'params.payerId' } | 'platform';

/** Of whom the doors are. */
interface Doors<Resource extends string, All extends TObject, One extends TObject> {
  readonly path: `/${string}`;
  readonly resource: Resource;
  readonly whose: Whose;
  readonly all: All;
  readonly one: One;
  readonly who: string;
}

const writesOf = <const Resource extends string, All extends TObject, One extends TObject>({
  path,
  resource,
  whose,
  all,
  one,
  who,
}: Doors<Resource, All, One>) => ({
  put: route({
    method: 'PUT',
    path,
    action: `${resource}.put`,
    whose,
    summary: `Put a plan ${who}: checked as a whole, every fault by its place`,
    description:
      `${LIFE} What has faults is answered with them and is not kept. 201 when it is new, 200 ` +
      'when it is known or has faults.',
    params: all,
    body: Content,
    responses: {
      200: closed({ document: orNull(PlanDocument), findings: Type.Array(Finding) }),
      201: closed({ document: orNull(PlanDocument), findings: Type.Array(Finding) }),
    },
    problems: ['PLAN_OF_ANOTHER', 'PLAN_DOCUMENT_TOO_LARGE', 'PLAN_DOCUMENTS_TOO_MANY'],
  }),
  approve: route({
    method: 'POST',
    path: `${path}/{version}/approval`,
    action: `${resource}.approve`,
    whose,
    approval: { when: 'always' },
    summary: `Let a plan ${who} come into force on its day, which is tomorrow or later`,
    description: LIFE,
    params: one,
    responses: { 200: PlanDocument },
    problems: [
      'PLAN_DOCUMENT_UNKNOWN',
      'PLAN_DOCUMENT_NOT_TRIED',
      'PLAN_DOCUMENT_TOO_LATE',
      'PLAN_DOCUMENT_DAY_TAKEN',
      'PLAN_OF_ANOTHER',
    ],
  }),
  drop: route({
    method: 'DELETE',
    path: `${path}/{version}`,
    action: `${resource}.drop`,
    whose,
    summary: `Drop a document of a plan ${who} that is not approved; repeatable`,
    params: one,
    responses: { 204: null },
    problems: ['PLAN_DOCUMENT_APPROVED'],
  }),
});

const readsOf = <const Resource extends string, All extends TObject, One extends TObject>({
  path,
  resource,
  whose,
  all,
  one,
  who,
}: Doors<Resource, All, One>) => ({
  list: route({
    method: 'GET',
    path,
    action: `${resource}.list`,
    whose,
    unrecorded: true,
    summary: `The documents of plans ${who} by version, at most 100; go on with ?after=<next>`,
    params: all,
    query: closed({ after: Type.Optional(PlanVersion) }),
    responses: {
      200: closed({ documents: Type.Array(PlanDocument), next: Type.Optional(PlanVersion) }),
    },
    problems: [],
  }),
  show: route({
    method: 'GET',
    path: `${path}/{version}`,
    action: `${resource}.read`,
    whose,
    unrecorded: true,
    summary: `A document of a plan ${who}, and what it says in words`,
    params: one,
    responses: {
      200: closed({
        document: PlanDocument,
        content: Content,
        explanation: closed({ zh: Type.Array(Type.String()), en: Type.Array(Type.String()) }),
      }),
    },
    problems: ['PLAN_DOCUMENT_UNKNOWN'],
  }),
});

const triesOf = <const Resource extends string, All extends TObject, One extends TObject>({
  path,
  resource,
  whose,
  one,
  who,
}: Doors<Resource, All, One>) => ({
  beginShadow: route({
    method: 'POST',
    path: `${path}/{version}/shadow-run`,
    action: `${resource}.try`,
    whose,
    summary: `Run a plan ${who} over earlier claims: who would bear what, if it had been in force`,
    description:
      'Over visits that ended on the days named, else in the last 31 days. It goes on by itself, ' +
      'also after a crash, and changes nothing. A person’s claims are settled by the document one ' +
      'after the other, each after what those before it would have used. Once it has ended it may ' +
      'run again; an approval asks for a run over 31 days or more.',
    params: one,
    query: closed({
      fromDay: Type.Optional({ ...BusinessDate, description: 'First day; 30 before the last' }),
      toDay: Type.Optional({ ...BusinessDate, description: 'Last day, inclusive; today' }),
    }),
    responses: { 202: ShadowRun },
    problems: ['PLAN_DOCUMENT_UNKNOWN', 'SHADOW_RUN_DAYS'],
  }),
  showShadow: route({
    method: 'GET',
    path: `${path}/{version}/shadow-run`,
    action: `${resource}.read-try`,
    whose,
    unrecorded: true,
    summary: `How far the latest shadow run of a plan ${who} came, and its differences`,
    params: one,
    responses: { 200: ShadowRun },
    problems: ['PLAN_DOCUMENT_UNKNOWN', 'SHADOW_RUN_UNKNOWN'],
  }),
});

/** The same doors for two: each insurer for its own plans, the bureau for public ones. */
const doorsOf = <const Resource extends string, All extends TObject, One extends TObject>(
  doors: Doors<Resource, All, One>,
) => ({
  ...writesOf(doors),
  ...readsOf(doors),
  ...triesOf(doors),
});

/** Plans of insurers. */
export const planDocumentRoutes = doorsOf({
  path: '/adjudication/payers/{payerId}/plan-documents',
  resource: 'plan-documents',
  whose: { payer: 'params.payerId' },
  all: closed({ payerId: PayerId }),
  one: closed({ payerId: PayerId, version: PlanVersion }),
  who: 'of an insurer’s own',
});

/** Basic plans, medical aid, and who pays before whom: the bureau's. */
export const publicPlanRoutes = doorsOf({
  path: '/adjudication/public-plan-documents',
  resource: 'public-plan-documents',
  whose: 'platform',
  all: closed({}),
  one: closed({ version: PlanVersion }),
  who: 'of the bureau',
});
