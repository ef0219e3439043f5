import { type Static, Type } from '@sinclair/typebox';
import { HospitalLevel } from '../identity';
import { InterfaceProfile } from '../interface-profile';
import { InstitutionId, PersonId } from '../schemas';
import { route } from './route';
import { closed, oneOf } from './shapes';

const ApiKey = Type.String({
  minLength: 24,
  maxLength: 200,
  description: 'At least 24 unpredictable characters',
});
const Facility = Type.String({
  minLength: 1,
  maxLength: 60,
  description: 'MSH-4 of its HL7 messages',
});
const Language = oneOf('zh', 'en');
const Credential = closed({
  type: oneOf('health-card', 'qr'),
  value: Type.String({ minLength: 4, maxLength: 200 }),
});

export const Registration = closed({
  name: Type.String({ minLength: 1, maxLength: 100 }),
  idNumber: Type.String({
    minLength: 15,
    maxLength: 30,
    description: '18 characters (GB 11643), or an old one of 15',
  }),
  mobile: Type.String({ minLength: 11, maxLength: 30 }),
  email: Type.Optional(Type.String({ pattern: '^[^@\\s]{1,64}@[^@\\s]{1,180}$' })),
  language: Type.Optional(Language),
  credentials: Type.Optional(Type.Array(Credential, { maxItems: 10 })),
});
export type Registration = Static<typeof Registration>;

const institution = {
  institutionId: InstitutionId,
  name: Type.String(),
  level: HospitalLevel,
  interface: Type.Optional(InterfaceProfile),
};
const KnownInstitution = closed(institution);
const PutInstitution = closed({
  ...institution,
  apiKey: Type.Optional(Type.String({ description: 'Made now, and shown this once' })),
});
const WhichPerson = closed({ personId: PersonId });
const WhichInstitution = closed({ institutionId: InstitutionId });

