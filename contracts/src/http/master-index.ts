import { type Static, Type } from '@sinclair/typebox';
import { MATCH_FIELDS, MatchWeights } from '../match-weights';
import { Instant, InstitutionId, PersonId } from '../schemas';
import { BirthDate, Sex } from './person';
import { route } from './route';
import { closed, Count, Moment, oneOf, Why } from './shapes';

/** Weights that were fitted, and to how many pairs. */
export const FittedWeights = closed({
  weights: MatchWeights,
  share: Type.Number({ description: 'The part of the candidates that are of one person' }),
  candidates: Count,
  random: Count,
});
export type FittedWeights = Static<typeof FittedWeights>;

const Identifier = Type.String({ minLength: 1, maxLength: 60 });
const Authority = Type.String({
  pattern: '^[A-Z0-9][A-Z0-9-]{1,39}$',
  description: 'Who gives the numbers: a region, an insurer, a country by its three letters',
});
/** What a source says of a person, as far as it knows it. */
const IndexedPerson = closed({
  name: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  idNumber: Type.Optional(
    Type.String({ minLength: 1, maxLength: 30, description: 'As the source has it, right or not' }),
  ),
  birthDate: Type.Optional(BirthDate),
  sex: Type.Optional(Sex),
  mobile: Type.Optional(Type.String({ minLength: 1, maxLength: 30 })),
  address: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  identifiers: Type.Optional(
    Type.Array(
      closed({
        type: oneOf('insurance', 'passport', 'residence-permit', 'health-card'),
        value: Identifier,
      }),
      { maxItems: 10, description: 'Numbers of other domains that the source knows' },
    ),
  ),
  newborn: Type.Optional(
    closed(
      {
        motherIdNumber: Type.Optional(Type.String({ minLength: 1, maxLength: 30 })),
        birthOrder: Type.Optional(
          Type.Integer({ minimum: 1, maximum: 9, description: 'Of twins and more: 1, 2, …' }),
        ),
      },
      { description: 'A child without a number of its own' },
    ),
  ),
});
export type IndexedPerson = Static<typeof IndexedPerson>;
const said = {
  identifier: Identifier,
  recordedAt: Type.Optional(Instant),
  person: IndexedPerson,
};
const ForeignDomain = closed({
  kind: oneOf(
    'insurance',
    'commercial-policy',
    'passport',
    'residence-permit',
    'household-register',
    'health-card',
  ),
  authority: Authority,
});
const known = {
  recordId: Type.String(),
  domain: closed({ kind: Type.String(), authority: Type.String() }),
  personId: PersonId,
  linkedBy: oneOf('none', 'rule', 'review'),
  similar: { ...Count, description: 'Open cases: someone looks whether it is another person' },
  receivedAt: Moment,
  changedAt: Moment,
};
const SourceRecord = closed(known);
const WhichInstitution = closed({ institutionId: InstitutionId });
const description =
  'The same again changes nothing. A rule links a record to a person by itself; what is only similar ' +
  'waits for people, and the record stands alone until then. The personId is that of the index: a ' +
  'link may change it, so ask again before it is used.';

const CaseStatus = oneOf('open', 'same', 'different', 'overtaken');
const MatchCase = closed({
  caseId: Type.String(),
  recordId: Type.String(),
  domain: closed({ kind: Type.String(), authority: Type.String() }),
  recordPersonId: Type.String({ description: 'Whose the record is now' }),
  personId: PersonId,
  status: CaseStatus,
  bits: Type.Number({ description: 'The sum of the weights' }),
  likely: Type.Boolean(),
  evidence: Type.Array(
    closed({
      field: oneOf(...MATCH_FIELDS),
      level: Type.String(),
      bits: Type.Number(),
    }),
    { description: 'How each field agrees and what that weighs; no value' },
  ),
  openedAt: Moment,
  decidedAt: Type.Optional(Moment),
  decidedBy: Type.Optional(Type.String()),
  why: Type.Optional(Type.String()),
});

