import { stringify } from 'yaml';
import type { CataloguedTopic } from './catalogue';

export const asyncapiPath = 'contracts/generated/asyncapi.yaml';

const text = (description: string, more: object = {}): object => ({ type: 'string', description, ...more });

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
    'content-type': { const: 'application/json' },
    traceparent: text('W3C trace context'),
  },
};

const messageId = (entry: CataloguedTopic, event: string): string => `${entry.exportName}.${event}`;
const channelRef = (entry: CataloguedTopic): object => ({ $ref: `#/channels/${entry.exportName}` });
const messageRefs = (entry: CataloguedTopic, events: readonly string[]): object[] => events.map((event) => ({ $ref: `#/channels/${entry.exportName}/messages/${event}` }));

const channelOf = (entry: CataloguedTopic): object => ({
  address: entry.address,
  description: entry.topic.description,
  ...(entry.address.includes('{payerId}') && { parameters: { payerId: { description: 'The insurer; each has a topic of its own and sees nothing of another' } } }),
  messages: Object.fromEntries(Object.keys(entry.topic.events).map((event) => [event, { $ref: `#/components/messages/${messageId(entry, event)}` }])),
  bindings: { kafka: { partitions: entry.topic.partitions, topicConfiguration: { 'cleanup.policy': ['delete'], 'retention.ms': entry.topic.retentionMs }, bindingVersion: '0.5.0' } },
});

const messageOf = (entry: CataloguedTopic, event: string): object => ({
  name: event,
  title: event,
  ...(entry.topic.events[event]!.description && { summary: entry.topic.events[event]!.description }),
  contentType: 'application/json',
  headers: { allOf: [{ $ref: '#/components/schemas/CloudEventHeaders' }, { type: 'object', properties: { ce_type: { const: event } } }] },
  payload: { schemaFormat: 'application/schema+json;version=draft-2020-12', schema: { $ref: `./schemas/${entry.slug}/${event}.json` } },
  bindings: { kafka: { key: { type: 'string', description: `The field ${entry.topic.keyField} of the data` }, bindingVersion: '0.5.0' } },
});

/** One `send` per publisher and one `receive` per consumer group, as the code declares them. */
const operationsOf = (entry: CataloguedTopic): readonly (readonly [string, object])[] => {
  const events = Object.keys(entry.topic.events);
  const sends = entry.publishers.map((service) => [
    `${service}.publishes.${entry.exportName}`,
    { action: 'send', title: `${service} publishes ${entry.address}`, channel: channelRef(entry), messages: messageRefs(entry, events), tags: [{ name: service }] },
  ] as const);
  const receives = entry.consumptions.map((consumption) => [
    `${consumption.group}.consumes.${entry.exportName}`,
    {
      action: 'receive',
      title: `${consumption.group} consumes ${entry.address}`,
      channel: channelRef(entry),
      messages: messageRefs(entry, consumption.handled ?? events),
      tags: [{ name: consumption.group.split('.')[0] }],
      bindings: { kafka: { groupId: { type: 'string', enum: [consumption.group] }, bindingVersion: '0.5.0' } },
    },
  ] as const);
  return [...sends, ...receives];
};

/** The whole platform's AsyncAPI 3 document as an object. */
export const asyncapiOf = (topics: readonly CataloguedTopic[], version: string): object => ({
  asyncapi: '3.0.0',
  info: {
    title: 'CareTab',
    version,
    description: 'Topics, events and who publishes and consumes them. Generated from contracts/ and the services\' code by `npm run generate`.',
    license: { name: 'Apache-2.0' },
  },
  defaultContentType: 'application/json',
  channels: Object.fromEntries(topics.map((entry) => [entry.exportName, channelOf(entry)])),
  operations: Object.fromEntries(topics.flatMap(operationsOf)),
  components: {
    messages: Object.fromEntries(topics.flatMap((entry) => Object.keys(entry.topic.events).map((event) => [messageId(entry, event), messageOf(entry, event)]))),
    schemas: { CloudEventHeaders: cloudEventHeaders },
  },
});

export const asyncapiText = (topics: readonly CataloguedTopic[], version: string): string => stringify(asyncapiOf(topics, version), { lineWidth: 0, aliasDuplicateObjects: false });
