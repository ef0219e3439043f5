import { Type } from '@sinclair/typebox';
import { Fen, Id, VisitId } from '../schemas';
import { decided } from './payment-cases';
import { VisitPayment } from './payment-shapes';
import { route } from './route';
import { closed, Moment, oneOf, orNull } from './shapes';

const Reason = oneOf('COLLECTION_ENDED', 'DECEASED', 'INSOLVENT', 'UNTRACEABLE', 'TOO_SMALL');
const Movement = closed({
  movementId: Id,
  visitId: VisitId,
  kind: oneOf('written-off', 'recovered', 'revised'),
  amountFen: Fen,
  reason: orNull(Reason),
  evidence: orNull(Type.String()),
  declaredBy: orNull(Type.String()),
  approvedBy: orNull(Type.String()),
  orderId: orNull(Id),
  at: Moment,
});

/** Dues that cannot be collected: out of the books, still owed. */
export const writeOffRoutes = {
  writeOff: route({
    method: 'POST',
    path: '/payment/visits/{visitId}/write-off',
    action: 'write-offs.make',
    whose: { visit: 'params.visitId' },
    approval: { when: 'always', shows: ['amountFen', 'reason', 'evidence'] },
    summary: 'Write off what cannot be collected of a visit, decided by two people',
    description:
      'Only of a visit whose collection finally failed, and all that is owed of it. The person is ' +
      'asked for it no more, still owes it, and can pay it: a later payment is a recovery.',
    params: closed({ visitId: VisitId }),
    body: closed({
      ...decided,
      amountFen: { ...Fen, minimum: 1, description: 'What is owed, as the visit says it' },
      reason: Reason,
    }),
    responses: { 200: VisitPayment },
    problems: ['VISIT_UNKNOWN', 'WRITE_OFF_IMPOSSIBLE', 'WRITE_OFF_DIFFERS'],
  }),
  listWriteOffs: route({
    method: 'GET',
    path: '/payment/write-offs',
    action: 'write-offs.list',
    whose: 'platform',
    summary: 'What was written off, and what of it was recovered, the oldest first, at most 100',
    query: closed({
      visitId: Type.Optional(VisitId),
      after: Type.Optional(
        Type.String({ maxLength: 200, description: '`next` of the page before' }),
      ),
    }),
    responses: {
      200: closed({ movements: Type.Array(Movement), next: Type.Optional(Type.String()) }),
    },
    problems: ['REQUEST_INVALID'],
  }),
};
