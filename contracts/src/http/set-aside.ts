import { Type } from '@sinclair/typebox';
import { FreeText } from '../free-text';
import { InstitutionId, VisitId } from '../schemas';
import { route } from './route';
import { closed, Count, Moment, oneOf, orNull } from './shapes';

const Stream = Type.String({ pattern: '^visit-[A-Za-z0-9._/~-]{1,80}$' });
const SetAside = closed({
  stream: Stream,
  visitId: Type.String(),
  store: Type.String(),
  kind: oneOf('foreign', 'forged', 'truncated', 'deleted'),
  revision: { ...Count, description: 'The first event that is not ours, or is missing' },
  position: Type.String(),
  digest: Type.String({ description: 'SHA-256 of the content that was found, in hex' }),
  foundAt: Moment,
  institutionId: orNull(InstitutionId),
  continuedIn: orNull({ ...Stream, description: 'null while the visit stands aside' }),
});

/** Visits whose log cannot be used, and how they go on. */
export const setAsideRoutes = {
  listSetAside: route({
    method: 'GET',
    path: '/visit-ledger/set-aside',
    action: 'set-aside.list',
    whose: 'platform',
    summary: 'Visits whose streams hold what we did not write, or miss what we did; 100 a page',
    query: closed({ after: Type.Optional(Stream) }),
    responses: { 200: closed({ setAside: Type.Array(SetAside), next: Type.Optional(Stream) }) },
    problems: [],
  }),
  resume: route({
    method: 'POST',
    path: '/visit-ledger/visits/{visitId}/resumption',
    action: 'set-aside.resume',
    whose: { visit: 'params.visitId' },
    summary: 'A visit that is set aside goes on: in its restored stream, or in a new one',
    params: closed({ visitId: VisitId }),
    body: closed({
      reason: FreeText({ minLength: 3, maxLength: 300, pattern: '\\S' }),
      leavesOut: Type.Optional(
        Type.Array(Type.Integer({ minimum: 0 }), {
          maxItems: 1000,
          description: 'Revisions that the visit goes on without; a restored stream needs none',
        }),
      ),
    }),
    responses: {
      200: closed({
        visitId: VisitId,
        stream: Stream,
        events: { ...Count, description: 'Facts that are in effect' },
      }),
    },
    problems: ['VISIT_NOT_SET_ASIDE', 'FACTS_LEFT_OUT', 'EVENT_STORE_UNAVAILABLE'],
  }),
};
