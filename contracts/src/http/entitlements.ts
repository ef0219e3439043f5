import { Type } from '@sinclair/typebox';
import { Entitlement } from '../entitlement';
import { BusinessDate, InstitutionId, PersonId, VisitClass, VisitId } from '../schemas';
import { route } from './route';
import { CentreDoubt } from './centre-orders';
import { closed, oneOf } from './shapes';

const Stamp = Type.String({
  pattern: '^\\d{18}$',
  description: 'Of a msgid, behind the code of the institution: yyyyMMddHHmmss and four digits',
});
const Said = Type.Record(Type.String({ maxLength: 40 }), Type.String({ maxLength: 500 }));
const msgid = Type.String();

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
  callCentre: route({
    method: 'POST',
    path: '/identity/persons/{personId}/centre-calls',
    action: 'centre-calls.make',
    whose: { person: 'params.personId' },
    summary: 'One message about settlements to the centre; who the person is, is filled in here',
    params: closed({ personId: PersonId }),
    body: closed({
      institutionId: InstitutionId,
      infno: oneOf('2207', '2208', '2304', '2305', '2601', '5203'),
      stamp: Type.Optional(Stamp),
      undoes: Type.Optional({ ...Stamp, description: 'Of 2601: the message that it undoes' }),
      data: Said,
    }),
    responses: {
      200: Type.Union([
        closed({
          status: Type.Literal('answered'),
          msgid,
          settlements: Type.Array(Said, { description: 'setlinfo, without who the person is' }),
        }),
        closed({ status: Type.Literal('refused'), msgid, infcode: Type.String() }),
        closed({
          status: oneOf('not-believed', 'not-sent'),
          msgid,
          doubts: Type.Array(CentreDoubt),
        }),
        closed({ status: Type.Literal('unknown'), msgid, why: Type.String() }),
      ]),
    },
    problems: ['PERSON_UNKNOWN', 'PERSONAL_DATA_DESTROYED'],
  }),
};
