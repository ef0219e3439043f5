import { type Static, Type } from '@sinclair/typebox';
import { BusinessDate, PersonId } from '../schemas';
import { route } from './route';
import { closed, Moment, oneOf, Why } from './shapes';

const WhichPerson = closed({ personId: PersonId });

/** What proves a guardianship: what kind of paper, and under which number it is filed. */
export const GuardianshipEvidence = closed({
  kind: oneOf(
    'birth-certificate',
    'household-register',
    'committee-certificate',
    'civil-affairs-certificate',
    'agreement',
    'court-decision',
  ),
  reference: Type.String({
    pattern: '^[A-Za-z0-9-]{1,40}$',
    description: 'The number under which the paper is filed',
  }),
});
export type GuardianshipEvidence = Static<typeof GuardianshipEvidence>;

export const GuardianshipBasis = oneOf('minor', 'incapacity');
export type GuardianshipBasis = Static<typeof GuardianshipBasis>;
export const ConsentRule = oneOf('any', 'both');
export type ConsentRule = Static<typeof ConsentRule>;

const Relation = Type.String({
  pattern: '^[1245-9]$',
  description:
    'agnter_rlts: 1 spouse, 2 child, 4 grandchild, 5 parent, 6 grandparent, 7 sibling, 8 other relative, 9 none',
});

export const GuardianBody = closed({
  guardianId: PersonId,
  relation: Relation,
  replaces: Type.Optional({ ...PersonId, description: 'The guardian who is replaced' }),
  beside: Type.Optional({ ...PersonId, description: 'The guardian beside whom this one acts' }),
  basis: Type.Optional({
    ...GuardianshipBasis,
    description:
      'minor (the default) ends at 18 by itself; incapacity needs the decision of a court, and ' +
      'goes on',
  }),
  until: Type.Optional({ ...BusinessDate, description: 'The first day on which it holds no more' }),
  consentRule: Type.Optional({
    ...ConsentRule,
    description: 'Of two guardians one agrees (any, the default), or each of them (both)',
  }),
  evidence: Type.Optional({
    ...GuardianshipEvidence,
    description: 'Left out only of the first guardian of a child, who then stands unproven',
  }),
});
export type GuardianBody = Static<typeof GuardianBody>;

const Guardianship = closed({
  guardianId: PersonId,
  relation: Type.String(),
  rank: oneOf('first', 'second'),
  basis: GuardianshipBasis,
  until: Type.Optional(BusinessDate),
  consentRule: ConsentRule,
  evidence: Type.Optional(GuardianshipEvidence),
  inForce: Type.Boolean(),
  appointedAt: Moment,
  endedAt: Type.Optional(Moment),
  endedBecause: Type.Optional(oneOf('CAME_OF_AGE', 'PERIOD_OVER', 'REVOKED', 'REPLACED')),
});
export type Guardianship = Static<typeof Guardianship>;

/** Who acts for whom. */
export const guardianshipRoutes = {
  appointGuardian: route({
    method: 'PUT',
    path: '/identity/persons/{personId}/guardian',
    action: 'guardians.appoint',
    whose: { person: 'params.personId' },
    approval: {
      when: 'depends',
      where: 'where one is replaced, a second is added, for an adult, and where less is asked for',
      shows: ['guardianId', 'relation', 'replaces', 'beside', 'basis', 'until', 'consentRule'],
    },
    summary: 'Appoint an adult as the guardian of a minor, or of an adult without full capacity',
    description:
      'The first guardian answers for a child with the line. With `beside` a second one acts too. ' +
      'The same guardian again with other terms changes them.',
    params: WhichPerson,
    body: GuardianBody,
    responses: { 200: closed({ personId: PersonId, guardianId: PersonId }) },
    problems: [
      'PERSON_UNKNOWN',
      'PERSONAL_DATA_DESTROYED',
      'GUARDIAN_IS_SELF',
      'GUARDIAN_NOT_ADULT',
      'GUARDIAN_IS_WARD',
      'WARD_NOT_MINOR',
      'GUARDIANSHIP_UNPROVEN',
      'GUARDIAN_CONFLICT',
      'ERASURE_UNDER_WAY',
      'PERSON_DIED',
    ],
  }),
  endGuardianship: route({
    method: 'POST',
    path: '/identity/persons/{personId}/guardians/{guardianId}/end',
    action: 'guardians.end',
    whose: { person: 'params.personId' },
    approval: { when: 'always', shows: ['why'] },
    summary: 'End a guardianship; where there is a second guardian, that one answers from then on',
    params: closed({ personId: PersonId, guardianId: PersonId }),
    body: closed({ why: Why, evidence: GuardianshipEvidence }),
    responses: { 204: null },
    problems: ['PERSON_UNKNOWN', 'PERSONAL_DATA_DESTROYED', 'GUARDIANSHIP_NOT_IN_FORCE'],
  }),
  listGuardians: route({
    method: 'GET',
    path: '/identity/persons/{personId}/guardians',
    action: 'guardians.list',
    whose: { person: 'params.personId' },
    summary: 'Who acts and acted for a person, by what evidence, the latest first: at most 50',
    params: WhichPerson,
    responses: { 200: closed({ guardians: Type.Array(Guardianship) }) },
    problems: ['PERSON_UNKNOWN', 'PERSONAL_DATA_DESTROYED'],
  }),
};
