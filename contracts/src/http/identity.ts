import { type Static, Type } from '@sinclair/typebox';
import { DestroyedRows, ErasureId } from '../erasures';
import { FreeText } from '../free-text';
import { HospitalLevel } from '../identity';
import { InterfaceProfile } from '../interface-profile';
import { RetentionTable } from '../retention';
import { InstitutionId, PersonId } from '../schemas';
import { activationRoutes } from './activations';
import { cardFileRoutes } from './card-files';
import { cardPlatformRoutes } from './card-platforms';
import { cardRoutes } from './cards';
import {
  CODE_LENGTH_MAX,
  CredentialType,
  shownProblems,
  codeRoutes,
  MobileEnd,
  ReadAt,
} from './codes';
import { consentKeyRoutes } from './consent-keys';
import { consentRoutes } from './consents';
import { contactRoutes } from './contacts';
import { deathRoutes } from './deaths';
import { entitlementRoutes } from './entitlements';
import { guardianshipRoutes } from './guardianships';
import { Differs, Holder, Registration } from './person';
import { institutionKeyRoutes, KeyScopes } from './institution-keys';
import { route } from './route';
import { closed, Moment, oneOf } from './shapes';

const ApiKey = Type.String({
  minLength: 24,
  maxLength: 200,
  description: 'Where a rehearsal chooses its keys: at least 24 unpredictable characters',
});
const Facility = Type.String({
  minLength: 1,
  maxLength: 60,
  description: 'MSH-4 of its HL7 messages',
});
const institution = {
  institutionId: InstitutionId,
  name: Type.String(),
  level: HospitalLevel,
  interface: Type.Optional(InterfaceProfile),
};
const KnownInstitution = closed(institution);
const Authenticated = closed({
  ...institution,
  scopes: Type.Optional({ ...KeyScopes, description: 'Of the key, where one was shown' }),
});
const PutInstitution = closed({
  ...institution,
  apiKey: Type.Optional(Type.String({ description: 'Made now, and shown this once' })),
});
const WhichPerson = closed({ personId: PersonId });

/** Why a person cannot be erased now, and what ends that. */
export const ErasureObstacle = closed({
  field: oneOf('visits', 'holds', 'debts', 'refunds', 'wards'),
  why: Type.String(),
  remedy: Type.String(),
});
export type ErasureObstacle = Static<typeof ErasureObstacle>;

/** One line of the retention table, as it holds for one person. */
const Kept = closed({
  service: Type.String(),
  records: Type.String(),
  why: Type.String(),
  source: Type.String(),
  until: Type.String({ description: 'YYYY-MM-DD, or "no end"' }),
});

/** The receipt of an erasure: how far it is, what was destroyed, what is kept, why and until when. */
export const Erasure = closed({
  erasureId: ErasureId,
  personId: PersonId,
  status: oneOf('requested', 'closing', 'destroying', 'done', 'refused'),
  requestedAt: Moment,
  closedAt: Type.Optional(Moment),
  destroyedAt: Type.Optional(Moment),
  doneAt: Type.Optional(Moment),
  closingNotice: Type.Optional(oneOf('sent', 'failed', 'unconfirmed', 'skipped', 'not-in-time')),
  refused: Type.Optional(Type.Array(ErasureObstacle)),
  waitsFor: Type.Array(Type.String(), { description: 'Services that have not destroyed it yet' }),
  destroyed: Type.Array(closed({ service: Type.String(), ...DestroyedRows.properties })),
  kept: Type.Array(Kept),
});
export type Erasure = Static<typeof Erasure>;
const WhichInstitution = closed({ institutionId: InstitutionId });