/** Persons across domains: what sources register, what is similar, and what people decide of it. */
export const masterIndexRoutes = {
  registerSourceRecord: route({
    method: 'POST',
    path: '/identity/institutions/{institutionId}/source-records',
    action: 'source-records.register',
    whose: { institution: 'params.institutionId' },
    summary: "Register a person by the hospital's own medical record number",
    description,
    params: WhichInstitution,
    body: closed(said),
    responses: { 200: SourceRecord, 201: SourceRecord },
    problems: ['ERASURE_UNDER_WAY'],
  }),
  findSourceRecord: route({
    method: 'POST',
    path: '/identity/institutions/{institutionId}/source-records/find',
    action: 'source-records.find',
    whose: { institution: 'params.institutionId' },
    asks: true,
    summary: "What the index has under one of the hospital's own medical record numbers",
    params: WhichInstitution,
    body: closed({ identifier: Identifier }),
    responses: { 200: SourceRecord },
    problems: ['SOURCE_RECORD_UNKNOWN'],
  }),
  registerDomainRecord: route({
    method: 'POST',
    path: '/identity/source-records',
    action: 'domain-records.register',
    whose: 'platform',
    summary: 'Register a person by a number of another domain: insurance, passport, permit, …',
    description,
    body: closed({ domain: ForeignDomain, ...said }),
    responses: { 200: SourceRecord, 201: SourceRecord },
    problems: ['ERASURE_UNDER_WAY'],
  }),
  findDomainRecord: route({
    method: 'POST',
    path: '/identity/source-records/find',
    action: 'domain-records.find',
    whose: 'platform',
    asks: true,
    summary: 'What the index has under a number of another domain',
    body: closed({ domain: ForeignDomain, identifier: Identifier }),
    responses: { 200: SourceRecord },
    problems: ['SOURCE_RECORD_UNKNOWN'],
  }),
  listPersonRecords: route({
    method: 'GET',
    path: '/identity/persons/{personId}/source-records',
    action: 'person-records.list',
    whose: { person: 'params.personId' },
    summary: 'Which records belong to a person, and by which link: at most 100, without a value',
    params: closed({ personId: PersonId }),
    responses: {
      200: closed({
        records: Type.Array(
          closed({
            ...known,
            linkId: Type.Optional(Type.String({ description: 'The link that brought it' })),
          }),
        ),
      }),
    },
    problems: [],
  }),
  listMatchCases: route({
    method: 'GET',
    path: '/identity/match-cases',
    action: 'match-cases.list',
    whose: 'platform',
    summary: 'Records that may be of another person, the earliest first: at most 100',
    query: closed({
      status: Type.Optional(CaseStatus),
      after: Type.Optional(
        Type.String({ minLength: 1, maxLength: 200, description: '`next` of the page before' }),
      ),
    }),
    responses: {
      200: closed({ cases: Type.Array(MatchCase), next: Type.Optional(Type.String()) }),
    },
    problems: [],
  }),
  showMatchCase: route({
    method: 'GET',
    path: '/identity/persons/{personId}/match-cases/{caseId}',
    action: 'match-cases.read',
    whose: { person: 'params.personId' },
    summary: 'Both sides of a case, masked, for the person who decides it',
    params: closed({ personId: PersonId, caseId: Type.String({ maxLength: 60 }) }),
    responses: {
      200: closed({
        case: MatchCase,
        sides: Type.Array(
          closed({
            source: Type.String({ description: 'A domain, or `registration`' }),
            name: Type.Optional(Type.String()),
            idNumber: Type.Optional(Type.String()),
            mobile: Type.Optional(Type.String()),
            birthYear: Type.Optional(Type.String()),
            sex: Type.Optional(Sex),
          }),
          { description: 'The record first, then what is known of the other person' },
        ),
      }),
    },
    problems: ['MATCH_CASE_UNKNOWN'],
  }),
  decideMatchCase: route({
    method: 'POST',
    path: '/identity/persons/{personId}/match-cases/{caseId}',
    action: 'match-cases.decide',
    whose: { person: 'params.personId' },
    approval: {
      ...{ when: 'depends', where: 'where two are one person' },
      shows: ['decision', 'why'],
    },
    summary: 'Say that the two are one person, or two; with a reason that is kept',
    description:
      '`same` moves the records, and is taken back by their link. Neither moves money. Where both ' +
      'sides registered (domain `registration`), `same` is refused: merge the two persons.',
    params: closed({ personId: PersonId, caseId: Type.String({ maxLength: 60 }) }),
    body: closed({ decision: oneOf('same', 'different'), why: Why }),
    responses: {
      200: closed({ caseId: Type.String(), linkId: Type.Optional(Type.String()) }),
    },
    problems: ['MATCH_CASE_UNKNOWN', 'MATCH_CASE_DECIDED', 'MERGE_NEEDED', 'ERASURE_UNDER_WAY'],
  }),
  undoRecordLink: route({
    method: 'POST',
    path: '/identity/persons/{personId}/record-links/{linkId}/undo',
    action: 'record-links.undo',
    whose: { person: 'params.personId' },
    approval: { when: 'always', shows: ['why'] },
    summary: 'Take a link back: its records go where they came from',
    params: closed({ personId: PersonId, linkId: Type.String({ maxLength: 60 }) }),
    body: closed({ why: Why }),
    responses: { 200: closed({ linkId: Type.String() }) },
    problems: ['RECORD_LINK_UNKNOWN', 'RECORD_LINK_SUPERSEDED', 'ERASURE_UNDER_WAY'],
  }),
  fitMatchWeights: route({
    method: 'POST',
    path: '/identity/match-weights/fit',
    action: 'match-weights.fit',
    whose: 'platform',
    summary: 'The weights as a sample of the region’s own records says them; nothing changes by it',
    description:
      'A file to look at, and to put in the place of the one that ships. Rules and thresholds are ' +
      'those in force.',
    body: closed({ records: Type.Integer({ minimum: 20, maximum: 300 }) }),
    responses: { 200: FittedWeights },
    problems: ['MATCH_PAIRS_TOO_FEW'],
  }),
  showMatchWeights: route({
    method: 'GET',
    path: '/identity/match-weights',
    action: 'match-weights.read',
    whose: 'platform',
    unrecorded: true,
    summary: 'The rules that link, and the weights that propose',
    responses: { 200: MatchWeights },
    problems: [],
  }),
};
