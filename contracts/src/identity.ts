import { type Static, Type } from '@sinclair/typebox';
import { ErasureId } from './erasures';
import { Instant, InstitutionId, PersonId } from './schemas';
import { endRules } from './interface-profile';
import { DAY_MS, topic } from './topic';

export const HospitalLevel = Type.Union([
  Type.Literal('level-3'),
  Type.Literal('level-2'),
  Type.Literal('community'),
]);

/** What is agreed to, each for itself. */
export const ConsentPurpose = Type.Union([
  Type.Literal('service'),
  Type.Literal('sensitive-data'),
  Type.Literal('score'),
  Type.Literal('bank'),
  Type.Literal('debit-mandate'),
]);
export type ConsentPurpose = Static<typeof ConsentPurpose>;

/** Why a guardianship ended. */
export const GuardianshipEnd = Type.Union([
  Type.Literal('CAME_OF_AGE'),
  Type.Literal('PERIOD_OVER'),
  Type.Literal('REVOKED'),
]);
export type GuardianshipEnd = Static<typeof GuardianshipEnd>;

/** How many consents of a person were recorded: of two messages the higher is the later. */
export const ConsentRevision = Type.Integer({ minimum: 1 });

/** How often a person was merged or unmerged: of two messages the higher is the later. */
const MergeRevision = Type.Integer({ minimum: 1 });
const MergeId = Type.String({ pattern: '^m-[0-9a-f-]{36}$', maxLength: 40 });

/** How often a person's death was recorded or taken back: of two messages the higher is the later. */
const DeathRevision = Type.Integer({ minimum: 1 });

export const identityPersons = topic({
  name: 'identity.persons',
  authors: ['identity'],
  description: 'Who exists, who stands for whom, and who is erased; no personal data.',
  keyField: 'personId',
  partitions: 6,
  retentionMs: 3650 * DAY_MS,
  events: {
    PersonRegistered: Type.Object(
      { personId: PersonId, minor: Type.Boolean(), registeredAt: Instant },
      { additionalProperties: false },
    ),
    GuardianAppointed: Type.Object(
      {
        personId: PersonId,
        guardianId: PersonId,
        appointedAt: Instant,
        ofAdult: Type.Optional(
          Type.Boolean({ description: 'The ward is of age, and stays on a line of their own' }),
        ),
      },
      {
        additionalProperties: false,
        description: 'personId is the ward; of two guardians the first, who answers for a child',
      },
    ),
    GuardianshipEnded: Type.Object(
      {
        personId: PersonId,
        guardianId: PersonId,
        reason: GuardianshipEnd,
        goesOn: Type.Optional(
          Type.Boolean({
            description: 'Of age, and a guardian acts on by the decision of a court',
          }),
        ),
        endedAt: Instant,
      },
      {
        additionalProperties: false,
        description:
          'The ward has no first guardian, unless another is appointed after it. Visits that were ' +
          'opened on the line of the guardian stay there',
      },
    ),
    ConsentsChanged: Type.Object(
      {
        personId: PersonId,
        revision: ConsentRevision,
        revoked: Type.Array(ConsentPurpose, {
          maxItems: 5,
          description: 'Every purpose whose consent was taken back and not given again',
        }),
        given: Type.Optional(
          Type.Array(ConsentPurpose, {
            maxItems: 5,
            description: 'Every purpose whose consent is in force; absent in earlier releases',
          }),
        ),
        changedAt: Instant,
      },
      {
        additionalProperties: false,
        description: 'A consent was taken back, or given again, or one to a bank given',
      },
    ),
    PersonDied: Type.Object(
      { personId: PersonId, revision: DeathRevision, recordedAt: Instant },
      {
        additionalProperties: false,
        description: 'By two persons: nothing is held, debited or sent any more; owed stays owed',
      },
    ),
    PersonDeathTakenBack: Type.Object(
      { personId: PersonId, revision: DeathRevision, recordedAt: Instant },
      { additionalProperties: false, description: 'By two persons: the person is alive' },
    ),
    PersonsMerged: Type.Object(
      {
        personId: PersonId,
        survivorId: PersonId,
        mergeId: MergeId,
        revision: MergeRevision,
        mergedAt: Instant,
      },
      {
        additionalProperties: false,
        description:
          'By two persons: both ids are one human being, and the survivor answers for both. An alias ' +
          'alone: what was recorded under personId stays under it',
      },
    ),
    PersonsUnmerged: Type.Object(
      {
        personId: PersonId,
        survivorId: PersonId,
        mergeId: MergeId,
        revision: MergeRevision,
        unmergedAt: Instant,
      },
      {
        additionalProperties: false,
        description: 'By two persons: they are two. What is of personId belongs to it alone again',
      },
    ),
    ErasureBegun: Type.Object(
      { personId: PersonId, erasureId: ErasureId, begunAt: Instant },
      {
        additionalProperties: false,
        description: 'The service is closed; the data is destroyed once the closing notice is out',
      },
    ),
    PersonalDataDestroyed: Type.Object(
      {
        personId: PersonId,
        destroyedAt: Instant,
        erasureId: Type.Optional(ErasureId),
        blindIndexes: Type.Optional(
          Type.Array(Type.String({ maxLength: 100 }), {
            maxItems: 100,
            description:
              "Keyed fingerprints of the person's identifiers, which identity alone can make",
          }),
        ),
      },
      { additionalProperties: false },
    ),
  },
});

export const identityInstitutions = topic({
  name: 'identity.institutions',
  authors: ['identity'],
  description: 'Institutions and their level.',
  keyField: 'institutionId',
  partitions: 1,
  retentionMs: 3650 * DAY_MS,
  events: {
    InstitutionRegistered: Type.Object(
      {
        institutionId: InstitutionId,
        name: Type.String({ maxLength: 80 }),
        level: HospitalLevel,
        webhookUrl: Type.Optional(Type.String({ maxLength: 300 })),
        ...endRules,
        registeredAt: Instant,
      },
      { additionalProperties: false },
    ),
  },
});
