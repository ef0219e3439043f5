import { Type } from '@sinclair/typebox';
import { Instant, VisitId } from '../schemas';
import { route } from './route';
import { closed, Count, oneOf, orNull } from './shapes';

export const Position = Type.String({
  pattern: '^\\d{1,18}$',
  description: 'Place in the order of all',
});

const AnchorFault = closed({
  kind: {
    ...oneOf('rewritten', 'shorter', 'fork', 'refused', 'behind', 'away', 'forgotten'),
    description:
      'rewritten: the events up to the anchor are others than it says; shorter: the log ends before ' +
      'it; fork: two anchors contradict each other; refused: no signature of a known key, or not ' +
      'whole; behind: the place lost what another has; away: the place cannot be read; forgotten: ' +
      'the log has no more what it should keep',
  },
  place: Type.String({ description: 'Where the anchor is kept' }),
  size: orNull({ ...Count, description: 'Events that the anchor covers' }),
  after: orNull(Position),
  upTo: orNull(Position),
});

/** What the signed checkpoints outside of the database say of the log. */
export const Anchors = closed({
  anchored: { ...Count, description: 'Of the events in question, how many an anchor covers' },
  places: Type.Array(closed({ place: Type.String(), size: orNull(Count) })),
  faults: Type.Array(AnchorFault),
});

const proof = {
  anchors: orNull(Anchors),
  events: Count,
  intact: Type.Boolean(),
  faults: Type.Array(
    closed({
      kind: oneOf('gap', 'content', 'foreign', 'forged', 'truncated', 'deleted'),
      stream: Type.String(),
      revision: Type.Integer(),
      position: Position,
    }),
  ),
};

const TopicFault = closed({
  kind: {
    ...oneOf('unsigned', 'forged', 'changed', 'missing'),
    description:
      'unsigned: no author of the topic signed it as it is; forged: it is signed by the ledger, and ' +
      'the log has no such fact; changed: the fact says something else; missing: the fact was ' +
      'published, and is not on the topic',
  },
  visitId: Type.String({ description: 'The key of the message' }),
  messageId: Type.String({ description: 'Of the message, and of the event that it reports' }),
  stream: orNull(Type.String()),
  revision: orNull(Type.Integer()),
  partition: orNull(Type.Integer()),
  offset: orNull(Type.String()),
  fields: Type.Array(Type.String({ description: 'Names of what differs, and no values' })),
});

export const proofRoutes = {
  proofOfTopic: route({
    method: 'GET',
    path: '/visit-ledger/topics/proof',
    action: 'topics.verify',
    whose: 'platform',
    summary: "Compares the ledger's topic with the log, message by message, in both directions",
    description:
      'Answers a line of JSON as it goes on; the last one is the report, or why it stopped. What ' +
      'reads the topic reads all that it holds.',
    query: closed({
      since: Type.Optional({
        ...Instant,
        description:
          'Facts recorded before need not be there: the topic is younger than its retention',
      }),
    }),
    responses: {
      200: Type.Union([
        closed({ checked: Count }),
        closed({
          topic: Type.String(),
          messages: { ...Count, description: 'On the topic' },
          facts: { ...Count, description: 'In the log, that have to be there' },
          since: Instant,
          aside: {
            ...Count,
            description: 'Messages of visits that are or were set aside: compared with nothing',
          },
          intact: Type.Boolean(),
          faultsFound: Count,
          faults: Type.Array(TopicFault, { description: 'The first hundred' }),
        }),
        closed({ stopped: Type.String({ description: 'Error code' }) }),
      ]),
    },
    lines: true,
    problems: ['EVENT_STORE_UNAVAILABLE'],
  }),
  proof: route({
    method: 'GET',
    path: '/visit-ledger/visits/{visitId}/proof',
    action: 'ledger-visits.verify',
    whose: { visit: 'params.visitId' },
    summary: 'Verifies the chain of one visit: whether a fact was changed, dropped or moved',
    params: closed({ visitId: VisitId }),
    responses: { 200: closed({ visitId: VisitId, ...proof }) },
    problems: ['VISIT_UNKNOWN', 'EVENT_STORE_UNAVAILABLE'],
  }),
  eventProof: route({
    method: 'GET',
    path: '/visit-ledger/visits/{visitId}/events/{revision}/proof',
    action: 'ledger-visits.prove',
    whose: { visit: 'params.visitId' },
    summary: 'What proves one event with the public key of the log alone, once an anchor covers it',
    params: closed({ visitId: VisitId, revision: Type.String({ pattern: '^\\d{1,9}$' }) }),
    responses: {
      200: closed({
        stream: Type.String(),
        revision: Count,
        position: Position,
        id: Type.String({ description: 'Of the event' }),
        type: Type.String(),
        data: Type.String({ description: 'JSON, byte for byte as it was recorded' }),
        metadata: Type.String({ description: 'The same' }),
        recordedAtMs: Count,
        previousHash: Type.String({ description: 'Of the event before, base64' }),
        inclusion: orNull(
          closed({
            index: { ...Count, description: 'Place in the tree' },
            way: Type.Array(Type.String({ description: 'A hash beside the way to the root' })),
            note: Type.String({ description: 'The signed checkpoint' }),
          }),
        ),
      }),
    },
    problems: ['VISIT_UNKNOWN', 'EVENT_STORE_UNAVAILABLE'],
  }),
  proofOfAll: route({
    method: 'GET',
    path: '/visit-ledger/proof',
    action: 'ledger.verify',
    whose: 'platform',
    summary: 'Verifies every chain and the order of all facts; keep the seal, ask again up to it',
    query: closed({
      until: Type.Optional(
        Type.String({
          pattern: '^\\d{1,18}$',
          description: 'Position up to which the seal is made',
        }),
      ),
    }),
    responses: {
      200: closed({
        ...proof,
        knownFaults: {
          ...Count,
          description: 'Of streams that were set aside and whose visits go on in others',
        },
        streams: Count,
        head: Position,
        seal: Type.String(),
      }),
    },
    problems: ['EVENT_STORE_UNAVAILABLE'],
  }),
};