export const identityRoutes = {
  registerPerson: route({
    method: 'POST',
    path: '/identity/persons',
    action: 'persons.register',
    access: 'operator',
    summary: 'Register a person by name, ID number and mobile number; 201 when new, 200 when known',
    body: Registration,
    responses: { 200: WhichPerson, 201: WhichPerson },
    problems: [
      'NAME_INVALID',
      'ID_NUMBER_INVALID',
      'MOBILE_INVALID',
      'PERSON_CONFLICT',
      'CREDENTIAL_CONFLICT',
    ],
  }),
  resolvePerson: route({
    method: 'POST',
    path: '/identity/persons/resolve',
    action: 'persons.resolve-credential',
    access: 'internal',
    summary: 'Whose credential this is',
    body: closed({
      type: oneOf('id-number', 'health-card', 'qr'),
      value: Type.String({ minLength: 1, maxLength: 200 }),
    }),
    responses: { 200: WhichPerson },
    problems: ['PERSON_UNKNOWN'],
  }),
  indexIdentifiers: route({
    method: 'POST',
    path: '/identity/identifiers/index',
    action: 'identifiers.index',
    access: 'internal',
    summary: 'Blind indexes of texts that may be identifiers, whether a person has them or not',
    body: closed({
      values: Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { maxItems: 100 }),
    }),
    responses: { 200: closed({ blindIndexes: Type.Array(Type.String()) }) },
    problems: [],
  }),
  showPerson: route({
    method: 'GET',
    path: '/identity/persons/{personId}',
    action: 'persons.read',
    access: 'operator',
    summary: 'A person, masked',
    params: WhichPerson,
    responses: {
      200: closed({
        personId: PersonId,
        name: Type.String(),
        idNumber: Type.String(),
        mobile: Type.String(),
        email: Type.Optional(Type.String()),
        minor: Type.Boolean(),
        guardianId: Type.Optional(PersonId),
      }),
    },
    problems: ['PERSON_UNKNOWN', 'PERSONAL_DATA_DESTROYED'],
  }),
  contactPerson: route({
    method: 'GET',
    path: '/identity/persons/{personId}/contact',
    action: 'persons.contact',
    access: 'internal',
    summary: 'How a person is reached',
    params: WhichPerson,
    responses: {
      200: closed({
        mobile: Type.String(),
        email: Type.Optional(Type.String()),
        language: Type.Optional(Language),
      }),
    },
    problems: ['PERSON_UNKNOWN', 'PERSONAL_DATA_DESTROYED'],
  }),
  appointGuardian: route({
    method: 'PUT',
    path: '/identity/persons/{personId}/guardian',
    action: 'guardians.appoint',
    access: 'operator',
    summary: 'Appoint an adult as the guardian of a person under 18',
    params: WhichPerson,
    body: closed({
      guardianId: PersonId,
      relation: Type.String({
        pattern: '^[1245-9]$',
        description:
          'agnter_rlts: 1 spouse, 2 child, 4 grandchild, 5 parent, 6 grandparent, 7 sibling, 8 other relative, 9 none',
      }),
      replaces: Type.Optional(PersonId),
    }),
    responses: { 200: closed({ personId: PersonId, guardianId: PersonId }) },
    problems: [
      'PERSON_UNKNOWN',
      'PERSONAL_DATA_DESTROYED',
      'GUARDIAN_IS_SELF',
      'GUARDIAN_NOT_ADULT',
      'WARD_NOT_MINOR',
      'GUARDIAN_CONFLICT',
    ],
  }),
  destroyPersonalData: route({
    method: 'DELETE',
    path: '/identity/persons/{personId}/personal-data',
    action: 'personal-data.destroy',
    access: 'operator',
    summary: 'Destroy a person’s data for good; the audit trail stays whole',
    params: WhichPerson,
    responses: { 204: null },
    problems: ['PERSON_UNKNOWN'],
  }),
  putInstitution: route({
    method: 'PUT',
    path: '/identity/institutions/{institutionId}',
    action: 'institutions.put',
    access: 'operator',
    summary: 'Register an institution or change its details; a new key is shown this once',
    params: WhichInstitution,
    body: closed({
      name: Type.String({ minLength: 1, maxLength: 80 }),
      level: HospitalLevel,
      webhookUrl: Type.Optional(Type.String({ pattern: '^https?://', maxLength: 300 })),
      facility: Type.Optional(Facility),
      apiKey: Type.Optional(ApiKey),
      interface: Type.Optional(InterfaceProfile),
    }),
    responses: { 200: PutInstitution, 201: PutInstitution },
    problems: ['FACILITY_TAKEN', 'API_KEY_TAKEN'],
  }),
  authenticateInstitution: route({
    method: 'POST',
    path: '/identity/institutions/authenticate',
    action: 'institutions.authenticate',
    access: 'internal',
    summary: 'Whose API key or HL7 facility this is, or whether an institution has this id',
    body: Type.Union([
      closed({ apiKey: Type.String({ minLength: 1, maxLength: 200 }) }),
      closed({ facility: Facility }),
      closed({ institutionId: InstitutionId }),
    ]),
    responses: { 200: KnownInstitution },
    problems: ['INSTITUTION_UNKNOWN'],
  }),
  renewInstitutionKey: route({
    method: 'POST',
    path: '/identity/institutions/{institutionId}/key',
    action: 'institutions.renew-key',
    access: 'operator',
    summary: 'Make a new API key, shown this once; the old one ends',
    params: WhichInstitution,
    responses: { 201: closed({ apiKey: Type.String() }) },
    problems: ['INSTITUTION_UNKNOWN'],
  }),
  listInstitutions: route({
    method: 'GET',
    path: '/identity/institutions',
    action: 'institutions.list',
    access: 'operator',
    summary: 'Institutions and their level, by id: at most 1,000',
    query: closed({
      after: Type.Optional(
        Type.String({
          pattern: '^[A-Z0-9]{2,20}$',
          description: 'The last institutionId of the page before',
        }),
      ),
    }),
    responses: { 200: Type.Array(KnownInstitution) },
    problems: [],
  }),
};
