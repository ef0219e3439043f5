import { Type } from '@sinclair/typebox';
import { Code, Fen, Id, Instant, InstitutionId, PersonId, VisitId } from './schemas';

const visit = { visitId: VisitId, institutionId: InstitutionId, personId: PersonId };

/** Of `visit-ledger.visits`: who a patient is whom no one knew. */
export const identificationEvents = {
  PatientProposed: Type.Object(
    {
      ...visit,
      linkId: Id,
      startedAt: Instant,
      chargedFen: Fen,
      answerUntil: Instant,
    },
    {
      additionalProperties: false,
      description:
        'Two people of its hospital say whose visit of an unidentified patient it is. Nothing of ' +
        'it is that person’s until they agree',
    },
  ),
  PatientDenied: Type.Object(
    {
      visitId: VisitId,
      institutionId: InstitutionId,
      linkId: Id,
      reason: Code,
      deniedAt: Instant,
    },
    {
      additionalProperties: false,
      description:
        'The person who was proposed said no, or nothing until answerUntil: the patient stays ' +
        'unidentified',
    },
  ),
  PatientIdentified: Type.Object(
    { ...visit, linkId: Id, identifiedAt: Instant },
    {
      additionalProperties: false,
      description: 'The person agreed: the opening of their visit follows',
    },
  ),
};
