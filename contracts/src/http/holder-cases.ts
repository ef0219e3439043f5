import { Type } from '@sinclair/typebox';
import { HolderFinding } from '../holder';
import { InstitutionId, VisitId } from '../schemas';
import { route } from './route';
import { closed, Count, Moment, oneOf, Why } from './shapes';

/** In an answer to what was accepted. */
export const HolderDiffers = Type.Array(HolderFinding, {
  description: "Accepted by the institution's profile, although this is not as it is registered",
});

const Status = oneOf('open', 'closed');
const range = {
  status: Type.Optional(Status),
  after: Type.Optional(
    Type.String({ minLength: 1, maxLength: 160, description: '`next` of the page before' }),
  ),
};
const Page = closed({
  cases: Type.Array(
    closed({
      visitId: VisitId,
      fields: Type.Array(HolderFinding),
      messageId: Type.String({ description: "The hospital's own message that said so first" }),
      foundAt: Moment,
      status: Status,
      closedAt: Type.Optional(Moment),
      why: Type.Optional(Type.String()),
    }),
    { description: 'Oldest first, at most 100' },
  ),
  next: Type.Optional(Type.String({ description: 'Cursor of the next page' })),
});
const description =
  'Without a status those that are open. Names of fields, and no value. `newborn`: a newborn came ' +
  "under another's credential.";

export const ownHolderCaseRoutes = {
  listOwnHolderCases: route({
    method: 'GET',
    path: '/v1/holder-cases',
    action: 'own-holder-cases.list',
    whose: 'scoped',
    summary: "The hospital's visits that were accepted with a holder who is registered otherwise",
    description,
    query: closed(range),
    responses: { 200: Page },
    problems: ['IDENTITY_UNAVAILABLE', 'OVERLOADED'],
  }),
};

export const holderCaseRoutes = {
  listHolderCases: route({
    method: 'GET',
    path: '/gateway/holder-cases',
    action: 'holder-cases.list',
    whose: { institution: 'query.institutionId' },
    summary: 'Visits that were accepted with a holder who is registered otherwise',
    description,
    query: closed({
      institutionId: Type.Optional(InstitutionId),
      visitId: Type.Optional(VisitId),
      ...range,
    }),
    responses: { 200: Page },
    problems: [],
  }),
  closeHolderCases: route({
    method: 'POST',
    path: '/gateway/holder-cases/close',
    action: 'holder-cases.close',
    whose: { visit: 'body.visitId' },
    summary: "Close a visit's cases of its holder, with a reason that is kept",
    body: closed({ visitId: VisitId, why: Why }),
    responses: { 200: closed({ visitId: VisitId, closed: Count }) },
    problems: [],
  }),
};
