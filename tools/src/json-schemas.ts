import { CheckRules, LinePolicyDocument, opened } from '@caretab/contracts';
import type { CataloguedTopic } from './catalogue';

export type JsonSchema = Readonly<Record<string, unknown>>;

export const schemaFolder = 'contracts/generated/schemas';

/** Where an event's schema is committed. */
export const schemaPath = (slug: string, event: string): string =>
  `${schemaFolder}/${slug}/${event}.json`;

/** Topics whose events others send us: their schemas are closed. What we publish is open. */
export const isAccepted = (slug: string): boolean => slug.startsWith('hospital.');

/** An event's data as JSON Schema 2020-12; its id does not depend on where the file lies. */
export const schemaOf = (entry: CataloguedTopic, event: string): JsonSchema => {
  const declared = JSON.parse(JSON.stringify(entry.topic.events[event])) as object;
  const plain = (isAccepted(entry.slug) ? declared : opened(declared)) as Record<string, unknown>;
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `urn:caretab:contracts:${entry.slug}:${event}`,
    title: event,
    ...plain,
  };
};

/** Path → text of every event's schema. */
export const schemaFiles = (topics: readonly CataloguedTopic[]): ReadonlyMap<string, string> =>
  new Map(
    topics.flatMap((entry) =>
      Object.keys(entry.topic.events).map(
        (event) =>
          [
            schemaPath(entry.slug, event),
            `${JSON.stringify(schemaOf(entry, event), null, 2)}\n`,
          ] as const,
      ),
    ),
  );

/** Path and text of the schema of documents that are sent to us, or put beside a service: closed. */
const documentSchema = (slug: string, title: string, schema: object): readonly [string, string] => [
  `contracts/generated/${slug}.schema.json`,
  `${JSON.stringify(
    {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: `urn:caretab:contracts:${slug}:1`,
      title,
      ...(JSON.parse(JSON.stringify(schema)) as object),
    },
    null,
    2,
  )}\n`,
];

export const documentSchemas: readonly (readonly [string, string])[] = [
  documentSchema('line-policy', 'LinePolicy', LinePolicyDocument),
  documentSchema('check-rules', 'CheckRules', CheckRules),
];
