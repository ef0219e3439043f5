import { Type } from '@sinclair/typebox';
import { route } from './route';
import { closed, Facts, Moment, oneOf, Why } from './shapes';

const service = { service: Type.String({ minLength: 1, maxLength: 60 }) };
const Approval = closed({
  approvalId: Type.String(),
  action: Type.String(),
  institution: Type.Optional(Type.String({ description: 'Whose thing it is about' })),
  person: Type.Optional(Type.String()),
  params: { ...Facts, description: 'Of the path: ids of what it is about' },
  about: {
    ...Facts,
    description: 'Of the body, what may be shown; no longer kept once the approval is over',
  },
  state: oneOf('open', 'given', 'refused', 'used', 'expired'),
  requestedBy: Type.String(),
  requestedAt: Moment,
  expiresAt: Moment,
  decidedBy: Type.Optional(Type.String()),
  decidedAt: Type.Optional(Moment),
  why: Type.Optional(Type.String()),
  usedAt: Type.Optional(Moment),
  outcome: Type.Optional(
    Type.String({ description: '`done`, or the code by which the request was refused then' }),
  ),
});

/** What needs two persons: what one asked for, and another gives or refuses. */
export const approvalRoutes = {
  listApprovals: route({
    method: 'GET',
    path: '/{service}/approvals',
    action: 'approvals.list',
    whose: 'platform',
    summary: 'Requests of the service that need an approval, the latest first: at most 100',
    description: 'Those that the caller asked for, and those that the caller could approve.',
    params: closed(service),
    query: closed({
      state: Type.Optional(oneOf('open', 'all')),
      after: Type.Optional(
        Type.String({ maxLength: 500, description: '`next` of the page before' }),
      ),
    }),
    responses: {
      200: closed({ approvals: Type.Array(Approval), next: Type.Optional(Type.String()) }),
    },
    problems: ['SERVICE_UNKNOWN'],
  }),
  decideApproval: route({
    method: 'POST',
    path: '/{service}/approvals/{id}',
    action: 'approvals.decide',
    whose: 'platform',
    summary: 'Give or refuse an approval; by another person, signed in with a second factor',
    description: 'What was given may be refused until it is used. A refusal is for good.',
    params: closed({ ...service, id: Type.String({ minLength: 1, maxLength: 200 }) }),
    body: Type.Union([
      closed({ decision: Type.Literal('give') }),
      closed({ decision: Type.Literal('refuse'), why: Why }),
    ]),
    responses: { 200: Approval },
    problems: [
      'SERVICE_UNKNOWN',
      'APPROVAL_UNKNOWN',
      'APPROVAL_SAME_SUBJECT',
      'APPROVAL_REFUSED',
      'APPROVAL_USED',
      'APPROVAL_EXPIRED',
    ],
  }),
};
