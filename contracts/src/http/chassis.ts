import { Type } from '@sinclair/typebox';
import { BusinessDate } from '../schemas';
import { Difference } from './agreement';
import { route } from './route';
import { closed, Count, CountBy, Facts, Moment, oneOf, orNull, Why } from './shapes';

const Up = closed({ status: Type.Literal('up') });
const service = { service: Type.String({ minLength: 1, maxLength: 60 }) };
const one = { ...service, id: Type.String({ minLength: 1, maxLength: 200 }) };
const filter = {
  group: Type.Optional(Type.String({ maxLength: 200 })),
  topic: Type.Optional(Type.String({ maxLength: 200 })),
  key: Type.Optional(Type.String({ maxLength: 500 })),
  code: Type.Optional(Type.String({ maxLength: 100 })),
};
const Forgotten = closed({
  group: Type.String(),
  topic: Type.String(),
  partition: Count,
  committed: { ...Count, description: 'Offset that the bus has of the group' },
  handled: { ...Count, description: 'Offset up to which the database has the effects' },
  gone: { ...Count, description: 'Messages in between that the bus no longer keeps' },
});
const ParkedStatus = oneOf('parked', 'replayed', 'discarded');

const summary = {
  id: Type.String(),
  groupName: Type.String(),
  topic: Type.String(),
  partition: Count,
  offsetNo: Count,
  key: Type.String(),
  messageId: orNull(Type.String()),
  code: Type.String(),
  reason: Type.String(),
  traceId: orNull(Type.String()),
  parkedAt: Moment,
  attempts: Count,
  status: ParkedStatus,
  settledAt: orNull(Moment),
  why: orNull(Type.String()),
  holds: Type.Boolean({ description: 'Later messages of its key are parked behind it' }),
  retryAt: { ...orNull(Moment), description: 'When it is tried again without an operator' },
};
const Parked = closed(summary);
const Replayed = closed({ replayed: Count, failed: Count, skipped: Count });
const Correction = closed(
  {
    value: Type.Optional(Type.Unknown({ description: 'The whole value, corrected: JSON' })),
    headers: Type.Optional(
      Type.Record(
        Type.String({ pattern: '^[a-z0-9_-]{1,100}$' }),
        Type.String({ maxLength: 4000 }),
        { description: 'Headers to set, by name' },
      ),
    ),
    why: Type.Optional(Why),
  },
  { description: 'Empty: replay the message as it was. A correction needs its reason, `why`' },
);

