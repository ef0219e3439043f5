import { Type } from '@sinclair/typebox';
import { Entitlement } from '../entitlement';
import { BusinessDate, InstitutionId, PersonId, VisitClass, VisitId } from '../schemas';
import { route } from './route';
import { closed, oneOf } from './shapes';

/** Who is entitled, asked of the region's centre by 1101 and 2001. */
export const entitlementRoutes = {
  askEntitlement: route({
    method: 'POST',
    path: '/identity/persons/{personId}/entitlement',
    action: 'entitlements.ask',
    whose: { person: 'params.personId' },
    summary: 'What the centre answers of a person at a hospital today: 1101, then 2001',
    params: closed({ personId: PersonId }),
    body: closed({
      visitId: VisitId,
      institutionId: InstitutionId,
      careDate: BusinessDate,
      visitClass: VisitClass,
    }),
    responses: {
      200: Type.Union([
        closed({ status: Type.Literal('answered'), entitlement: Entitlement }),
        closed({ status: oneOf('no-answer', 'unset') }),
        closed({ status: Type.Literal('contradiction'), reason: Type.String() }),
      ]),
    },
    problems: ['PERSON_UNKNOWN', 'PERSONAL_DATA_DESTROYED'],
  }),
};