export const identityRoutes = {
  registerPerson: route({
    method: 'POST',
    path: '/identity/persons',
    action: 'persons.register',
    whose: 'platform',
    summary: 'Register a person by name, ID number and mobile number; 201 when new, 200 when known',
    body: Registration,
    responses: { 200: WhichPerson, 201: WhichPerson },
    problems: [
      'NAME_INVALID',
      'ID_NUMBER_INVALID',
      'IDENTITY_CONTRADICTS',
      'MOBILE_INVALID',
      'EMAIL_INVALID',
      'PERSON_CONFLICT',
      'CREDENTIAL_CONFLICT',
      'ERASURE_UNDER_WAY',
      'PERSON_DIED',
    ],
  }),
  resolvePerson: route({
    method: 'POST',
    path: '/identity/persons/resolve',
    action: 'persons.resolve-credential',
    whose: 'platform',
    ...{ asks: true, look: 'here' },
    summary: 'Whose credential this is',
    body: closed({
      type: CredentialType,
      value: Type.String({ minLength: 1, maxLength: CODE_LENGTH_MAX }),
      holder: Type.Optional(Holder),
      mobileEnd: Type.Optional(MobileEnd),
      readAt: Type.Optional(ReadAt),
      use: Type.Optional(
        Type.String({
          maxLength: 200,
          description: 'What a code is shown for: the same again is the same, and no replay',
        }),
      ),
    }),
    responses: { 200: closed({ personId: PersonId, differs: Type.Optional(Differs) }) },
    problems: ['PERSON_UNKNOWN', ...shownProblems],
  }),
  comparePerson: route({
    method: 'POST',
    path: '/identity/persons/{personId}/compare',
    action: 'persons.compare',
    whose: { person: 'params.personId' },
    ...{ asks: true, look: 'here' },
    summary: 'Which of name, birth date and sex are not as they are registered',
    params: WhichPerson,
    body: Holder,
    responses: { 200: closed({ differs: Differs }) },
    problems: ['PERSON_UNKNOWN', 'PERSONAL_DATA_DESTROYED'],
  }),
  indexIdentifiers: route({
    method: 'POST',
    path: '/identity/identifiers/index',
    action: 'identifiers.index',
    whose: 'platform',
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
    whose: { person: 'params.personId' },
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
  ...guardianshipRoutes,
  destroyPersonalData: route({
    method: 'DELETE',
    path: '/identity/persons/{personId}/personal-data',
    action: 'personal-data.destroy',
    whose: { person: 'params.personId' },
    approval: { when: 'depends', where: 'where it begins' },
    summary:
      'Close a person’s service and destroy the data for good; 202 while it is under way, 200 once done',
    description:
      'Refused with an open visit, a hold, a debt, money owed back, or a ward. The audit trail stays ' +
      'whole. Repeatable: the answer is the receipt.',
    params: WhichPerson,
    responses: { 200: Erasure, 202: Erasure },
    problems: ['PERSON_UNKNOWN', 'ERASURE_REFUSED', 'CREDIT_UNAVAILABLE', 'LEDGER_UNAVAILABLE'],
  }),
  showErasure: route({
    method: 'GET',
    path: '/identity/persons/{personId}/erasure',
    action: 'personal-data.show-erasure',
    whose: { person: 'params.personId' },
    summary: 'The receipt of a person’s latest erasure',
    params: WhichPerson,
    responses: { 200: Erasure },
    problems: ['ERASURE_UNKNOWN'],
  }),
  showRetention: route({
    method: 'GET',
    path: '/identity/retention',
    action: 'retention.read',
    whose: 'platform',
    unrecorded: true,
    summary: 'Which records stay of an erased person, why and for how long',
    responses: { 200: RetentionTable },
    problems: [],
  }),
  putInstitution: route({
    method: 'PUT',
    path: '/identity/institutions/{institutionId}',
    action: 'institutions.put',
    whose: { institution: 'params.institutionId' },
    approval: {
      when: 'depends',
      where: 'where key, facility, webhook, `hl7`, presence or entitlement of a known one change',
      shows: ['name', 'level', 'facility', 'webhookUrl', 'interface'],
    },
    summary: 'Register an institution or change its details; a new key is shown this once',
    params: WhichInstitution,
    body: closed({
      name: FreeText({ minLength: 1, maxLength: 80 }),
      level: HospitalLevel,
      webhookUrl: Type.Optional(Type.String({ pattern: '^https?://', maxLength: 300 })),
      facility: Type.Optional(Facility),
      apiKey: Type.Optional(ApiKey),
      interface: Type.Optional(InterfaceProfile),
    }),
    responses: { 200: PutInstitution, 201: PutInstitution },
    problems: ['FACILITY_TAKEN', 'API_KEY_CHOSEN', 'API_KEY_TAKEN', 'MESSAGE_TYPE_NEEDED'],
  }),
  authenticateInstitution: route({
    method: 'POST',
    path: '/identity/institutions/authenticate',
    action: 'institutions.authenticate',
    whose: 'platform',
    summary: 'Whose API key or HL7 facility this is, or whether an institution has this id',
    body: Type.Union([
      closed({ apiKey: Type.String({ minLength: 1, maxLength: 200 }) }),
      closed({ facility: Facility }),
      closed({ institutionId: InstitutionId }),
    ]),
    responses: { 200: Authenticated },
    problems: ['INSTITUTION_UNKNOWN'],
  }),
  ...activationRoutes,
  ...consentRoutes,
  ...consentKeyRoutes,
  ...entitlementRoutes,
  ...cardRoutes,
  ...cardFileRoutes,
  ...cardPlatformRoutes,
  ...contactRoutes,
  ...deathRoutes,
  ...codeRoutes,
  ...institutionKeyRoutes,
  listInstitutions: route({
    method: 'GET',
    path: '/identity/institutions',
    action: 'institutions.list',
    whose: 'platform',
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
