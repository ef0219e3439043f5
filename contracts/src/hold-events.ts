import { Type } from '@sinclair/typebox';
import { Fen, Id, InstitutionId, PersonId, VisitId } from './schemas';

const visit = { visitId: VisitId, institutionId: InstitutionId, personId: PersonId };

/** Of `visit-ledger.visits`: what the ledger asks of a hold, or gives back of it. */
export const holdEvents = {
  HoldIncreaseRequested: Type.Object(
    { ...visit, requestId: Id, neededFen: Fen, wantedFen: Fen },
    {
      additionalProperties: false,
      description:
        'The hold must reach neededFen and should reach wantedFen (both: the whole hold)',
    },
  ),
  HoldLowered: Type.Object(
    { ...visit, heldFen: Fen },
    {
      additionalProperties: false,
      description:
        'The hospital said that less is coming: the ledger decides within heldFen from here on, and ' +
        'the rest of the hold is free. An increase that was asked for before counts no more',
    },
  ),
};
