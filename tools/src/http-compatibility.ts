import { breaks, LOOSENED, widenings } from './compatibility';
import type { JsonSchema } from './json-schemas';

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema?: JsonSchema }>>;
}
interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: JsonSchema;
}
export interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: Content & { readonly required?: boolean };
  readonly responses: Readonly<Record<string, Content>>;
}
/** As much of an OpenAPI document as compatibility is about. */
export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/**
 * What would break a client between two versions of the API, each as a sentence: a route that is
 * gone, a request that was valid and is none now, an answer that lacks what a client counts on or
 * has a value that it does not know. An additional field of an answer breaks no client.
 */
export const httpBreaks = (before: OpenApi, after: OpenApi): readonly string[] => {
  const current = operationsOf(after);
  return [...operationsOf(before)].flatMap(([route, old]) => {
    const found = current.get(route);
    return (found ? operationBreaks(old, found) : ['the route is gone']).map(
      (what) => `${route}: ${what}`,
    );
  });
};

/** `GET /v1/visits/{}` → operation: what a placeholder is called is not on the wire. */
const operationsOf = ({ paths }: OpenApi): ReadonlyMap<string, Operation> =>
  new Map(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => [
        `${method.toUpperCase()} ${path.replace(/\{[^}]*\}/g, '{}')}`,
        operation,
      ]),
    ),
  );

const operationBreaks = (before: Operation, after: Operation): readonly string[] => [
  ...parameterBreaks(before.parameters ?? [], after.parameters ?? []),
  ...bodyBreaks(before.requestBody, after.requestBody),
  ...Object.entries(before.responses)
    .filter(([status]) => status.startsWith('2'))
    .flatMap(([status, answer]) => answerBreaks(status, answer, after.responses[status])),
];

const parameterBreaks = (
  before: readonly Parameter[],
  after: readonly Parameter[],
): readonly string[] => {
  const named = (all: readonly Parameter[]): ReadonlyMap<string, Parameter> =>
    new Map(
      all.map((parameter) => [
        parameter.in === 'path'
          ? `path parameter ${all.filter((one) => one.in === 'path').indexOf(parameter) + 1}`
          : `${parameter.in} ${parameter.name}`,
        parameter,
      ]),
    );
  const [old, current] = [named(before), named(after)];
  return [
    ...[...old].flatMap(([name, { schema }]) => {
      const found = current.get(name);
      return found ? breaks(schema, found.schema, name) : [`${name} is gone`];
    }),
    ...[...current]
      .filter(([name, { required }]) => required && !old.get(name)?.required)
      .map(([name]) => `${name} is required now`),
  ];
};

const schemaOf = (content: Content | undefined): JsonSchema | undefined =>
  content?.content?.['application/json']?.schema;

/** Every request that was valid stays valid; a field that is optional now breaks no client. */
const bodyBreaks = (
  before: Operation['requestBody'],
  after: Operation['requestBody'],
): readonly string[] => {
  const [old, current] = [schemaOf(before), schemaOf(after)];
  if (current === undefined) return old ? ['the request body is gone'] : [];
  if (old === undefined) return after?.required ? ['a request body is required now'] : [];
  return [
    ...(after?.required && !before?.required ? ['the request body is required now'] : []),
    ...breaks(old, current, 'request').filter((what) => !what.endsWith(LOOSENED)),
  ];
};

/** What a client reads is still there, as it was, and holds no value that it does not know. */
const answerBreaks = (status: string, before: Content, after: Content | undefined): string[] => {
  const [old, current] = [schemaOf(before), schemaOf(after)];
  if (!after) return [`the answer ${status} is gone`];
  if (!old || !current) return old === current ? [] : [`the answer ${status} has another form`];
  const missed = / is gone$|changed its type|may only be/;
  return [
    ...breaks(old, current, `answer ${status}`).filter(
      (what) => what.endsWith(LOOSENED) || missed.test(what),
    ),
    ...widenings(old, current, `answer ${status}`),
  ];
};
