import { Type } from '@sinclair/typebox';
import { Instant, PersonId } from '../schemas';
import { Anchors } from './proof';
import { route } from './route';
import { closed, Count, Moment, oneOf, orNull } from './shapes';

const service = { service: Type.String({ minLength: 1, maxLength: 60 }) };
const After = Type.Optional(
  Type.String({ pattern: '^[0-9]{1,15}$', description: '`next` of the page before' }),
);

const AccessRecord = closed({
  position: { ...Count, description: 'Of the service: 1, 2, 3, none left out' },
  at: Moment,
  subject: Type.String({ description: '`unknown`: no credential that is known; `several`: many' }),
  roles: Type.String({ description: 'Each with whom it is for: `Desk(institution=HZ001)`' }),
  through: Type.Optional(
    Type.String({ description: 'The service that asked in the subject’s place' }),
  ),
  action: Type.String(),
  institution: Type.Optional(Type.String({ description: 'Whose thing it was' })),
  person: Type.Optional(Type.String({ description: 'The personId of whose thing it was' })),
  thing: Type.Optional(Type.String({ description: 'Ids of the path; an ID number is masked' })),
  outcome: oneOf('allowed', 'refused'),
  policies: Type.String({ description: 'Ids of the policies that permitted it' }),
  purpose: Type.Optional(Type.String({ description: 'As who asked said it' })),
  approval: Type.Optional(Type.String()),
  approvedBy: Type.Optional(Type.String()),
  address: Type.Optional(Type.String({ description: 'From where the request came' })),
  trace: Type.Optional(Type.String()),
  times: { ...Count, description: 'So many refusals of one minute are one record' },
  previous: Type.String({ description: 'The hash of the record before' }),
  hash: Type.String({ description: 'Over this record and the hash before' }),
});

/** As the person sees it whose data it was: an office and no name of who works there. */
const Look = closed({
  reference: Type.String({ description: 'By which the audit administrator finds the record' }),
  at: Moment,
  action: Type.String(),
  by: Type.Array(
    closed({
      kind: Type.String(),
      institution: Type.Optional(Type.String()),
      payer: Type.Optional(Type.String()),
    }),
    { description: 'What the one who looked is for, and for whom' },
  ),
  outcome: oneOf('allowed', 'refused'),
  purpose: Type.Optional(Type.String()),
  approved: Type.Boolean({ description: 'A second person approved it' }),
  thing: Type.Optional(Type.String()),
});
export const Looks = closed({ records: Type.Array(Look), next: Type.Optional(Type.String()) });

/** Who did what to whose, of every service. */
export const accessRecordRoutes = {
  listAccessRecords: route({
    method: 'GET',
    path: '/{service}/access-records',
    action: 'access-records.list',
    whose: 'platform',
    summary: 'Who did what to whose, the latest first: at most 100',
    description:
      'Everything that is named must fit. Records hold ids and never what was read or written.',
    params: closed(service),
    query: closed({
      person: Type.Optional(PersonId),
      subject: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
      action: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
      outcome: Type.Optional(oneOf('allowed', 'refused')),
      since: Type.Optional(Instant),
      until: Type.Optional(Instant),
      order: Type.Optional(oneOf('latest', 'oldest')),
      after: After,
    }),
    responses: {
      200: closed({ records: Type.Array(AccessRecord), next: Type.Optional(Type.String()) }),
    },
    problems: ['SERVICE_UNKNOWN'],
  }),
  verifyAccessRecords: route({
    method: 'GET',
    path: '/{service}/access-records/proof',
    action: 'access-records.verify',
    whose: 'platform',
    summary: 'Whether a record of access was changed, dropped or moved',
    description:
      'Answers a line of JSON as it goes on; the last one is the report, or why it stopped.',
    params: closed(service),
    responses: {
      200: Type.Union([
        closed({ checked: Count }),
        closed({
          records: Count,
          from: { ...Count, description: 'The first position that is kept; 0: there is none' },
          upTo: Count,
          intact: Type.Boolean(),
          faults: Type.Array(
            closed({
              kind: {
                ...oneOf('changed', 'missing', 'unchained', 'head'),
                description:
                  'changed: the record is another than its hash says; missing: positions are left ' +
                  'out before it; unchained: it does not follow the one before; head: the last one ' +
                  'is not where the next one begins',
              },
              position: Count,
            }),
            { description: 'The first hundred' },
          ),
          anchors: orNull(Anchors),
        }),
        closed({ stopped: Type.String({ description: 'Error code' }) }),
      ]),
    },
    lines: true,
    problems: ['SERVICE_UNKNOWN'],
  }),
  personAccessRecords: route({
    method: 'GET',
    path: '/{service}/access-records/of/{personId}',
    action: 'person-access-records.list',
    whose: { person: 'params.personId' },
    unrecorded: true,
    summary: 'Who looked at a person’s data in the service, the latest first: at most 100',
    params: closed({ ...service, personId: PersonId }),
    query: closed({ after: After }),
    responses: { 200: Looks },
    problems: ['SERVICE_UNKNOWN'],
  }),
};
