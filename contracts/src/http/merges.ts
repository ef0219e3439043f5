import { type Static, Type } from '@sinclair/typebox';
import { PersonId } from '../schemas';
import { route } from './route';
import { closed, Moment, oneOf, Why } from './shapes';

/** By what two persons decide that two registrations are of one human being. */
export const MergeEvidence = closed({
  kind: oneOf(
    'number-changed',
    'two-documents',
    'registration-mistake',
    'court-decision',
    'household-register',
  ),
  reference: Type.String({
    pattern: '^[A-Za-z0-9-]{1,40}$',
    description: 'The number under which the paper is filed',
  }),
});
export type MergeEvidence = Static<typeof MergeEvidence>;

const MergeId = Type.String({ maxLength: 60 });
const Which = closed({ personId: PersonId, mergeId: MergeId });
const Merge = closed({
  mergeId: MergeId,
  survivorId: PersonId,
  personId: Type.String({ description: 'Who is merged into the survivor' }),
  evidence: MergeEvidence,
  why: Type.String(),
  mergedBy: Type.String(),
  approvedBy: Type.String(),
  mergedAt: Moment,
  undoneAt: Type.Optional(Moment),
  undoneBy: Type.Optional(Type.String()),
  undoneWhy: Type.Optional(Type.String()),
});
export type Merge = Static<typeof Merge>;

/** Two who registered and are one: an alias that two persons make, and take back. */
export const mergeRoutes = {
  mergePersons: route({
    method: 'POST',
    path: '/identity/persons/{personId}/merges',
    action: 'persons.merge',
    whose: { person: 'params.personId' },
    approval: { when: 'always', shows: ['mergedId', 'why'] },
    summary:
      'Say that another registered person is this one; with evidence, and taken back exactly',
    description:
      'The person of the path survives and answers for both: one line, one list of visits, notices to ' +
      'one contact. Nothing that was recorded changes its personId. The same again changes nothing.',
    params: closed({ personId: PersonId }),
    body: closed({ mergedId: PersonId, evidence: MergeEvidence, why: Why }),
    responses: { 200: Merge },
    problems: [
      'PERSON_UNKNOWN',
      'PERSONAL_DATA_DESTROYED',
      'PERSON_MERGED',
      'MERGE_REFUSED',
      'PERSON_DIED',
      'ERASURE_UNDER_WAY',
      'CREDIT_UNAVAILABLE',
    ],
  }),
  undoMerge: route({
    method: 'POST',
    path: '/identity/persons/{personId}/merges/{mergeId}/undo',
    action: 'merges.undo',
    whose: { person: 'params.personId' },
    approval: { when: 'always', shows: ['why'] },
    summary: 'Take a merge back: what belongs to the other goes back, also what came meanwhile',
    description: 'The person of the path is the survivor. The two are not proposed as one again.',
    params: Which,
    body: closed({ why: Why }),
    responses: { 200: Merge },
    problems: ['MERGE_UNKNOWN', 'MERGE_REFUSED', 'ERASURE_UNDER_WAY', 'PERSONAL_DATA_DESTROYED'],
  }),
  listMerges: route({
    method: 'GET',
    path: '/identity/persons/{personId}/merges',
    action: 'merges.list',
    whose: { person: 'params.personId' },
    summary: 'Merges in which the person is or was one of two, the latest first: at most 50',
    params: closed({ personId: PersonId }),
    responses: { 200: closed({ merges: Type.Array(Merge) }) },
    problems: [],
  }),
};
