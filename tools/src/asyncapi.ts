import { stringify } from 'yaml';
import type { CataloguedTopic } from './catalogue';
import { schemaOf } from './json-schemas';

export const asyncapiPath = 'contracts/generated/asyncapi.yaml';
/** Written by hand; a test holds them to the schemas. */
export const examplesPath = 'contracts/examples/messages.json';

/** A message as it may stand on the bus. */
export interface Example {
  readonly id: string;
  readonly source: string;
  readonly time: string;
  readonly causedBy?: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** By `<export of the topic>.<event>`. */
export type Examples = Readonly<Record<string, Example>>;

/** Where a partner connects. The operator of a real platform gives its addresses. */
const servers = {
  platform: {
    host: '{bootstrap}',
    protocol: 'kafka-secure',
    description:
      'Apache Kafka of a platform that runs for real: TLS, and a name and password of ' +
      'your own. You may write and read what was agreed, nothing else.',
    variables: {
      bootstrap: {
        description: 'Host and port of a broker, as the operator tells',
        examples: ['kafka.caretab.example:9093'],
      },
    },
    security: [{ $ref: '#/components/securitySchemes/saslScram' }],
    bindings: { kafka: { bindingVersion: '0.5.0' } },
  },
  trial: {
    host: '127.0.0.1:9092',
    protocol: 'kafka',
    description:
      'A broker for trials on this machine (npm run caretab -- kafka): no TLS, no password.',
    bindings: { kafka: { bindingVersion: '0.5.0' } },
  },
};

const text = (description: string, more: object = {}): object => ({
  type: 'string',
  description,
  ...more,
});

const cloudEventHeaders = {
  type: 'object',
  description: 'CloudEvents 1.0 in Kafka binary mode, with the trace of W3C.',
  required: ['ce_specversion', 'ce_id', 'ce_type', 'ce_source', 'ce_time', 'content-type'],
  properties: {
    ce_specversion: { const: '1.0' },
    ce_id: text('Unique per event and the same on every retry: a repetition is recognised by it'),
    ce_type: text('The event, as its message is named'),
    ce_source: text('The service, or hospital/<institution id>'),
    ce_time: text('When it happened', { format: 'date-time' }),
    ce_causationid: text('The event that caused this one'),
    ce_signature: text(
      'That an author of the topic wrote it; how it is made: integration-events.md',
      {
        pattern: '^[A-Za-z0-9_/-]{1,60}\\.[A-Za-z0-9_-]{96,1420}$',
      },
    ),
    'content-type': { const: 'application/json' },
    traceparent: text('W3C trace context'),
  },
};

const messageId = (entry: CataloguedTopic, event: string): string => `${entry.exportName}.${event}`;
const channelRef = (entry: CataloguedTopic): object => ({ $ref: `#/channels/${entry.exportName}` });
const messageRefs = (entry: CataloguedTopic, events: readonly string[]): object[] =>
  events.map((event) => ({ $ref: `#/channels/${entry.exportName}/messages/${event}` }));

const PARAMETERS = {
  payerId: {
    description: 'The insurer; each has a topic of its own and sees nothing of another',
    examples: ['city-employee', 'city-resident', 'evergreen-health'],
  },
  institutionId: {
    description: 'The hospital; each has a topic of its own, to which no other may write',
    examples: ['HZ003'],
  },
} as const;

const parametersOf = (address: string): object => {
  const used = Object.entries(PARAMETERS).filter(([name]) => address.includes(`{${name}}`));
  return used.length > 0 ? { parameters: Object.fromEntries(used) } : {};
};

const channelOf = (entry: CataloguedTopic): object => ({
  address: entry.address,
  description: entry.topic.description,
  'x-authors': entry.topic.authors,
  ...parametersOf(entry.address),
  messages: Object.fromEntries(
    Object.keys(entry.topic.events).map((event) => [
      event,
      { $ref: `#/components/messages/${messageId(entry, event)}` },
    ]),
  ),
  bindings: {
    kafka: {
      partitions: entry.topic.partitions,
      topicConfiguration: { 'cleanup.policy': ['delete'], 'retention.ms': entry.topic.retentionMs },
      bindingVersion: '0.5.0',
    },
  },
});

/** Headers and value as they go over the wire, so that an example can be sent as it stands. */
const exampleOf = (
  entry: CataloguedTopic,
  event: string,
  { id, source, time, causedBy, data }: Example,
): object => ({
  name: event,
  summary: `The message key is ${String(data[entry.topic.keyField])}`,
  headers: {
    ce_specversion: '1.0',
    ce_id: id,
    ce_type: event,
    ce_source: source,
    ce_time: time,
    ...(causedBy && { ce_causationid: causedBy }),
    'content-type': 'application/json',
  },
  payload: data,
});

/** The key's own rules, as the field has them. */
const keyOf = (entry: CataloguedTopic, event: string): object => {
  const { description: _, ...rules } = {
    ...(entry.topic.events[event]!.properties[entry.topic.keyField] as object & {
      description?: string;
    }),
  };
  return { ...rules, description: `The field ${entry.topic.keyField} of the data` };
};

const messageOf = (
  entry: CataloguedTopic,
  event: string,
  example: Example | undefined,
): object => ({
  name: event,
  title: event,
  ...(entry.topic.events[event]!.description && {
    summary: entry.topic.events[event]!.description,
  }),
  contentType: 'application/json',
  headers: {
    allOf: [
      { $ref: '#/components/schemas/CloudEventHeaders' },
      { type: 'object', properties: { ce_type: { const: event } } },
    ],
  },
  payload: {
    schemaFormat: 'application/schema+json;version=draft-2020-12',
    schema: schemaOf(entry, event),
  },
  bindings: { kafka: { key: keyOf(entry, event), bindingVersion: '0.5.0' } },
  ...(example && { examples: [exampleOf(entry, event, example)] }),
});

/** One `send` per publisher and one `receive` per consumer group, as the code declares them. */
const operationsOf = (entry: CataloguedTopic): readonly (readonly [string, object])[] => {
  const events = Object.keys(entry.topic.events);
  const sends = entry.publishers.map(
    (service) =>
      [
        `${service}.publishes.${entry.exportName}`,
        {
          action: 'send',
          title: `${service} publishes ${entry.address}`,
          channel: channelRef(entry),
          messages: messageRefs(entry, events),
          tags: [{ name: service }],
        },
      ] as const,
  );
  const receives = entry.consumptions.map(
    (consumption) =>
      [
        `${consumption.group}.consumes.${entry.exportName}`,
        {
          action: 'receive',
          title: `${consumption.group} consumes ${entry.address}`,
          channel: channelRef(entry),
          messages: messageRefs(entry, consumption.handled ?? events),
          tags: [{ name: consumption.group.split('.')[0] }],
          bindings: {
            kafka: {
              groupId: { type: 'string', enum: [consumption.group] },
              bindingVersion: '0.5.0',
            },
          },
        },
      ] as const,
  );
  return [...sends, ...receives];
};

/** The whole platform's AsyncAPI 3 document as an object. */
export const asyncapiOf = (
  topics: readonly CataloguedTopic[],
  version: string,
  examples: Examples,
): object => ({
  asyncapi: '3.0.0',
  info: {
    title: 'CareTab',
    version,
    description:
      'Topics, events and who publishes and consumes them. A hospital sends to ' +
      'its own topic, an insurer receives its own settlements; operations are ' +
      "the platform's own. Generated from contracts/ and the services' code by `npm " +
      'run generate`.',
    license: { name: 'Apache-2.0' },
  },
  defaultContentType: 'application/json',
  servers,
  channels: Object.fromEntries(topics.map((entry) => [entry.exportName, channelOf(entry)])),
  operations: Object.fromEntries(topics.flatMap(operationsOf)),
  components: {
    messages: Object.fromEntries(
      topics.flatMap((entry) =>
        Object.keys(entry.topic.events).map((event) => [
          messageId(entry, event),
          messageOf(entry, event, examples[messageId(entry, event)]),
        ]),
      ),
    ),
    schemas: { CloudEventHeaders: cloudEventHeaders },
    securitySchemes: {
      saslScram: { type: 'scramSha512', description: 'SASL SCRAM-SHA-512 over TLS' },
    },
  },
});

export const asyncapiText = (
  topics: readonly CataloguedTopic[],
  version: string,
  examples: Examples,
): string =>
  stringify(asyncapiOf(topics, version, examples), { lineWidth: 0, aliasDuplicateObjects: false });
