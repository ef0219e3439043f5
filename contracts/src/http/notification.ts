import { Type } from '@sinclair/typebox';
import { Id, PersonId, VisitId } from '../schemas';
import { route } from './route';
import { closed, Count, CountBy, Moment, oneOf, orNull } from './shapes';

const preference = {
  language: oneOf('zh', 'en'),
  channels: Type.Array(Type.Literal('email'), { maxItems: 1, description: 'Empty: no notices' }),
};

export const notificationRoutes = {
  visitNotices: route({
    method: 'GET',
    path: '/notification/visits/{visitId}',
    action: 'notices.read',
    access: 'operator',
    summary: 'Every notice about a visit, and whether it was delivered',
    params: closed({ visitId: VisitId }),
    responses: {
      200: closed({
        visitId: VisitId,
        notices: Type.Array(
          closed({
            noticeId: Id,
            recipientId: Type.String(),
            channel: oneOf('email', 'webhook'),
            template: Type.String(),
            facts: Type.Record(
              Type.String(),
              Type.Union([Type.String(), Type.Number(), Type.Null()]),
            ),
            status: oneOf('pending', 'sending', 'sent', 'failed', 'unconfirmed', 'skipped'),
            reason: orNull(Type.String()),
            attempts: Count,
            occurredAt: Moment,
            sentAt: orNull(Moment),
          }),
        ),
      }),
    },
    problems: [],
  }),
  summary: route({
    method: 'GET',
    path: '/notification/summary',
    action: 'notices.summarise',
    access: 'operator',
    summary: 'Notices by status and by template',
    responses: {
      200: closed({
        notices: Count,
        byStatus: CountBy,
        byTemplate: Type.Record(Type.String(), CountBy),
      }),
    },
    problems: [],
  }),
  setPreference: route({
    method: 'PUT',
    path: '/notification/preferences/{personId}',
    action: 'preferences.set',
    access: 'operator',
    summary: 'In which language and by which channels a person receives notices',
    params: closed({ personId: PersonId }),
    body: closed(preference),
    responses: { 200: closed({ personId: PersonId, ...preference }) },
    problems: [],
  }),
};
