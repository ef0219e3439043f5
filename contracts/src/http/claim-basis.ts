import { Type } from '@sinclair/typebox';
import { Resettlement } from '../resettlement';
import { Fen, Id } from '../schemas';
import { closed, Moment, oneOf } from './shapes';

export const ClaimCause = closed(
  {
    what: oneOf('charges', 'requests', 'visit'),
    eventId: Id,
    recordedAt: Moment,
    charges: Type.Array(closed({ chargeId: Id, beforeFen: Fen, afterFen: Fen }), { maxItems: 50 }),
    chargesChanged: Type.Integer({ minimum: 0, description: 'All, also beyond the 50 named' }),
    requests: Type.Optional(
      Type.Array(Resettlement, { description: 'Of insurers, whose charges are as they were' }),
    ),
  },
  {
    description:
      'Why a claim was settled again: charges that came late (0 before), were credited (0 after) ' +
      'or in part, or else what is known of the visit',
  },
);
export const ClaimInputs = closed(
  {
    catalogue: Type.String({ description: 'Content hash of the catalogue' }),
    tables: Type.String({ description: 'Content hash of the tables of plans' }),
    plans: Type.Array(
      closed({
        ...{ planId: Id, psnType: Type.String(), year: Type.Integer() },
        benefit: oneOf('outpatient', 'inpatient'),
        ...{ deductibleUsedFen: Fen, inScopeUsedFen: Fen, fundUsedFen: Fen },
        personalAccountFen: Fen,
        used: Type.Optional(Type.Array(closed({ key: Type.String(), value: Type.Integer() }))),
      }),
    ),
  },
  {
    description:
      'What the verdict stood on: person type, and what was used before it in the year (5206). ' +
      'Later revisions stand on the same; versions of documents are in the coverage',
  },
);
