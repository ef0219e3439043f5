import { Type } from '@sinclair/typebox';
import { BusinessDate, Fen, Instant, NetFen, PersonId, SignedFen } from '../schemas';
import { LinePolicyDocument } from './line-policy';
import { route } from './route';
import { closed, Count, Moment, oneOf, orNull } from './shapes';

const Version = Type.String({
  pattern: '^[a-z0-9][a-z0-9-]{2,39}\\.[A-Za-z0-9_-]{16}$',
  description: 'The document’s policyId and the beginning of its content’s hash',
});
const WhichPolicy = closed({ version: Version });
const Tally = closed({ accounts: Count, changeFen: NetFen });
const Band = closed({
  fromScore: Type.Integer(),
  toScore: Type.Integer(),
  lineFen: Fen,
  accounts: Count,
  raised: Tally,
  lowered: Tally,
});
const DryRun = closed({
  ranAt: Moment,
  accounts: Count,
  unchanged: Count,
  raised: Tally,
  lowered: Tally,
  bands: Type.Array(Band, {
    description: 'Of the open lines; the first is of scores that have no line',
  }),
  overLine: closed(
    { accounts: Count, fen: NetFen },
    { description: 'Lines on which holds and dues would stand above the line, and by how much' },
  ),
});
const Policy = closed({
  version: Version,
  policyId: Type.String(),
  region: Type.String(),
  effectiveFrom: BusinessDate,
  state: oneOf('draft', 'approved', 'in-force', 'replaced', 'dropped'),
  putBy: Type.String(),
  putAt: Moment,
  approvedBy: orNull(Type.String()),
  approvedAt: orNull(Moment),
  droppedBy: orNull(Type.String()),
  droppedAt: orNull(Moment),
  followed: closed(
    {
      accounts: Count,
      raised: Tally,
      lowered: Tally,
      waiting: Type.Optional(Count),
    },
    {
      description: 'Open lines that followed it since it came into force; of one, those that wait',
    },
  ),
  dryRun: orNull(DryRun),
});

/** Line policies: draft → dry run → approval by a second person → in force from its day. */
export const linePolicyRoutes = {
  putLinePolicy: route({
    method: 'PUT',
    path: '/credit/line-policies',
    action: 'line-policies.put',
    whose: 'platform',
    summary: 'Put a draft, checked as a whole; 201 when it is new, 200 when it is known',
    body: LinePolicyDocument,
    responses: { 200: Policy, 201: Policy },
    problems: ['LINE_POLICY_FLAWED', 'LINE_POLICY_OF_OTHER_REGION'],
  }),
  listLinePolicies: route({
    method: 'GET',
    path: '/credit/line-policies',
    action: 'line-policies.list',
    whose: 'platform',
    unrecorded: true,
    summary: 'Line policies by version, at most 100; go on with ?after=<next>',
    query: closed({ after: Type.Optional(Version) }),
    responses: { 200: closed({ policies: Type.Array(Policy), next: Type.Optional(Version) }) },
    problems: [],
  }),
  showLinePolicy: route({
    method: 'GET',
    path: '/credit/line-policies/{version}',
    action: 'line-policies.read',
    whose: 'platform',
    unrecorded: true,
    summary: 'A line policy with its document, and how many lines followed it',
    params: WhichPolicy,
    responses: { 200: closed({ policy: Policy, document: LinePolicyDocument }) },
    problems: ['LINE_POLICY_UNKNOWN'],
  }),
  tryLinePolicy: route({
    method: 'POST',
    path: '/credit/line-policies/{version}/dry-run',
    action: 'line-policies.try',
    whose: 'platform',
    summary: 'What would change if it were in force now: by band, counts and sums. Nothing changes',
    params: WhichPolicy,
    responses: { 200: DryRun },
    problems: ['LINE_POLICY_UNKNOWN'],
  }),
  listLineChanges: route({
    method: 'GET',
    path: '/credit/line-policies/{version}/changes',
    action: 'line-policies.list-changes',
    whose: 'platform',
    summary: 'Whose line would change: a page of the open lines; go on with ?after=<next>',
    description: 'A page can be empty while `next` is there: it looks at 1,000 lines.',
    params: WhichPolicy,
    query: closed({ after: Type.Optional(PersonId) }),
    responses: {
      200: closed({
        changes: Type.Array(
          closed({
            accountPersonId: PersonId,
            score: Type.Integer(),
            lineFen: Fen,
            newLineFen: Fen,
            usedFen: SignedFen,
          }),
        ),
        next: Type.Optional(PersonId),
      }),
    },
    problems: ['LINE_POLICY_UNKNOWN'],
  }),
  approveLinePolicy: route({
    method: 'POST',
    path: '/credit/line-policies/{version}/approval',
    action: 'line-policies.approve',
    whose: 'platform',
    approval: { when: 'always' },
    summary: 'Let it come into force on its day, after a dry run',
    description: 'Open lines follow from then on, each once. Its day is tomorrow or later.',
    params: WhichPolicy,
    responses: { 200: Policy },
    problems: [
      'LINE_POLICY_UNKNOWN',
      'LINE_POLICY_NOT_TRIED',
      'LINE_POLICY_TOO_LATE',
      'LINE_POLICY_DAY_TAKEN',
      'LINE_POLICY_OVER',
    ],
  }),
  dropLinePolicy: route({
    method: 'DELETE',
    path: '/credit/line-policies/{version}',
    action: 'line-policies.drop',
    whose: 'platform',
    summary: 'Drop a draft, or an approved one before its day; repeatable',
    params: WhichPolicy,
    responses: { 204: null },
    problems: ['LINE_POLICY_UNKNOWN', 'LINE_POLICY_OVER'],
  }),
  showLineAt: route({
    method: 'GET',
    path: '/credit/accounts/{personId}/line',
    action: 'credit-accounts.read-line',
    whose: { person: 'params.personId' },
    summary: 'A person’s own line at a past instant: how large, by what, held, owed, frozen or not',
    params: closed({ personId: PersonId }),
    query: closed({ at: Instant }),
    responses: {
      200: closed({
        accountPersonId: PersonId,
        at: Moment,
        status: oneOf('open', 'closed', 'merged'),
        frozenReason: orNull(Type.String()),
        lineFen: Fen,
        heldFen: SignedFen,
        outstandingFen: SignedFen,
        policyId: Type.String(),
        since: Moment,
      }),
    },
    problems: ['NOT_ENROLLED', 'REQUEST_INVALID'],
  }),
};