/** What every process answers: its health, its backlog and its parked messages. */
export const chassisRoutes = {
  health: route({
    method: 'GET',
    path: '/health',
    action: 'health.read',
    whose: 'public',
    summary:
      'Whether the process is up and reaches its databases and the bus, and which work is degraded',
    responses: {
      200: closed({
        status: oneOf('up', 'degraded'),
        services: Type.Record(Type.String(), oneOf('up', 'degraded')),
        bus: Type.Literal('up'),
        degraded: Type.Optional(
          Type.Array(
            closed({
              service: Type.String(),
              what: Type.String({ description: 'What is degraded: `channel unionpay`' }),
              why: Type.String(),
              since: Moment,
            }),
          ),
        ),
      }),
    },
    problems: ['DATABASE_UNREACHABLE', 'BUS_UNREACHABLE'],
  }),
  live: route({
    method: 'GET',
    path: '/health/live',
    action: 'health.live',
    whose: 'public',
    summary: 'Whether the process answers at all; restart it when not',
    responses: { 200: Up },
    problems: [],
  }),
  ready: route({
    method: 'GET',
    path: '/health/ready',
    action: 'health.ready',
    whose: 'public',
    summary: 'Whether requests may be sent here: started, not stopping, and the databases answer',
    responses: { 200: Up },
    problems: ['NOT_READY', 'DATABASE_UNREACHABLE'],
  }),
  backlog: route({
    method: 'GET',
    path: '/{service}/backlog',
    action: 'backlog.read',
    whose: 'platform',
    unrecorded: true,
    summary: 'What the service still has to do; all zero means quiet',
    params: closed(service),
    responses: { 200: CountBy },
    problems: ['SERVICE_UNKNOWN', 'BUS_UNREACHABLE'],
  }),
  listDifferences: route({
    method: 'GET',
    path: '/{service}/differences',
    action: 'differences.list',
    whose: 'platform',
    summary: 'Visits of which the service and a neighbour know different things, by day',
    params: closed(service),
    query: closed({
      after: Type.Optional(
        Type.String({ maxLength: 300, description: '`next` of the page before' }),
      ),
    }),
    responses: {
      200: closed({ differences: Type.Array(Difference), next: Type.Optional(Type.String()) }),
    },
    problems: ['SERVICE_UNKNOWN'],
  }),
  compare: route({
    method: 'POST',
    path: '/{service}/differences/compare',
    action: 'differences.compare',
    whose: 'platform',
    summary: 'Compare with the neighbours now, all days or one; holds end where they agree',
    params: closed(service),
    body: closed({ day: Type.Optional(BusinessDate) }),
    bodyOptional: true,
    responses: { 200: closed({ days: Count, differences: Count, held: Count }) },
    problems: ['SERVICE_UNKNOWN', 'NEIGHBOUR_UNAVAILABLE'],
  }),
  listPositions: route({
    method: 'GET',
    path: '/{service}/positions',
    action: 'positions.list',
    whose: 'platform',
    unrecorded: true,
    summary: 'Where the bus counts messages as handled that the service’s database does not',
    params: closed(service),
    responses: { 200: closed({ forgotten: Type.Array(Forgotten) }) },
    problems: ['SERVICE_UNKNOWN', 'BUS_UNREACHABLE'],
  }),
  rewind: route({
    method: 'POST',
    path: '/{service}/positions/rewind',
    action: 'positions.rewind',
    whose: 'platform',
    summary: 'Have these messages delivered again; what was handled changes nothing',
    params: closed(service),
    responses: { 200: closed({ rewound: Type.Array(Forgotten) }) },
    problems: ['SERVICE_UNKNOWN', 'BUS_UNREACHABLE', 'REWIND_UNAVAILABLE'],
  }),
  listParked: route({
    method: 'GET',
    path: '/{service}/parked',
    action: 'parked.list',
    whose: 'platform',
    summary: 'Messages that could not be handled, oldest first',
    params: closed(service),
    query: closed({
      status: Type.Optional(ParkedStatus),
      after: Type.Optional(
        Type.String({ maxLength: 500, description: '`next` of the page before' }),
      ),
    }),
    responses: {
      200: closed({ messages: Type.Array(Parked), next: Type.Optional(Type.String()) }),
    },
    problems: ['SERVICE_UNKNOWN'],
  }),
  showParked: route({
    method: 'GET',
    path: '/{service}/parked/{id}',
    action: 'parked.read',
    whose: 'platform',
    summary: 'One parked message with its content',
    params: closed(one),
    responses: {
      200: closed({
        ...summary,
        headers: Type.Record(Type.String(), Type.String()),
        value: Type.String(),
        mended: Type.Unknown({ description: 'What it was replayed with, or null' }),
      }),
    },
    problems: ['SERVICE_UNKNOWN', 'PARKED_UNKNOWN'],
  }),
  replayAllParked: route({
    method: 'POST',
    path: '/{service}/parked/replay',
    action: 'parked.replay-all',
    whose: 'platform',
    summary: 'Handle all parked messages that match again, key by key and each key in order',
    description: 'Answers a line of JSON after every page. To stop, close the connection.',
    params: closed(service),
    body: closed(filter),
    responses: {
      200: Type.Union([Replayed, closed({ stopped: Type.String({ description: 'Error code' }) })]),
    },
    lines: true,
    problems: ['SERVICE_UNKNOWN', 'HANDLER_UNKNOWN'],
  }),
  replayParked: route({
    method: 'POST',
    path: '/{service}/parked/{id}/replay',
    action: 'parked.replay',
    whose: 'platform',
    approval: { when: 'depends', where: 'where it is corrected', shows: ['why'] },
    summary: 'Handle a parked message again, as it was or corrected; the original is kept',
    params: closed(one),
    body: Correction,
    bodyOptional: true,
    responses: { 200: Replayed },
    problems: [
      'SERVICE_UNKNOWN',
      'PARKED_UNKNOWN',
      'PARKED_CLOSED',
      'HANDLER_UNKNOWN',
      'CONTRACT_BROKEN',
    ],
  }),
  discardParked: route({
    method: 'POST',
    path: '/{service}/parked/{id}/discard',
    action: 'parked.discard',
    whose: 'platform',
    summary: 'Give a parked message up, with a reason that is kept',
    params: closed(one),
    body: closed({ why: Why }),
    responses: { 200: Parked },
    problems: ['SERVICE_UNKNOWN', 'PARKED_UNKNOWN', 'PARKED_CLOSED'],
  }),
  metrics: route({
    method: 'GET',
    path: '/metrics',
    action: 'metrics.read',
    whose: 'public',
    summary: 'Metrics in the text format of Prometheus',
    responses: { 200: Type.String() },
    contentType: 'text/plain',
    problems: [],
  }),
  docs: route({
    method: 'GET',
    path: '/docs',
    action: 'docs.read',
    whose: 'public',
    summary: 'This API as a page, with links to both documents',
    responses: { 200: Type.String() },
    contentType: 'text/html',
    problems: [],
  }),
  openapi: route({
    method: 'GET',
    path: '/docs/openapi.json',
    action: 'docs.openapi',
    whose: 'public',
    summary: 'This API as OpenAPI 3.1',
    responses: { 200: Facts },
    problems: [],
  }),
  asyncapi: route({
    method: 'GET',
    path: '/docs/asyncapi.yaml',
    action: 'docs.asyncapi',
    whose: 'public',
    summary: 'The topics and events as AsyncAPI 3',
    responses: { 200: Type.String() },
    contentType: 'application/yaml',
    problems: [],
  }),
};
